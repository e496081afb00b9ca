// The reconcile thread: waits for a reason, makes a pass, tells everybody, plans the next pass.
#include "controller/loop.hpp"

#include "base/error.hpp"
#include "controller/words.hpp"

#include <algorithm>
#include <chrono>
#include <set>

namespace vigie::controller {
namespace {

void pass(const LoopParts& parts, const Work& work) {
    for (const auto& command : work.commands) {
        parts.reconciler.rollback(command.argument);
    }
    parts.reconciler.reconcile({.remote = work.asksRemote(), .request = work.request});
}

void listen(const LoopParts& parts) {
    std::set<std::string> paths;
    for (const auto& path : parts.reconciler.watchedPaths()) {
        paths.insert(parts.files.real(path));
    }
    parts.watch(std::move(paths), parts.reconciler.watchedProjects());
}

void tellOthers(const LoopParts& parts) {
    parts.reconciler.publish();
    listen(parts);
}

void planNext(const LoopParts& parts, const Work& work) {
    const auto now = parts.clock.monotonic();
    const auto next = parts.reconciler.requeue();
    if (work.asksRemote()) {
        parts.queue.plan(Trigger::poll, now + next.poll);
        parts.reconciler.polledAt(now + next.poll);
    }
    const auto plan = [&](Trigger why, const std::optional<std::int64_t>& left) {
        left ? parts.queue.plan(why, now + *left) : parts.queue.cancel(why);
    };
    plan(Trigger::retry, next.retry);
    plan(Trigger::suspension, next.resumed);
    plan(Trigger::tunnel, next.stale);
}

/// A full disk or a database that is busy ends nothing, but nobody may think that all is well.
void tellFailure(const LoopParts& parts, const Work& work, const std::string& why) {
    constexpr std::chrono::milliseconds kAgain{10'000};
    auto before = *parts.published.get();
    before.status.host = parts.reconciler.status().host;
    parts.published.set(failedPass(before, why, parts.clock.now(), work.request));
    parts.queue.plan(Trigger::poll, parts.clock.monotonic() + kAgain.count());
}

}  // namespace

void runLoop(const LoopParts& parts) {
    constexpr double kMilliseconds = 1000;
    std::string said;  // of a pass that failed, so that what lasts is said once
    parts.queue.wake(Trigger::start);
    listen(parts);  // what was applied before is kept also while the first pass waits for the remote
    try {
        while (true) {
            const auto now = parts.clock.monotonic();
            const auto due = std::max(now, std::min(parts.queue.due(), now + 86'400'000));
            parts.watchdog.lease(std::chrono::milliseconds(due - now));
            const auto work = parts.queue.wait(parts.stop);
            parts.watchdog.lease(std::chrono::milliseconds(0));
            const auto begin = parts.clock.monotonic();
            try {
                pass(parts, work);
                planNext(parts, work);
                tellOthers(parts);
                said.clear();
            } catch (const Interrupted&) {
                if (parts.stop.raised()) {
                    throw;
                }
                parts.queue.wake(Trigger::start);  // only the host had something to say: once more
            } catch (const std::exception& error) {
                if (said != error.what()) {
                    said = error.what();
                    parts.log.error("this pass failed: " + said);
                }
                tellFailure(parts, work, error.what());
            }
            if (parts.afterPass) {
                parts.afterPass(work, static_cast<double>(parts.clock.monotonic() - begin) / kMilliseconds);
            }
        }
    } catch (const Interrupted&) {
        // What was only looking has been left at once; nothing was half done.
    }
}

}  // namespace vigie::controller
