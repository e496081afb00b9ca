// How long the reconcile thread may be silent.
#include "controller/watchdog.hpp"

#include "base/error.hpp"
#include "system/memory_processes.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::controller {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr auto kSlack = Watchdog::kSlack.count();

/// What the watchdog would see while a call lasts `takes`, asked every second.
struct Observer {
    tests::FakeClock& clock;
    const Watchdog& watchdog;
    std::int64_t aliveFor = 0;  ///< until it was not, or until the call was over

    void during(milliseconds takes) {
        aliveFor = 0;
        for (std::int64_t passed = 0; passed < takes.count(); passed += 1'000) {
            clock.milliseconds += 1'000;
            if (!watchdog.alive()) {
                return;
            }
            aliveFor += 1'000;
        }
    }
};

TEST_CASE("without a lease the slack counts, and a lease moves it", "[controller][watchdog]") {
    tests::FakeClock clock;
    Watchdog watchdog(clock);
    clock.milliseconds += kSlack;
    CHECK(watchdog.alive());
    ++clock.milliseconds;
    CHECK_FALSE(watchdog.alive());
    watchdog.lease(milliseconds(5'000));
    clock.milliseconds += 5'000 + kSlack;
    CHECK(watchdog.alive());
    ++clock.milliseconds;
    CHECK_FALSE(watchdog.alive());
}

TEST_CASE("a watchdog lease covers a ten-minute pull and expires for one that never returns",
          "[controller][watchdog]") {
    tests::FakeClock clock;
    Watchdog watchdog(clock);
    Observer observer{clock, watchdog};
    system::MemoryProcesses host;
    WatchedProcesses processes(host, watchdog);
    system::Command pull;
    pull.argv = {"docker", "pull", "prom/prometheus:v3.5.0"};
    pull.timeout = minutes(10);
    auto takes = milliseconds(pull.timeout);
    host.answer = [&](const system::Command&) {
        observer.during(takes);
        return system::ProcessResult{0, false, {}, {}};
    };
    processes.run(pull);
    CHECK(observer.aliveFor == milliseconds(minutes(10)).count());

    takes = milliseconds(minutes(60));
    processes.run(pull);
    CHECK(observer.aliveFor == milliseconds(minutes(10)).count() + kSlack);
}

TEST_CASE("after a call returns or throws, only the slack is left of its watchdog lease",
          "[controller][watchdog]") {
    tests::FakeClock clock;
    Watchdog watchdog(clock);
    const auto onlySlack = [&] {
        clock.milliseconds += kSlack;
        const bool still = watchdog.alive();
        ++clock.milliseconds;
        return still && !watchdog.alive();
    };
    system::MemoryProcesses host;
    WatchedProcesses processes(host, watchdog);
    system::Command pull;
    pull.argv = {"docker", "pull", "x"};
    pull.timeout = minutes(10);
    processes.run(pull);
    CHECK(onlySlack());
    host.answer = [](const system::Command&) -> system::ProcessResult { throw Error("cannot start docker"); };
    CHECK_THROWS_AS(processes.run(pull), Error);
    CHECK(onlySlack());

    tests::FakeHttp peer;
    WatchedHttp http(peer, watchdog);
    peer.answer = [](const system::HttpRequest&) -> system::HttpResponse { throw Error("no answer"); };
    system::HttpRequest request{"GET", "http://127.0.0.1/", {}, minutes(10)};
    CHECK_THROWS_AS(http.send(request), Error);
    CHECK(onlySlack());
    CHECK_THROWS_AS(http.sendAll({request, request}), Error);
    CHECK(onlySlack());
}

/// A service manager that does not answer.
struct SlowToDetach : system::MemoryProcesses {
    explicit SlowToDetach(Observer& watching) : observer(watching) {}
    void startDetached(const std::vector<std::string>&) override {
        observer.during(system::Command{}.timeout);
    }
    Observer& observer;
};

TEST_CASE("starting the guard takes a watchdog lease", "[controller][watchdog]") {
    tests::FakeClock clock;
    Watchdog watchdog(clock);
    Observer observer{clock, watchdog};
    SlowToDetach host(observer);
    WatchedProcesses processes(host, watchdog);
    clock.milliseconds += kSlack;  // what was promised before is used up
    processes.startDetached({"vigie-guard"});
    CHECK(observer.aliveFor == system::Command{}.timeout.count());
}

}  // namespace
}  // namespace vigie::controller
