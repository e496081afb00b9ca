// How a transaction ends: recorded, armed, or taken back.

#include "apply/containers.hpp"
#include "apply/engine.hpp"
#include "apply/owned.hpp"
#include "apply/proof.hpp"
#include "apply/recover.hpp"
#include "apply/rejected.hpp"
#include "apply/run.hpp"
#include "plan/containers.hpp"
#include "plan/print.hpp"

#include <algorithm>

namespace vigie::apply {

using plan::Change;

/// A directory that renders to what is applied of a commit does not take that commit's place.
bool Run::isAppliedCommit() const {
    return target_.revision.empty() && !settings_.uninstall && store_.lastRenderDigest() == renderDigest_ &&
           !store_.lastAppliedRevision().empty();
}

state::Applied Run::applied() const {
    const bool commit = isAppliedCommit();
    state::Applied out;
    out.stack = target_.stack;
    out.host = target_.host;
    out.revision = commit ? store_.lastAppliedRevision() : target_.revision;
    out.renderDigest = renderDigest_;
    out.inventory = inventory_;
    if (!target_.bundle.empty() && !commit) {  // of the commit the document is kept already
        out.generation = state::generationName(out.revision, out.renderDigest);
    }
    const bool repaired = store_.lastRenderDigest() == renderDigest_ && !plan_.empty();
    out.attempt = {system_.clock.now(), out.revision,
                   settings_.uninstall ? state::AttemptResult::uninstalled
                   : repaired          ? state::AttemptResult::repaired
                                       : state::AttemptResult::applied,
                   settings_.story, planText()};
    return out;
}

/// What history keeps of the plan; it has no secrets.
std::string Run::planText() const {
    return plan_.empty() ? "" : toText(plan_, false, plan::Unchanged::hide);
}

bool Run::nothingHappened() const {
    return store_.lastRenderDigest() == renderDigest_ && inventory_ == before_ &&
           (store_.lastAppliedRevision() == target_.revision || isAppliedCommit());
}

/// A change of the tunnel was taken back a moment ago for want of a peer: that no session lives yet does not
/// mean that there is nothing to lose.
bool Run::waitedJustNow() const {
    constexpr std::int64_t kSessionMs = 180'000;
    const auto history = store_.history(1);
    const bool tunnel = std::any_of(plan_.changes.begin(), plan_.changes.end(), [](const Change& change) {
        return kindOf(change.id) == "wireguard" && change.acts();
    });
    return tunnel && store_.lastRenderDigest() != renderDigest_ && !history.empty() &&
           history.front().result == state::AttemptResult::waitingForPeer &&
           system_.clock.now() - history.front().time < kSessionMs;
}

std::vector<std::string> Run::everyPeer() const {
    std::vector<std::string> out;
    for (const auto& resource : target_.desired) {
        if (const auto* wireguard = std::get_if<render::WireguardInterface>(&resource.what)) {
            for (const auto& peer : wireguard->peers) {
                out.push_back(peer.publicKey);
                if (!peer.nextPublicKey.empty()) {
                    out.push_back(peer.nextPublicKey);
                }
            }
        }
    }
    return out;
}

Applied Run::finish() {
    state::OpenJournal armed;
    for (const auto& change : plan_.changes) {
        armed.witnesses.insert(armed.witnesses.end(), change.witnesses.begin(), change.witnesses.end());
    }
    if (armed.witnesses.empty() && waitedJustNow()) {
        armed.witnesses = everyPeer();
    }
    armed.endpoints = newEndpoints(plan_, armed.witnesses);
    armed.byOperator = settings_.confirmWithin.count() != 0;
    armed.applied = applied();
    if (armed.witnesses.empty() && !armed.byOperator) {
        if (!store_.commit(armed.applied)) {
            throw Error("the transaction was taken back meanwhile");
        }
        removeLeftovers(store_, settings_.stateDirectory, system_);
        return Applied::done;
    }
    std::int64_t window = settings_.confirmWithin.count();
    for (const auto& resource : target_.desired) {
        const auto* wireguard = std::get_if<render::WireguardInterface>(&resource.what);
        if (wireguard != nullptr && !armed.byOperator) {
            window = wireguard->windowMs;
        }
    }
    armed.newestHandshake = newestHandshake_;
    armed.deadline = system_.clock.sinceBoot() + window;
    store_.arm(armed);
    return Applied::armed;
}

/// Why this host, and not what was rendered for it, does not work; empty: nothing of that kind is seen.
std::string Run::causeOnHost() const {
    if (store_.lastRenderDigest() == renderDigest_) {
        return "it worked on this host before";
    }
    if (target_.options.activation != plan::Activation::all) {
        return {};
    }
    for (const auto& resource : target_.desired) {
        const auto* compose = std::get_if<render::ComposeService>(&resource.what);
        if (compose == nullptr || !compose->service.whole()) {
            continue;
        }
        try {
            const auto is = findContainer(compose->project.name, compose->service.name, system_);
            if (is && !is->staleMounts.empty()) {
                return plan::staleMountReason(*is);
            }
        } catch (const Error&) {
            return {};  // the engine does not say: the render is what is known to have changed
        }
    }
    return {};
}

void Run::fail(const std::exception& error, const std::string& hint, bool rejected) {
    progress("failed: putting everything back");
    std::string why = error.what();
    if (rejected) {
        const std::string local = causeOnHost();
        if (!local.empty()) {
            rejected = false;
            why += "\nThis host is the cause, not the revision: " + local;
        }
    }
    if (rejected) {
        try {
            store_.quarantine(renderDigest_, why);
        } catch (const Error& unrecorded) {
            progress(std::string("not put into quarantine: ") +
                     unrecorded.what());  // going back is worth more
        }
    }
    const std::string story =
        takeBack(store_, state::AttemptResult::rolledBack, why, settings_, system_, planText()).value_or(why);
    if (rejected) {
        throw Rejected(story + "\nThis render is in quarantine: it is not tried again by itself", hint);
    }
    throw Error(story, hint);
}

}  // namespace vigie::apply
