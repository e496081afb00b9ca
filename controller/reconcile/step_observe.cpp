// The step that looks at what runs on the host, and says what is new about its health.
#include "apply/apply.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "controller/network_look.hpp"
#include "controller/reconcile/steps.hpp"
#include "controller/words.hpp"
#include "kinds/models.hpp"
#include "spec/topology.hpp"

#include <algorithm>

namespace vigie::controller {
namespace {

void noteHandshakes(const render::Tunnel& wireguard, const plan::Observed& observed, const std::string& id,
                    State& state) {
    const auto it = observed.wireguard.find(id);
    if (it == observed.wireguard.end()) {
        return;
    }
    for (const auto& peer : wireguard.peers) {
        if (peer.guest) {
            continue;
        }
        auto& latest = state.pass.metrics.handshakes[peer.name];
        for (const auto& each : it->second.peers) {
            if (each.publicKey == peer.publicKey || each.publicKey == peer.nextPublicKey) {
                latest = std::max(latest, static_cast<double>(each.handshake));
                if (each.alive()) {
                    state.host.alivePeers.insert(peer.name);
                }
            }
        }
    }
}

void noteContainer(const render::Container& compose, const plan::Observed& observed, PassMetrics& metrics) {
    const auto project = observed.projects.find(compose.project.name);
    const auto* container =
        project == observed.projects.end() ? nullptr : project->second.service(compose.service.name);
    if (container != nullptr) {
        ++metrics.containers[container->state];
    }
}

void sayHealth(Context& on, const HealthReport& health) {
    std::string about;
    for (const auto& problem : health.problems) {
        about +=
            toText(problem.reason) + " " + (problem.about.empty() ? problem.message : problem.about) + "\n";
    }
    if (!on.narrator.isNews(Subject::health, about)) {
        return;
    }
    if (about.empty()) {
        on.narrator.normal("Healthy", "healthy again");
    } else {
        on.narrator.warning("Unhealthy", health.summary(), "not healthy: ");
    }
}

/// What is not as it should be with the tunnel, and that it is again.
void sayTunnel(Context& on, const HealthReport& health) {
    if (!health.tunnelKnown) {
        return;
    }
    if (on.narrator.isNews(Subject::stalePeers, health.stalePeers)) {
        if (health.stalePeers.empty()) {
            on.narrator.normal("TunnelReady", "every peer of the tunnel is heard of again");
        } else {
            on.narrator.warning("TunnelLost", "not heard of within three minutes: " + health.stalePeers);
        }
    }
    const auto notes = health.tunnelNotes();
    if (on.narrator.isNews(Subject::tunnel, notes) && !notes.empty()) {
        on.narrator.warning(health.roamingPeers.empty() ? "KeyFileReplaced" : "EndpointNotUsed", notes);
    }
}

/// What is not as it should be with the network that joins the hosts, and that it is again.
void sayNetwork(Context& on, const NetworkReport& network) {
    const auto& problem = network.missing.empty() ? network.silent : network.missing;
    if (!on.narrator.isNews(Subject::network, problem)) {
        return;
    }
    if (problem.empty()) {
        on.narrator.normal("NetworkReady", "the network that joins the hosts works again");
    } else {
        on.narrator.warning(network.missing.empty() ? "PeersSilent" : "AddressMissing", problem);
    }
}

/// What is on the host, or as much of it as is known.
std::optional<apply::DesiredState> desiredOnHost(Context& on, State& state) {
    const auto& desired = state.desired;
    if (const auto journal = on.store.journal()) {  // it waits to be confirmed
        const auto& revision = journal->applied.revision;
        if (desired.tip && desired.tip->revision == revision) {
            return desired.tip;
        }
        return on.world.source.restore(revision) ? std::optional(desiredAt(on, state, revision))
                                                 : std::nullopt;
    }
    if (!on.store.lastAppliedRevision().empty() && loadApplied(on, state)) {
        return desired.applied;
    }
    return state.host.desired ? state.host.desired : desired.tip;
}

/// Asks the other hosts over our own tunnel, where they are heard of, or over the network that is there.
void askOthers(Context& on, State& state, const spec::Stack& stack) {
    auto& network = state.pass.health.network;
    auto asked = state.host.alivePeers;
    const auto* self = stack.host(on.config.host);
    if (stack.network.exists() && self != nullptr) {
        try {
            network.missing = missingAddress(stack, *self, on.world.looking.processes);
            network.address = spec::addressOf(stack, *self);
            network.known = true;
        } catch (const Error& error) {
            on.narrator.info("the addresses of this host are not known: " + withHint(error));
        }
        if (network.known && network.missing.empty()) {
            for (const auto& host : stack.hosts) {
                if (&host != self) {
                    asked.insert(host.name);
                }
            }
        }
    }
    state.host.others.ask(stack, asked, on.world.looking.http, on.world.looking.clock);
    if (network.known) {
        noteAnswers(stack, state.host.others.answers(), network);
        sayNetwork(on, network);
    }
}

}  // namespace

void observeHealth(Context& on, State& state, const apply::DesiredState& desired,
                   const apply::ObservedPlan& comparison) {
    auto& pass = state.pass;
    pass.observed = true;
    pass.health = {};  // in manual mode the tip is looked at, too
    pass.metrics.containers.clear();
    state.host.health.observe(desired, comparison, on.world.looking, pass.health);
    state.host.comparison = comparison;
    state.host.desired = desired;
    state.host.alivePeers.clear();
    for (const auto& resource : desired.desired) {
        if (const auto* wireguard = kinds::tunnelOf(resource)) {
            noteHandshakes(*wireguard, comparison.observed, resource.id, state);
        } else if (const auto* compose = kinds::containerOf(resource)) {
            noteContainer(*compose, comparison.observed, pass.metrics);
        }
    }
    sayHealth(on, pass.health);
    sayTunnel(on, pass.health);
    if (state.desired.latestStack) {
        askOthers(on, state, *state.desired.latestStack);
    }
}

void observeAnyway(Context& on, State& state) {
    if (state.pass.observed || on.world.stop.raised()) {
        return;
    }
    try {
        if (const auto desired = desiredOnHost(on, state)) {
            observeHealth(on, state, *desired,
                          apply::observeAndPlan(*desired, on.store.inventory(), on.world.looking));
        }
    } catch (const Error& error) {
        on.narrator.info("what runs on this host was not looked at: " + withHint(error));
    }
}

}  // namespace vigie::controller
