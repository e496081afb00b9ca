// An hour of the whole loop in virtual time: queue, schedule, watch, passes, watchdog.
#include "controller/loop.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/controller/reconcile/controller_host.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>

namespace vigie::controller {
namespace {

using tests::commit;

/// A loop whose waiting lets time pass, up to the next event of a script.
class VirtualLoop {
    tests::ControllerHost& on_;
    std::int64_t begin_;

public:
    explicit VirtualLoop(tests::ControllerHost& on) : on_(on), begin_(on.host.clock.milliseconds) {}

    /// Happens at that second.
    void at(std::int64_t second, std::function<void()> what) { script_.emplace(second, std::move(what)); }

    /// Runs until that second. A controller that ends for a new configuration is followed by another one.
    void runUntil(std::int64_t second) {
        end_ = second;
        while (now() < second) {
            system::Stop ending;
            ending_ = &ending;
            runLoop({.queue = queue,
                     .published = on_.published,
                     .watchdog = watchdog_,
                     .reconciler = *on_.reconciler,
                     .files = on_.host.files,
                     .clock = on_.host.clock,
                     .stop = ending,
                     .log = on_.log,
                     .watch = [this](auto paths, auto /*projects*/) { watched = std::move(paths); },
                     .afterPass = [this](const Work& work, double) { note(work); }});
            if (reloads_) {
                reloads_ = false;
                on_.start();
                trace.push_back(std::to_string(now()) + " restarted");
            }
        }
    }
    void reload() {
        reloads_ = true;
        queue.wake(Trigger::reload);
    }

    Queue queue{on_.host.clock, 0, [this](int, int, std::chrono::milliseconds time) { pass(time); }};
    std::set<std::string> watched;
    std::vector<std::string> trace;  ///< `SECOND reasons: Ready's reason, what was done`
    std::int64_t longestWait = 0;
    int passes = 0;

private:
    [[nodiscard]] std::int64_t now() const { return (on_.host.clock.milliseconds - begin_) / 1000; }

    void pass(std::chrono::milliseconds time) {
        CHECK(watchdog_.alive());
        longestWait = std::max<std::int64_t>(longestWait, time.count());
        const auto until = on_.host.clock.milliseconds + time.count();
        const auto next = script_.begin();
        if (next != script_.end() && begin_ + next->first * 1000 <= until) {
            on_.host.clock.milliseconds = std::max(on_.host.clock.milliseconds, begin_ + next->first * 1000);
            const auto what = std::move(next->second);
            script_.erase(next);
            what();
        } else if (until >= begin_ + end_ * 1000) {
            on_.host.clock.milliseconds = begin_ + end_ * 1000;
            ending_->raise();
        } else {
            on_.host.clock.milliseconds = until;
        }
    }

    /// Passes that found nothing new are not in the trace.
    void note(const Work& work) {
        std::string done;
        const auto events = on_.events.list();
        for (const char* reason : {"Fetched", "Drift", "Applied", "DriftRepaired", "WaitingForHosts"}) {
            const auto count = on_.told(reason);
            done += count != told_[reason] ? std::string(", ") + reason : "";
            told_[reason] = count;
        }
        const std::string ready = on_.ready();
        if (!done.empty() || ready != ready_) {
            trace.push_back(std::to_string(now()) + " " + work.reasons() + ": " + ready + done);
        }
        ready_ = ready;
        ++passes;
        if (reloads_) {
            ending_->raise();
        }
    }

    std::int64_t end_ = 0;
    Watchdog watchdog_{on_.host.clock};
    std::multimap<std::int64_t, std::function<void()>> script_;
    std::map<std::string, std::size_t> told_;
    std::string ready_;
    const system::Stop* ending_ = nullptr;
    bool reloads_ = false;
};

TEST_CASE("an hour of pushes, drift, a failing remote, a late peer and a reload is done in virtual time",
          "[controller][loop]") {
    const auto realBegin = std::chrono::steady_clock::now();
    tests::ControllerHost on("loopback", "vm");
    on.config.apply.activate = "all";
    on.start();
    on.document.stack.rollout = {"vps", "vm"};
    on.document.stack.rolloutTimeout = "30m";
    on.documents[commit('a')] = on.document;
    const auto peerAt = [&](char letter) {
        on.http.peers["127.66.66.1"] = tests::wellAt("vps", commit(letter));
    };
    peerAt('a');
    VirtualLoop loop(on);
    // A push that nobody announces, and one that a webhook does.
    loop.at(70, [&] {
        on.push('b', on.changed("40s"));
        peerAt('b');
    });
    loop.at(300, [&] {
        on.push('c', on.changed("41s"));
        peerAt('c');
        loop.queue.wake(Trigger::webhook);
    });
    // Drift by hand.
    loop.at(400, [&] {
        REQUIRE(loop.watched.count(on.managedFile()) == 1);
        on.breakFile();
        loop.queue.wake(Trigger::files);
    });
    // A remote that fails for ten minutes, and drift meanwhile.
    loop.at(610, [&] { on.source.problem = "connection refused"; });
    loop.at(800, [&] {
        on.breakFile();
        loop.queue.wake(Trigger::files);
    });
    loop.at(1210, [&] { on.source.problem.clear(); });
    // The other host comes first, and is late.
    loop.at(1750, [&] { on.push('d', on.changed("42s")); });
    loop.at(2350, [&] { peerAt('d'); });
    // A document with mistakes, and its correction that an operator asks for.
    loop.at(2500, [&] { on.pushInvalid('e'); });
    loop.at(2700, [&] {
        on.push('f', on.changed("43s"));
        peerAt('f');
        loop.queue.request();
    });
    // SIGHUP.
    loop.at(3000, [&] { loop.reload(); });
    loop.runUntil(3600);

    // The first pass takes ten seconds of the clock: containers must stay up for so long.
    const std::vector<std::string> expected{
        "10 start: Converged, Fetched, Applied",
        "70 interval, tunnel: Converged, Fetched, Applied",
        "300 webhook: Converged, Fetched, Applied",
        "400 files: Converged, Drift, DriftRepaired",
        "660 interval, tunnel: SourceFailed",
        "800 files: SourceFailed, Drift, DriftRepaired",
        "1320 interval, tunnel: Converged",
        "1800 interval, tunnel: WaitingForHosts, Fetched, WaitingForHosts",
        "2400 interval, tunnel: Converged, Applied",
        "2520 interval, tunnel: InvalidDocument, Fetched",
        "2700 interval, request, tunnel: Converged, Fetched, Applied",
        "3000 restarted",
    };
    CHECK(loop.trace == expected);
    CHECK(on.store.lastAppliedRevision() == commit('f'));
    CHECK(loop.passes == 63);
    CHECK(loop.longestWait == 60'000);
    // Nothing has really waited: the hour took as long as its work.
    CHECK(std::chrono::steady_clock::now() - realBegin < std::chrono::minutes(3));
}

}  // namespace
}  // namespace vigie::controller
