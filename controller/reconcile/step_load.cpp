// The step that reads the tip's document and renders this host of it.
#include "apply/inputs/desired_state.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "controller/reconcile/failure.hpp"
#include "controller/reconcile/steps.hpp"
#include "controller/words.hpp"
#include "spec/format.hpp"

#include <memory>
#include <utility>

namespace vigie::controller {
namespace {

/// Keys may be made while the controller runs; what was rendered without them is of no use then. Programs
/// that run as in 0.1 may have to move, should a container be made anew.
bool isRendered(const Context& on, const State& state) {
    const auto& tip = state.desired.tip;
    const auto keys = apply::keyPaths(on.config.state, {});
    return tip && tip->revision == state.tip &&
           tip->options.masked != on.world.looking.files.inspect(keys.identity).exists() &&
           tip->keptUsers.empty();
}

Outcome invalid(State& state, Novelty novelty) {
    return {.result = Result::invalidDocument, .message = state.work.why, .novelty = novelty};
}

Outcome cannotLoad(Context& on, State& state, const Error& error) {
    switch (dispositionOf(error)) {
        case Disposition::invalid:
            state.work.verdict = Verdict::invalid;
            state.work.why = withHint(error);
            on.store.record(state::Attempt{.time = on.now(),
                                           .revision = state.tip,
                                           .result = state::AttemptResult::refused,
                                           .message = error.what()});
            return invalid(state, Novelty::news);
        case Disposition::unreadable:
            return backOff(on, state, error);
        case Disposition::retry:
        case Disposition::retrySoon:
        case Disposition::stalled:
        case Disposition::rejected:
            break;
    }
    return {.result = Result::failed, .message = withHint(error)};  // a matter of this host: no pause
}

}  // namespace

apply::DesiredState desiredAt(Context& on, State& state, const std::string& revision) {
    auto& source = on.world.source;
    const std::string tree = on.world.looking.files.real(source.treeOf(revision));
    if (on.world.tryReading && revision != state.desired.readOnTrial) {
        on.world.tryReading(tree);
        state.desired.readOnTrial = revision;
    }
    const auto loaded = on.world.load(tree);
    if (!loaded.usable()) {
        throw InvalidDocument(
            "the document of revision " + shortRevision(revision) + " has mistakes:\n" +
            spec::formatTold(loaded.diagnostics, loaded.sources, false,
                             [&](const std::string& file) { return source.inRepository(file, revision); }));
    }
    auto stack = std::make_shared<spec::Stack>(loaded.document->stack);
    stack->indexNames();
    const auto* self = stack->host(on.config.host);
    if (self == nullptr) {
        throw InvalidDocument("the document of revision " + shortRevision(revision) + " has no host `" +
                                  on.config.host + "`; nothing is removed here",
                              "add the host to the document, or correct `host` in this machine's vigie.yaml");
    }
    if (revision == state.tip) {  // counts also where it cannot be rendered
        on.store.setSuspendedByDocument(stack->suspendedBy(*self));
    }
    state.desired.latestStack = std::move(stack);
    return apply::makeDesiredState(loaded,
                                   {.host = on.config.host,
                                    .revision = revision,
                                    .stateDirectory = on.config.state,
                                    .tryOut = on.config.root != "/",
                                    .options = planOptions(on.config)},
                                   on.store.inventory(), on.world.looking);
}

bool loadApplied(Context& on, State& state) {
    auto& desired = state.desired;
    const std::string revision = on.store.lastAppliedRevision();
    const std::string tunnel = on.store.heldTunnel();
    if (desired.applied && desired.applied->revision == revision && desired.appliedTunnel == tunnel &&
        desired.applied->keptUsers.empty()) {
        return true;
    }
    auto& source = on.world.source;
    if (!source.restore(revision) || (!tunnel.empty() && !source.restore(tunnel))) {
        return false;
    }
    desired.applied = desiredAt(on, state, revision);
    desired.stack = desired.applied->stack;
    if (!tunnel.empty()) {
        desired.applied = apply::withTunnelOf(desiredAt(on, state, tunnel), *desired.applied);
    }
    desired.appliedTunnel = tunnel;
    return true;
}

Step loadTip(Context& on, State& state) {
    if (state.work.verdict == Verdict::invalid) {
        return invalid(state, state.pass.request.remote ? Novelty::news : Novelty::known);
    }
    if (isRendered(on, state)) {
        return std::nullopt;
    }
    if (state.work.verdict == Verdict::unreadable && state.work.pauses(on.monotonic())) {
        return pausing(state);  // each attempt takes its time, and drift does not wait for it
    }
    state.desired.tip.reset();
    if (state.work.verdict == Verdict::unreadable) {
        state.work.verdict = Verdict::none;
    }
    try {
        state.desired.tip = desiredAt(on, state, state.tip);
    } catch (const Error& error) {
        return cannotLoad(on, state, error);
    }
    state.desired.tipStack = state.desired.latestStack;
    state.desired.stack = state.desired.tip->stack;
    return std::nullopt;
}

}  // namespace vigie::controller
