// When the next pass is due: the one place that makes times of outcomes.
#include "controller/reconcile/requeue.hpp"

#include "controller/reconcile/steps.hpp"
#include "controller/schedule.hpp"
#include "controller/stale_due.hpp"
#include "kinds/models.hpp"

#include <algorithm>

namespace vigie::controller {
namespace {

std::int64_t untilPoll(const Context& on, const State& state, const Outcome& outcome) {
    constexpr std::int64_t kIntervals = 4;
    const auto interval = on.config.source.interval.count();
    if (outcome.result == Result::waiting) {
        return std::min(interval, kLookForPeer);
    }
    if (state.pass.remoteInterrupted) {
        constexpr std::int64_t kSoon = 2'000;  // what the host reported is looked at first
        return std::min(interval, kSoon);
    }
    if (const int failures = state.source.consecutiveFailures; failures > 0) {
        return pauseAfter(on, failures, std::min(kLongestPause, kIntervals * interval));
    }
    return withJitter(interval, on.world.random());
}

std::optional<std::int64_t> untilRetry(const Context& on, const State& state, const Outcome& outcome) {
    const auto now = on.monotonic();
    std::optional<std::int64_t> out;
    const auto atMost = [&](std::int64_t left) { out = std::min(out.value_or(left), left); };
    if (on.store.journal()) {  // also of a repair, whose pass had something else to tell
        atMost(kLookForPeer);
    }
    if (const auto believed = state.host.health.untilBelieved(now)) {
        atMost(*believed);
    }
    // The revision's own time counts as well where the pass ended before it was looked at.
    const auto& work = state.work;
    const auto revision =
        work.commit == state.tip && work.verdict != Verdict::none ? work.backOff.retryAt : 0;
    for (const auto at : {outcome.comeAgainAt, revision, state.repair.retryAt}) {
        if (at > now) {
            atMost(at - now);
        }
    }
    return out;
}

std::optional<std::int64_t> untilStaleOn(const ObservedHost& host) {
    std::optional<std::int64_t> out;
    if (!host.desired || !host.comparison) {
        return out;
    }
    for (const auto& resource : host.desired->desired) {
        const auto* wireguard = kinds::tunnelOf(resource);
        const auto it = host.comparison->observed.wireguard.find(resource.id);
        if (wireguard != nullptr && it != host.comparison->observed.wireguard.end()) {
            out = untilStale(*wireguard, it->second);
        }
    }
    return out;
}

std::optional<std::int64_t> untilResumed(const Context& on) {
    const auto until = on.store.suspendedUntil();
    return until == 0 ? std::nullopt : std::optional(std::max<std::int64_t>(1, until - on.now()));
}

}  // namespace

Requeue requeueAfter(const Context& on, const State& state, const Outcome& outcome) {
    return {.poll = untilPoll(on, state, outcome),
            .retry = untilRetry(on, state, outcome),
            .resumed = untilResumed(on),
            .stale = untilStaleOn(state.host)};
}

}  // namespace vigie::controller
