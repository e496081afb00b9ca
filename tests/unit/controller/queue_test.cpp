// Where the threads of the controller meet.
#include "controller/queue.hpp"

#include "apply/transaction/suspension.hpp"
#include "base/error.hpp"
#include "state/store.hpp"
#include "system/real_clock.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <atomic>
#include <thread>
#include <vector>

namespace vigie::controller {
namespace {

TEST_CASE("queued work is taken at once, with all reasons and commands queued with it",
          "[controller][queue]") {
    const tests::FakeClock clock;
    const system::Stop stop;
    Queue queue(clock);
    queue.wake(Trigger::webhook);
    CHECK(queue.request() == 1);
    CHECK(queue.post({Command::What::rollback, "7"}) == 2);
    const auto work = queue.wait(stop);
    CHECK(work.reasons() == "webhook, request");
    CHECK(work.asksRemote());
    CHECK(work.request == 2);
    REQUIRE(work.commands.size() == 1);
    CHECK(work.commands[0].argument == "7");
}

TEST_CASE("a planned time that has come is work", "[controller][queue]") {
    tests::FakeClock clock;
    const system::Stop stop;
    Queue queue(clock);
    queue.plan(Trigger::poll, clock.monotonic() + 60'000);
    CHECK(queue.due() == clock.monotonic() + 60'000);
    clock.milliseconds += 60'000;
    CHECK(queue.wait(stop).reasons() == "interval");
}

TEST_CASE("the end of a suspension triggers a reconcile unless the host was resumed before",
          "[controller][queue]") {
    tests::FakeClock clock;
    const system::Stop stop;
    Queue queue(clock);
    const tests::TemporaryDirectory directory;
    auto store = state::Store::open(directory.path + "/state.db");
    const auto asked = apply::suspensionFor("a test", "2h", clock.now());
    store.suspend(asked.why, asked.until);
    queue.plan(Trigger::suspension, clock.monotonic() + asked.until - clock.now());
    queue.plan(Trigger::poll, clock.monotonic() + 60'000);
    clock.milliseconds += 60'000;
    CHECK(queue.wait(stop).reasons() == "interval");
    CHECK_FALSE(store.endSuspension(clock.now()));
    clock.milliseconds += 7'140'000;
    const auto work = queue.wait(stop);
    CHECK(work.reasons() == "suspension");
    CHECK(work.asksRemote());
    CHECK(store.endSuspension(clock.now()));
    CHECK_FALSE(store.suspended());

    queue.plan(Trigger::suspension, clock.monotonic() + 1'000);
    queue.plan(Trigger::poll, clock.monotonic() + 2'000);
    queue.cancel(Trigger::suspension);
    clock.milliseconds += 2'000;
    CHECK(queue.wait(stop).reasons() == "interval");
}

TEST_CASE("a waiting thread is woken by work from another thread and by a stop", "[controller][queue]") {
    const system::RealClock clock;
    const system::Stop stop;
    Queue queue(clock);
    std::thread other([&] { queue.wake(Trigger::files); });
    CHECK(queue.wait(stop).reasons() == "files");
    other.join();
    std::thread stopper([&] { stop.raise(); });
    CHECK_THROWS_AS(queue.wait(stop), Interrupted);
    stopper.join();
}

TEST_CASE("reasons queued by many threads at once are all taken", "[controller][queue]") {
    const system::RealClock clock;
    const system::Stop stop;
    Queue queue(clock);
    constexpr int kThreads = 4;
    constexpr int kEach = 500;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
            for (int j = 0; j < kEach; ++j) {
                queue.request();
                queue.wake(Trigger::files);
            }
        });
    }
    std::int64_t seen = 0;
    while (seen < kThreads * kEach) {
        const auto work = queue.wait(stop);
        CHECK(work.request >= seen);
        seen = work.request;
    }
    for (auto& thread : threads) {
        thread.join();
    }
    CHECK(seen == kThreads * kEach);
}

TEST_CASE("a fetch is interrupted by events of the host, not by webhooks or requests",
          "[controller][queue]") {
    tests::FakeClock clock;
    system::Stop stop;
    Queue queue(clock);
    queue.follow(stop);
    queue.wake(Trigger::webhook);
    queue.request();
    CHECK_FALSE(queue.hostEvent().raised());
    queue.wake(Trigger::files);
    CHECK(queue.hostEvent().raised());
    clock.milliseconds += 1000;
    queue.wait(stop);
    CHECK_FALSE(queue.hostEvent().raised());
    stop.raise();
    CHECK(queue.hostEvent().raised());
    CHECK_THROWS_AS(queue.hostEvent().check(), Interrupted);
}

}  // namespace
}  // namespace vigie::controller
