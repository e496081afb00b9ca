#include "controller/loop.hpp"

#include "base/error.hpp"
#include "controller/words.hpp"

#include <algorithm>
#include <chrono>
#include <set>

namespace vigie::controller {
namespace {

void look(const LoopParts& parts, const Work& work) {
    for (const auto& command : work.commands) {
        parts.reconciler.rollback(command.argument);
    }
    parts.reconciler.reconcile({work.asksRemote(), work.request});
}

void listen(const LoopParts& parts) {
    std::set<std::string> paths;
    for (const auto& path : parts.reconciler.watchedPaths()) {
        paths.insert(parts.files.real(path));
    }
    parts.watch.look(std::move(paths), parts.reconciler.watchedProjects());
}

void tellOthers(const LoopParts& parts) {
    parts.reconciler.publish();
    listen(parts);
}

void planNext(const LoopParts& parts, const Work& work) {
    const auto now = parts.clock.monotonic();
    if (work.asksRemote()) {
        const auto at = now + parts.reconciler.untilPoll();
        parts.queue.plan(Trigger::poll, at);
        parts.reconciler.polledAt(at);
    }
    if (const auto retry = parts.reconciler.untilRetry()) {
        parts.queue.plan(Trigger::retry, now + *retry);
    } else {
        parts.queue.cancel(Trigger::retry);
    }
    if (const auto resumed = parts.reconciler.untilResumed()) {
        parts.queue.plan(Trigger::suspension, now + *resumed);
    } else {
        parts.queue.cancel(Trigger::suspension);
    }
    if (const auto silent = parts.reconciler.untilSilent()) {
        parts.queue.plan(Trigger::tunnel, now + *silent);
    } else {
        parts.queue.cancel(Trigger::tunnel);
    }
}

}  // namespace

void runLoop(const LoopParts& parts) {
    constexpr std::chrono::milliseconds kAgain{10'000};
    constexpr double kMilliseconds = 1000;
    std::string said;  // of a look that failed, so that what lasts is said once
    parts.queue.wake(Trigger::start);
    listen(parts);  // what was applied before is kept also while the first look waits for the remote
    try {
        while (true) {
            const auto now = parts.clock.monotonic();
            const auto due = std::max(now, std::min(parts.queue.due(), now + 86'400'000));
            parts.beat.promise(std::chrono::milliseconds(due - now));
            const auto work = parts.queue.wait(parts.stop);
            parts.beat.promise(std::chrono::milliseconds(0));
            const auto begin = parts.clock.monotonic();
            try {
                look(parts, work);
                planNext(parts, work);
                tellOthers(parts);
                said.clear();
            } catch (const Interrupted&) {
                if (parts.stop.raised()) {
                    throw;
                }
                parts.queue.wake(Trigger::start);  // only the host had something to say: once more
            } catch (const std::exception& error) {
                // A full disk or a database that is busy ends nothing, but nobody may think that all is well.
                if (said != error.what()) {
                    said = error.what();
                    parts.log.error("this look failed: " + said);
                }
                auto before = *parts.published.get();
                before.status.host = parts.reconciler.status().host;
                parts.published.set(failedLook(before, error.what(), parts.clock.now(), work.request));
                parts.queue.plan(Trigger::poll, parts.clock.monotonic() + kAgain.count());
            }
            if (parts.looked) {
                parts.looked(work, static_cast<double>(parts.clock.monotonic() - begin) / kMilliseconds);
            }
        }
    } catch (const Interrupted&) {
        // What was only looking has been left at once; nothing was half done.
    }
}

}  // namespace vigie::controller
