// The live tunnel against the wanted one.

#include "kinds/wireguard/compare.hpp"

#include "base/redact.hpp"
#include "base/text.hpp"
#include "kinds/wireguard/config_file.hpp"
#include "kinds/wireguard/endpoints.hpp"
#include "plan/context.hpp"
#include "plan/diff.hpp"
#include "spec/address.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace vigie::plan {
namespace {

using render::Tunnel;

const ObservedPeer* find(const ObservedWireguard& observed, const std::string& key) {
    for (const auto& peer : observed.peers) {
        if (peer.publicKey == key) {
            return &peer;
        }
    }
    return nullptr;
}

std::int64_t handshakeOf(const ObservedWireguard& observed, const std::string& key) {
    const auto* peer = find(observed, key);
    return peer == nullptr ? 0 : peer->handshake;
}

/// Whether the addresses of a peer that changes its key stand at the next one.
bool addressesAtNext(const render::WireguardPeer& peer, const ObservedWireguard& observed) {
    const auto current = handshakeOf(observed, peer.publicKey);
    const auto next = handshakeOf(observed, peer.nextPublicKey);
    if (current != next) {
        return next > current;
    }
    const auto* there = find(observed, peer.nextPublicKey);
    return there != nullptr && !there->allowedIps.empty();
}

/// Endpoints as the interface's present file has them, by public key; nothing at all where the document is
/// the one that was applied last.
using Configured = std::optional<std::map<std::string, std::string>>;

/// Whether the document has another endpoint for a peer than the file.
bool endpointIsNew(const std::string& wanted, const std::string& publicKey, const Configured& before) {
    if (!before || wanted.empty()) {
        return false;
    }
    const auto it = before->find(publicKey);
    return it == before->end() || it->second != wanted;
}

/// Who is to be dialled elsewhere than now. WireGuard itself follows a peer that moves: its endpoint counts
/// when it is silent, or when the document has another one than the file.
std::map<std::string, Dial> dialsOf(const Tunnel& wireguard, const ObservedWireguard& observed,
                                    const Configured& before) {
    std::map<std::string, Dial> out;
    for (const auto& peer : wantedPeers(wireguard, observed)) {
        const auto* is = find(observed, peer.publicKey);
        if (is == nullptr || peer.endpoint.empty()) {
            continue;
        }
        const auto places = placesOf(peer.endpoint, observed);
        const bool isNew = endpointIsNew(peer.endpoint, peer.publicKey, before);
        const bool there = std::find(places.begin(), places.end(), is->endpoint) != places.end();
        if (!there && (isNew || (!is->alive() && !places.empty()))) {
            out[peer.publicKey] = {peer.endpoint, isNew};
        }
    }
    return out;
}

/// Where a peer is dialled, and why there.
std::string shownPlace(const std::string& endpoint, const ObservedWireguard& observed) {
    const auto name = nameIn(endpoint);
    const auto places = placesOf(endpoint, observed);
    return name.empty()     ? endpoint
           : places.empty() ? endpoint + " (not resolved now)"
                            : places.front() + " (" + name + ")";
}

std::string line(const std::string& name, const std::string& key, const std::string& endpoint,
                 const std::vector<std::string>& allowedIps, int keepalive, std::string_view presharedKey) {
    return "peer " + key + (name.empty() ? "" : " (" + name + ")") + "\n  allowed-ips " +
           (allowedIps.empty() ? "none" : join(allowedIps, ", ")) + "\n" +
           (endpoint.empty() ? "" : "  endpoint " + endpoint + "\n") + "  keepalive " +
           (keepalive == 0 ? "off" : std::to_string(keepalive) + " s") + "\n" +
           (presharedKey.empty() ? "" : "  preshared-key " + std::string(presharedKey) + "\n");
}

/// In words: a preshared key is never shown.
std::string_view presharedKeyOf(const ObservedPeer& is, const render::SecretValue& wanted) {
    if (is.presharedKey.empty()) {
        return {};
    }
    return wanted.id.empty() || samePresharedKey(wanted, is) ? "set" : "another one";
}

/// The kernel lists them in the order in which they came.
std::vector<std::string> sorted(std::vector<std::string> values) {
    std::sort(values.begin(), values.end());
    return values;
}

std::string header(const std::string& publicKey, int port, int mtu, const std::vector<std::string>& addresses,
                   const std::vector<std::string>& routes, const std::vector<std::string>& dns) {
    return "public-key " + publicKey + "\nlisten-port " + std::to_string(port) + "\naddress " +
           join(sorted(addresses), ", ") + "\n" + (mtu == 0 ? "" : "mtu " + std::to_string(mtu) + "\n") +
           (dns.empty() ? "" : "dns " + join(dns, ", ") + "\n") +
           (routes.empty() ? "" : "routes " + join(routes, ", ") + "\n");
}

/// The live interface and the wanted one as texts that are equal when nothing has to be done.
struct Texts {
    std::string is;
    std::string wanted;
    [[nodiscard]] bool equal() const { return is == wanted; }
};

Texts textsOf(const Tunnel& wireguard, const ObservedWireguard& observed,
              const std::map<std::string, Dial>& dials, const std::vector<std::string>& nameServers) {
    Texts out;
    const auto routes = wantedRoutes(wireguard);
    std::vector<std::string> theirs;
    for (const auto& route : observed.routes) {
        // A route that somebody added to our interface for a purpose of his own is left alone.
        const bool ofPeer =
            std::any_of(observed.peers.begin(), observed.peers.end(), [&](const ObservedPeer& peer) {
                return std::count(peer.allowedIps.begin(), peer.allowedIps.end(), route) != 0;
            });
        if (ofPeer || std::count(routes.begin(), routes.end(), route) != 0) {
            theirs.push_back(route);
        }
    }
    out.is = header(observed.publicKey, observed.listenPort, wireguard.mtu == 0 ? 0 : observed.mtu,
                    observed.addresses, theirs, nameServers);
    out.wanted = header(wireguard.publicKey, wireguard.listenPort, wireguard.mtu, wireguard.addresses(),
                        routes, wireguard.dns);
    std::set<std::string> wantedKeys;
    for (const auto& peer : wantedPeers(wireguard, observed)) {
        wantedKeys.insert(peer.publicKey);
        const auto* is = find(observed, peer.publicKey);
        const bool dialled = dials.count(peer.publicKey) != 0;
        const bool shown = !peer.endpoint.empty() && (is == nullptr || dialled);
        out.wanted +=
            line(peer.name, peer.publicKey, shown ? shownPlace(peer.endpoint, observed) : "", peer.allowedIps,
                 peer.persistentKeepalive, peer.presharedKey.id.empty() ? "" : "set");
        if (is != nullptr) {
            out.is += line(peer.name, peer.publicKey, dialled ? is->endpoint : "", is->allowedIps,
                           is->persistentKeepalive, presharedKeyOf(*is, peer.presharedKey));
        }
    }
    std::map<std::string, std::string>
        others;  // by key: the order in which the kernel has them means nothing
    for (const auto& peer : observed.peers) {
        if (wantedKeys.count(peer.publicKey) == 0) {
            others[peer.publicKey] = line("", peer.publicKey, peer.endpoint, peer.allowedIps,
                                          peer.persistentKeepalive, presharedKeyOf(peer, {}));
        }
    }
    for (const auto& [key, text] : others) {
        out.is += text;
    }
    return out;
}

/// Those of `found` that are addresses, or that are wanted; for any other there is a mask.
std::vector<std::string> withoutWords(std::vector<std::string> found,
                                      const std::vector<std::string>& wanted) {
    for (auto& each : found) {
        if (!spec::parseIp(each) && std::count(wanted.begin(), wanted.end(), each) == 0) {
            each = kSecretMask;
        }
    }
    return found;
}

/// Whether `peer` is somebody with whom the tunnel works now under a key that nobody has any more: one of
/// those whom it worked with is no longer named, and had one of its networks.
bool replacesAlive(const render::WireguardPeer& peer, const Tunnel& wireguard,
                   const ObservedWireguard& observed) {
    return std::any_of(observed.peers.begin(), observed.peers.end(), [&](const ObservedPeer& is) {
        const bool named = std::any_of(wireguard.peers.begin(), wireguard.peers.end(), [&](const auto& each) {
            return each.publicKey == is.publicKey || each.nextPublicKey == is.publicKey;
        });
        return is.alive() && !named &&
               std::any_of(peer.allowedIps.begin(), peer.allowedIps.end(), [&](const auto& allowed) {
                   return std::count(is.allowedIps.begin(), is.allowedIps.end(), allowed) != 0;
               });
    });
}

/// Who must be heard of after the change for the tunnel to count as working: everybody with whom it works
/// now. Where nothing works yet there is nothing to lose and nobody to wait for.
std::vector<std::string> confirmingPeersOf(const Tunnel& wireguard, const ObservedWireguard& observed,
                                           const std::map<std::string, Dial>& dials) {
    const auto alive = [&](const std::string& key) {
        const auto* peer = find(observed, key);
        return peer != nullptr && peer->alive();
    };
    const bool own = observed.publicKey != wireguard.publicKey ||
                     observed.listenPort != wireguard.listenPort ||
                     sorted(observed.addresses) != sorted(wireguard.addresses());
    std::vector<std::string> out;
    for (const auto& peer : wireguard.peers) {
        if (peer.guest) {  // it may sleep for days
            continue;
        }
        const bool known = alive(peer.publicKey) || alive(peer.nextPublicKey);
        const auto* is = find(observed, peer.publicKey);
        const bool otherNetworks = is != nullptr && is->alive() && [&] {
            auto wanted = peer.allowedIps;
            std::sort(wanted.begin(), wanted.end());
            return peer.nextPublicKey.empty() && is->allowedIps != wanted;
        }();
        const bool redialled = dials.count(peer.publicKey) != 0;
        const bool otherSecret = is != nullptr && is->alive() && !samePresharedKey(peer.presharedKey, *is);
        if (known ? own || otherNetworks || redialled || otherSecret
                  : replacesAlive(peer, wireguard, observed)) {
            out.push_back(peer.publicKey);
            if (!peer.nextPublicKey.empty()) {
                out.push_back(peer.nextPublicKey);
            }
        }
    }
    return out;
}

const ObservedFile* configFile(const Context& context, const Tunnel& wireguard) {
    const auto it = context.observed.files.find("file:" + wireguard.configPath);
    return it == context.observed.files.end() ? nullptr : &it->second;
}

}  // namespace

bool samePresharedKey(const render::SecretValue& wanted, const ObservedPeer& is) {
    if (wanted.id.empty() || is.presharedKey.empty()) {
        return wanted.id.empty() && is.presharedKey.empty();
    }
    return !wanted.available() || sameSecret(view(*wanted.value), view(is.presharedKey));
}

bool ObservedPeer::alive() const {
    return handshake != 0 && handshakeAge < kSessionSeconds;
}

std::vector<WantedPeer> wantedPeers(const Tunnel& wireguard, const ObservedWireguard& observed) {
    std::vector<WantedPeer> out;
    for (const auto& peer : wireguard.peers) {
        auto allowedIps = peer.allowedIps;
        std::sort(allowedIps.begin(), allowedIps.end());
        WantedPeer wanted{peer.name,  peer.publicKey,           peer.endpoint,
                          allowedIps, peer.persistentKeepalive, peer.presharedKey};
        if (peer.nextPublicKey.empty()) {
            out.push_back(std::move(wanted));
            continue;
        }
        WantedPeer next = wanted;
        next.publicKey = peer.nextPublicKey;
        (addressesAtNext(peer, observed) ? wanted : next).allowedIps.clear();
        out.push_back(std::move(wanted));
        out.push_back(std::move(next));
    }
    return out;
}

std::string keyFileProblem(const Tunnel& wireguard, const ObservedWireguard& observed) {
    const auto& files = observed.keyFiles;
    if (files.empty() || std::any_of(files.begin(), files.end(),
                                     [&](const auto& each) { return each.second == wireguard.publicKey; })) {
        return {};
    }
    const auto& [path, key] = *files.begin();
    return path + " does not hold this host's WireGuard key any more (" +
           (key.empty() ? "there is no key in it" : "it is the key whose public half is " + key) +
           "; that of the document is " + wireguard.publicKey +
           "). The tunnel goes on with the right key, which stands in " + wireguard.configPath + ": remove " +
           path +
           ", and `vigie keys init` takes it from there; where another key is wanted, `vigie keys "
           "rotate` changes it";
}

std::vector<std::string> wantedRoutes(const Tunnel& wireguard) {
    std::vector<spec::IpNetwork> own;  // an address brings the route to its network
    for (const auto& address : wireguard.addresses()) {
        if (const auto network = spec::parseNetwork(address)) {
            own.push_back(*network);
        }
    }
    std::set<std::string> out;
    for (const auto& peer : wireguard.peers) {
        for (const auto& allowed : peer.allowedIps) {
            const auto route = spec::parseNetwork(allowed);
            if (!route || std::none_of(own.begin(), own.end(), [&](const spec::IpNetwork& network) {
                    return network.contains(route->address) && route->prefix >= network.prefix;
                })) {
                out.insert(allowed);
            }
        }
    }
    return {out.begin(), out.end()};
}

namespace {

/// Who fell silent and is dialled where his endpoint is now.
std::string redialled(const Tunnel& wireguard, const ObservedWireguard& observed,
                      const std::map<std::string, Dial>& dials) {
    std::string out;
    for (const auto& peer : wireguard.peers) {
        const auto dial = dials.find(peer.publicKey);
        if (dial == dials.end() || dial->second.isNew) {
            continue;
        }
        out += (out.empty() ? "" : "; ") + peer.name + ", not heard of for three minutes, is dialled at " +
               shownPlace(peer.endpoint, observed);
    }
    return out;
}

/// Endpoints of the document that the file does not have yet, of peers who are not there under that key.
/// Whoever only has another key is dialled where he always was.
void addReplaced(const Tunnel& wireguard, const ObservedWireguard& observed, const Configured& before,
                 std::map<std::string, Dial>& dials) {
    for (const auto& peer : wireguard.peers) {
        const bool known = !before || std::any_of(before->begin(), before->end(), [&](const auto& each) {
            return each.second == peer.endpoint;
        });
        if (!known && !peer.endpoint.empty() && find(observed, peer.publicKey) == nullptr &&
            replacesAlive(peer, wireguard, observed)) {
            dials[peer.publicKey] = {peer.endpoint, true};
        }
    }
}

}  // namespace

void planTunnel(const Context& context, const render::Resource& resource, const Tunnel& wireguard,
                Change& out) {
    static const ObservedWireguard kUnknown{"it was not looked at", {}, {}, {}, {}, {}, {}, {}, {}, {}};
    const auto it = context.observed.wireguard.find(resource.id);
    const auto& is = it == context.observed.wireguard.end() ? kUnknown : it->second;
    const auto* file = configFile(context, wireguard);
    if (!is.problem.empty()) {
        out.action = Action::refuse;
        out.reason = is.problem;
        out.unobserved = true;
        return;
    }
    if (file != nullptr && file->unread) {
        out.action = Action::refuse;
        out.reason = wireguard.configPath + " has " + count(file->info.size, "byte") +
                     ", which no configuration of a tunnel has; move it away first";
        return;
    }
    if (file != nullptr && savesConfig(view(file->bytes))) {
        out.action = Action::refuse;
        out.reason =
            wireguard.configPath +
            " has `SaveConfig = true`: the live state would be written over it; remove that line first";
        return;
    }
    const bool known = context.applied(resource);
    Configured before;
    if (!known) {
        before = endpointsIn(file == nullptr ? std::string_view() : view(file->bytes));
    }
    auto dials = dialsOf(wireguard, is, before);
    // Nothing live shows the name servers: the file that the interface was brought up with does.
    const bool present = file != nullptr && !file->bytes.empty();
    const auto nameServers = present ? nameServersIn(view(file->bytes)) : wireguard.dns;
    const auto texts = textsOf(wireguard, is, dials, nameServers);
    if (!is.up) {
        out.action = Action::create;
        out.reason = resource.purpose + ": the interface is not up";
        out.diff = Diff::ofFacts(unifiedDiff("", texts.wanted, kNowhere, wireguard.interface));
        return;
    }
    if (texts.equal()) {
        out.reason = "as it should be";
        return;
    }
    // Everything live is a number, an address or a public key; name servers come from a file, as text.
    const auto published = textsOf(wireguard, is, dials, withoutWords(nameServers, wireguard.dns));
    out.diff =
        Diff::ofFound(unifiedDiff(published.is, published.wanted, wireguard.interface, wireguard.interface),
                      unifiedDiff(texts.is, texts.wanted, wireguard.interface, wireguard.interface));
    const bool down = present && needsDownWithOldFile(view(file->bytes), wireguard.dns);
    out.action = down ? Action::restart : Action::update;
    const auto silent = redialled(wireguard, is, dials);
    const bool onlySilent = known && !silent.empty() && textsOf(wireguard, is, {}, nameServers).equal();
    if (!onlySilent) {
        out.reason = (known ? ": was changed on the host" : ": changed") +
                     std::string(down ? "; goes down and up, because its present file has hooks or other "
                                        "name servers"
                                      : "; set in place");
    }
    out.reason = resource.purpose + out.reason + (silent.empty() ? "" : (onlySilent ? ": " : "; ") + silent);
    if (!known) {  // back to what the peers know already needs nobody's consent
        out.confirmingPeers = confirmingPeersOf(wireguard, is, dials);
        addReplaced(wireguard, is, before, dials);
    }
    out.dials = std::move(dials);
    if (!out.confirmingPeers.empty()) {
        out.reason += "; taken back when no handshake comes";
    }
}

}  // namespace vigie::plan
