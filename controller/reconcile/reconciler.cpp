// The reconciler: an ordered list of steps over what is remembered, and one place that makes conditions and
// times of their outcomes.
#include "controller/reconcile/reconciler.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "controller/containers.hpp"
#include "controller/reconcile/rollback.hpp"
#include "controller/reconcile/steps.hpp"
#include "controller/reconcile/watched.hpp"
#include "controller/topology.hpp"
#include "controller/words.hpp"

#include <array>
#include <utility>

namespace vigie::controller {
namespace {

/// Whether somebody should hear of it.
bool isFailure(Result result) {
    switch (result) {
        case Result::sourceFailed:
        case Result::untrusted:
        case Result::invalidDocument:
        case Result::failed:
        case Result::refused:
        case Result::blockedTooLong:
        case Result::quarantined:
            return true;
        case Result::starting:
        case Result::converged:
        case Result::pending:
        case Result::unapproved:
        case Result::waiting:
        case Result::blocked:
        case Result::suspended:
            return false;
    }
    return false;
}

/// For people; nothing is decided by it.
std::optional<RevisionNote> noteOf(const Context& on, const std::string& revision) {
    constexpr std::int64_t kMilliseconds = 1000;
    const auto about = on.world.source.describe(revision);
    return about ? std::optional(RevisionNote{.revision = revision,
                                              .subject = about->subject,
                                              .author = about->author,
                                              .time = about->time * kMilliseconds})
                 : std::nullopt;
}

std::optional<Waiting> waitingChange(const Context& on) {
    const auto journal = on.store.journal();
    if (!journal || journal->state != state::JournalState::armed) {
        return std::nullopt;
    }
    const auto& clock = on.world.looking.clock;
    // Without a deadline it waits until somebody decides; that of another start of the machine is over.
    const bool counts = journal->deadline != 0 && journal->bootId == clock.bootId();
    constexpr std::int64_t kSecond = 1000;  // looks at it may differ by the time between two clocks
    const auto at = clock.now() + journal->deadline - clock.sinceBoot();
    return Waiting{.revision = journal->revision,
                   .deadline = counts ? (at + kSecond / 2) / kSecond * kSecond : 0};
}

/// Why the plan is not that of what the branch has now; empty: it is.
std::string planNote(const Status& status, const State& state) {
    const std::string shown = shortRevision(state.plan.plan->revision);
    if (state.plan.plan->revision != state.tip) {
        const auto* ready = find(status.conditions, ConditionType::ready);
        return "this is not the plan of the tip " + shortRevision(state.tip) + " (" + toText(ready->reason) +
               "), but of revision " + shown;
    }
    return state.source.problem.empty()
               ? ""
               : "the remote does not answer: this is the plan of the last revision that was seen, " + shown;
}

}  // namespace

Outcome Reconciler::runSteps() {
    static constexpr std::array kSteps = {&recoverTransaction, &askRemote, &fetchTip, &loadTip, &converge};
    for (const auto& step : kSteps) {
        if (auto ended = step(context_, state_)) {
            return *std::move(ended);
        }
    }
    return {};
}

void Reconciler::conclude(Outcome outcome) {
    outcome_ = std::move(outcome);
    if (isFailure(outcome_.result) && outcome_.novelty == Novelty::news) {
        context_.narrator.failure(toText(reasonOf(outcome_.result)), outcome_.message);
    }
}

void Reconciler::keepHostAsApplied() {
    try {
        keepApplied(context_, state_, outcome_);
    } catch (const Error& error) {  // what is wrong with the tip is worse, and stays what is told
        const std::string story = "drift is not repaired: " + withHint(error);
        context_.narrator.error(story);
        outcome_.message += "\nand " + story;
    }
}

void Reconciler::reconcile(const PassRequest& request) {
    context_.store.mend();  // nothing is decided without memory
    state_.pass = {.request = request};
    context_.report.begin();
    try {
        conclude(runSteps());
        keepHostAsApplied();
    } catch (const Error& error) {
        conclude({.result = Result::failed, .message = withHint(error)});
    } catch (const std::exception& error) {
        conclude({.result = Result::failed, .message = error.what()});
    }
    observeAnyway(context_, state_);
    summarise();
}

void Reconciler::summarise() {
    auto& on = context_;
    Status told = on.report.status();
    if (!on.world.stop.raised()) {
        told.tip = noteOf(on, state_.tip);
        told.applied = noteOf(on, on.store.lastAppliedRevision());
    }
    if (!state_.tip.empty()) {
        try {
            told.observedGeneration = on.store.observe(state_.tip);
        } catch (const Error& error) {
            on.narrator.error(withHint(error));
        }
    }
    told.stack = state_.desired.stack;
    told.contactAt = state_.source.contactAt;
    told.lastAttemptedRevision = state_.tip;
    told.lastHandledRequest = state_.pass.request.request;
    told.suspended = suspended(on).value_or("");
    told.waiting = waitingChange(on);
    on.report.end({.outcome = outcome_, .trust = state_.work.trust, .health = state_.pass.health},
                  std::move(told));
}

void Reconciler::rollback(const std::string& to) {
    rollBack(context_, state_, to);
}

void Reconciler::polledAt(std::int64_t at) {
    context_.report.nextPollAt(context_.now() + at - context_.monotonic());
}

void Reconciler::publish() {
    context_.world.published.set(snapshot());  // first: whoever reads the file may ask for more
    context_.report.write();
}

Snapshot Reconciler::snapshot() const {
    const auto& report = context_.report;
    const auto* desired = state_.host.desired ? &*state_.host.desired : nullptr;
    const auto* comparison = state_.host.comparison ? &*state_.host.comparison : nullptr;
    Snapshot out{.status = report.status(),
                 .containers = {.json = containersJson(desired, comparison), .ids = containerIds(comparison)},
                 .history = report.history()};
    if (state_.plan.plan) {
        out.plan = publishedPlan(*state_.plan.plan, state_.plan.waits, planNote(out.status, state_));
    }
    if (const auto& stack = state_.desired.latestStack) {
        out.topology = topology(*stack, context_.config.host, desired, comparison,
                                state_.pass.health.downTargets, state_.host.others.answers());
    }
    return out;
}

std::vector<std::string> Reconciler::watchedPaths() const {
    return controller::watchedPaths(context_, state_);
}

std::set<std::string> Reconciler::watchedProjects() const {
    return controller::watchedProjects(state_);
}

}  // namespace vigie::controller
