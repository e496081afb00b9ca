// The steps that ask the remote for its tip, and bring it.
#include "base/error.hpp"
#include "base/text.hpp"
#include "controller/reconcile/steps.hpp"
#include "controller/words.hpp"

#include <algorithm>
#include <filesystem>

namespace vigie::controller {
namespace {

/// A remote that is given up once is waited for the next time, so that a busy host still hears of news; but
/// only for so long.
Patience patienceNow(const Context& on, const State& state, std::chrono::milliseconds longest) {
    const bool interruptible = on.monotonic() >= state.source.uninterruptibleUntil;
    const auto timeout = on.config.source.timeout;
    return {.interruptible = interruptible, .timeout = interruptible ? timeout : std::min(timeout, longest)};
}

/// Goes on with what is known, if that was good when the remote was asked last.
Step withoutRemote(State& state) {
    if (state.source.problem.empty() && !state.tip.empty()) {
        return std::nullopt;
    }
    return sourceFailure(
        state, state.source.problem.empty() ? "the remote has not answered yet" : state.source.problem,
        Novelty::known);
}

/// The host has something to say and the remote takes its time.
Step giveUpRemote(Context& on, State& state) {
    on.world.stop.check();
    state.pass.remoteInterrupted = true;
    state.source.uninterruptibleUntil = on.monotonic() + on.config.source.interval.count();
    return withoutRemote(state);
}

Step remoteFailed(State& state, const Error& error) {
    ++state.source.consecutiveFailures;
    state.source.problem = withHint(error);
    return sourceFailure(state, state.source.problem, Novelty::news);
}

/// The commit that a tip must descend from; empty before the first apply out of git.
std::string baseRevision(const Context& on) {
    if (std::string applied = on.store.lastAppliedRevision(); !applied.empty()) {
        return applied;
    }
    for (const auto& generation : on.store.generations()) {  // a directory, which has none, may be applied
        if (!generation.revision.empty()) {
            return generation.revision;
        }
    }
    return {};
}

/// The tip that need not descend from it, because the operator named it; or empty. It is forgotten as soon as
/// that one is applied, or another one is followed: nobody has looked at that.
std::string allowedRewind(Context& on, const State& state) {
    std::string named = on.store.allowedRewind();
    if (named.empty()) {
        return named;
    }
    const bool applied = on.store.lastAppliedRevision() == state.tip;
    if (!applied && isRevision(state.tip, named)) {
        return named;
    }
    if (!state.pass.metrics.answered) {
        return {};  // what the remote has now was not seen
    }
    on.store.allowRewind("");
    if (!applied) {
        on.narrator.warning("RewindNotUsed", "`vigie reconcile --allow-rewind` named revision " +
                                                 shortRevision(named) + ", and the tip is " +
                                                 shortRevision(state.tip) + ": it counts for nothing");
    }
    return {};
}

/// Nothing of such a revision is looked at; the host stays at what is applied.
Step refuse(Context& on, State& state, const trust::Untrusted& error) {
    const auto reason = reasonOf(error.reason());
    const std::string message = "revision " + shortRevision(state.tip) + ": " + withHint(error);
    state.work.trust = {
        .status = reason == Reason::signersUnusable ? ConditionStatus::unknown : ConditionStatus::no,
        .reason = reason,
        .message = message};
    state.desired.tip.reset();  // it may have been trusted before
    state.desired.tipStack.reset();
    state.plan.plan.reset();
    if (on.narrator.isNews(Subject::refusal, state.tip + toText(reason))) {
        on.store.record(state::Attempt{.time = on.now(),
                                       .revision = state.tip,
                                       .result = state::AttemptResult::refused,
                                       .message = error.what()});
    }
    return Outcome{.result = Result::untrusted, .message = message};
}

}  // namespace

Outcome sourceFailure(State& state, const std::string& problem, Novelty novelty) {
    state.pass.sourceFailed = true;
    return {.result = Result::sourceFailed, .message = problem, .novelty = novelty};
}

Step askRemote(Context& on, State& state) {
    if (!state.pass.request.remote) {
        return withoutRemote(state);
    }
    state.pass.metrics.asked = true;
    try {
        constexpr std::chrono::milliseconds kForAnAnswer{10'000};
        follow(state, on.world.source.ask(patienceNow(on, state, kForAnAnswer)));
    } catch (const Interrupted&) {
        return giveUpRemote(on, state);
    } catch (const Error& error) {
        return remoteFailed(state, error);
    }
    state.pass.metrics.answered = true;
    state.source.contactAt = on.now();
    state.source.consecutiveFailures = 0;
    state.source.problem.clear();
    return std::nullopt;
}

Step fetchTip(Context& on, State& state) {
    auto& source = on.world.source;
    try {
        // There is something to be had: that may take its time.
        const bool fetched = source.bring(baseRevision(on), allowedRewind(on, state),
                                          patienceNow(on, state, on.config.source.timeout));
        follow(state, source.tip());
        state.work.trust = source.trust();
        if (fetched) {
            const auto signer = source.signer();
            on.narrator.normal("Fetched", "fetched revision " + shortRevision(state.tip) +
                                              (signer.empty() ? "" : ", signed by " + signer));
        }
    } catch (const trust::Untrusted& error) {
        follow(state, source.tip());
        return refuse(on, state, error);
    } catch (const Interrupted&) {
        state.tip.clear();  // nothing that was in hand may stand in for what was not looked at
        return giveUpRemote(on, state);
    } catch (const Error& error) {
        return remoteFailed(state, error);
    } catch (const std::filesystem::filesystem_error& error) {  // of this host: the remote has answered
        return sourceFailure(state, error.what(), Novelty::news);
    }
    on.narrator.forget(Subject::refusal);
    return std::nullopt;
}

}  // namespace vigie::controller
