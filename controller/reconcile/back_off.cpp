// What happens to a revision that does not work: it is tried again after a pause, which grows.
#include "base/error.hpp"
#include "base/text.hpp"
#include "controller/reconcile/failure.hpp"
#include "controller/reconcile/steps.hpp"
#include "controller/schedule.hpp"
#include "controller/words.hpp"

namespace vigie::controller {

std::int64_t pauseAfter(const Context& on, int failures, std::int64_t longest) {
    return backoff(on.config.source.retryInterval.count(), longest, failures, on.world.random());
}

std::int64_t pauseAfter(const Context& on, const Error& error, int failures) {
    constexpr int kMoves = 5;
    constexpr std::int64_t kMoment = 500;
    return dispositionOf(error) == Disposition::retrySoon && failures <= kMoves
               ? kMoment
               : pauseAfter(on, failures, kLongestPause);
}

Outcome pausing(const State& state) {
    return {.result = state.work.failedAs,
            .message = state.work.why,
            .comeAgainAt = state.work.backOff.retryAt,
            .novelty = Novelty::known,
            .reason = state.work.reason};
}

Outcome backOff(Context& on, State& state, const Error& error) {
    auto& work = state.work;
    const auto disposition = dispositionOf(error);
    work.verdict = disposition == Disposition::unreadable ? Verdict::unreadable : Verdict::failed;
    work.failedAs = disposition == Disposition::stalled ? Result::refused : Result::failed;
    work.reason = reasonOf(error);
    work.why = "revision " + shortRevision(state.tip) + ": " + withHint(error);
    ++work.backOff.failures;
    work.backOff.retryAt = on.monotonic() + pauseAfter(on, error, work.backOff.failures);
    auto out = pausing(state);
    out.novelty = Novelty::news;
    return out;
}

}  // namespace vigie::controller
