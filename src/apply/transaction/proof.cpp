// Decides whether a change of the tunnel is confirmed by its peers.

#include "apply/transaction/proof.hpp"

#include "kinds/wireguard/endpoints.hpp"
#include "kinds/wireguard/live.hpp"
#include "kinds/wireguard/resolve.hpp"
#include "kinds/wireguard/sync.hpp"

#include <algorithm>
#include <set>

namespace vigie::apply {
namespace {

/// The new endpoint of a confirming peer; empty: it is not new.
std::string newEndpoint(const state::OpenJournal& journal, const plan::ObservedPeer& peer) {
    const auto it = journal.endpoints.find(peer.publicKey);
    return it == journal.endpoints.end() ? std::string() : it->second;
}

bool mayConfirm(const state::OpenJournal& journal, const plan::ObservedPeer& peer) {
    return std::find(journal.confirmingPeers.begin(), journal.confirmingPeers.end(), peer.publicKey) !=
           journal.confirmingPeers.end();
}

bool at(const std::string& endpoint, const plan::ObservedPeer& peer, const plan::ObservedWireguard& tunnel) {
    const auto places = plan::placesOf(endpoint, tunnel);
    return std::find(places.begin(), places.end(), peer.endpoint) != places.end();
}

plan::ObservedWireguard look(const state::OpenJournal& journal, const system::System& system) {
    auto out = observeWireguard(journal.interface, system);
    std::vector<std::string> endpoints;
    for (const auto& [key, endpoint] : journal.endpoints) {
        endpoints.push_back(endpoint);
    }
    resolveEndpoints(endpoints, system.names, out);
    return out;
}

Proof judge(const state::OpenJournal& journal, const plan::ObservedWireguard& tunnel) {
    Proof out;
    bool heard = false;
    std::set<std::string> unproven;
    for (const auto& [key, endpoint] : journal.endpoints) {
        unproven.insert(endpoint);
    }
    for (const auto& peer : tunnel.peers) {
        if (!mayConfirm(journal, peer) || peer.handshake <= journal.newestHandshake) {
            continue;
        }
        const auto endpoint = newEndpoint(journal, peer);
        if (endpoint.empty() || at(endpoint, peer, tunnel)) {
            heard = true;
            unproven.erase(endpoint);
        } else {
            out.elsewhere += (out.elsewhere.empty() ? "" : ", ") + std::string("a peer was heard of at ") +
                             peer.endpoint + ", and not at its new endpoint " + endpoint;
        }
    }
    out.complete = heard && unproven.empty();
    return out;
}

/// Whether somebody was dialled.
bool dialAgain(const state::OpenJournal& journal, const plan::ObservedWireguard& tunnel,
               const system::System& system) {
    constexpr std::int64_t kOldWay = 20;  // seconds, of which a new session takes up to fifteen to come about
    bool out = false;
    for (const auto& peer : tunnel.peers) {
        const auto endpoint = newEndpoint(journal, peer);
        const auto place = plan::placeToDial(endpoint, peer.endpoint, tunnel);
        if (!endpoint.empty() && place != peer.endpoint &&
            (peer.handshake == 0 || peer.handshakeAge >= kOldWay)) {
            dialAnew(journal.interface, peer, place, system);
            out = true;
        }
    }
    return out;
}

}  // namespace

std::map<std::string, std::string> newEndpoints(const plan::Plan& plan,
                                                const std::vector<std::string>& confirmingPeers) {
    std::map<std::string, std::string> out;
    for (const auto& change : plan.changes) {
        for (const auto& [key, dial] : change.dials) {
            if (dial.isNew &&
                std::find(confirmingPeers.begin(), confirmingPeers.end(), key) != confirmingPeers.end()) {
                out[key] = dial.endpoint;
            }
        }
    }
    return out;
}

Proof askPeers(const state::OpenJournal& journal, Again again, const system::System& system) {
    constexpr int kSeconds = 5;  // before the peer calls again, by the old way
    auto tunnel = look(journal, system);
    auto out = judge(journal, tunnel);
    if (out.complete || again == Again::no || journal.endpoints.empty() ||
        !dialAgain(journal, tunnel, system)) {
        return out;
    }
    for (int i = 0; i < kSeconds && !out.complete; ++i) {
        system.clock.sleep(std::chrono::seconds(1));
        const auto now = judge(journal, look(journal, system));
        out.complete = now.complete;
        out.elsewhere = now.elsewhere.empty() ? out.elsewhere : now.elsewhere;
    }
    return out;
}

}  // namespace vigie::apply
