// The tunnel's interface and its files.

#include "base/text.hpp"
#include "render/builder.hpp"
#include "render/guests.hpp"
#include "render/kernel_settings.hpp"
#include "render/topology.hpp"
#include "spec/format.hpp"
#include "spec/topology.hpp"

#include <algorithm>

namespace vigie::render {
namespace {

void peerSection(Text& out, const WireguardPeer& peer, const std::string& key,
                 const std::string& allowedIps) {
    out.append("\n# ").append(peer.name).append(peer.guest ? " (guest)" : "").append("\n[Peer]\n");
    out.append("PublicKey = ").append(key).append("\n");
    if (peer.hasPresharedKey()) {
        out.append("PresharedKey = ").append(peer.presharedKey, Encoding::raw).append("\n");
    }
    if (!peer.endpoint.empty()) {
        out.append("Endpoint = ").append(peer.endpoint).append("\n");
    }
    if (!allowedIps.empty()) {
        out.append("AllowedIPs = ").append(allowedIps).append("\n");
    }
    if (peer.persistentKeepalive != 0) {
        out.append("PersistentKeepalive = ").append(std::to_string(peer.persistentKeepalive)).append("\n");
    }
}

/// Every key that `wg syncconf` would reset is written: ListenPort, PrivateKey, and the keepalive where there
/// is one.
Text configuration(const WireguardInterface& live) {
    Text out;
    out.append("# ").append(kManaged).append("\n[Interface]\n");
    for (const auto& address : live.addresses()) {
        out.append("Address = ").append(address).append("\n");
    }
    out.append("ListenPort = ").append(std::to_string(live.listenPort)).append("\n");
    if (live.mtu != 0) {
        out.append("MTU = ").append(std::to_string(live.mtu)).append("\n");
    }
    if (!live.dns.empty()) {
        out.append("DNS = ").append(join(live.dns, ", ")).append("\n");
    }
    out.append("PrivateKey = ").append(live.privateKey, Encoding::raw).append("\n");
    for (const auto& peer : live.peers) {
        peerSection(out, peer, peer.publicKey, join(peer.allowedIps, ", "));
        if (!peer.nextPublicKey.empty()) {
            // The addresses follow the key that has the newest handshake; two peers cannot both have them.
            peerSection(out, peer, peer.nextPublicKey, "");
        }
    }
    return out;
}

WireguardInterface liveInterface(const Builder& builder) {
    const auto& wireguard = builder.stack.wireguard;
    const auto addresses = spec::tunnelAddressesOf(builder.stack, builder.host);
    WireguardInterface out;
    out.interface = wireguard.interface;
    out.address = addresses.at(0);
    out.address6 = addresses.size() > 1 ? addresses[1] : "";
    out.dns = builder.host.dns;
    out.listenPort = spec::listenPortOf(builder.stack, builder.host);
    out.mtu = wireguard.mtu;
    out.privateKey = builder.inputs.wireguardPrivateKey;
    out.publicKey = builder.inputs.wireguardPublicKey.empty() ? builder.host.publicKey
                                                              : builder.inputs.wireguardPublicKey;
    out.peers = peersOf(builder.stack, builder.host);
    const spec::Peering peering(builder.stack);
    for (auto& peer : out.peers) {
        if (peer.guest) {
            continue;
        }
        const auto* key = peering.presharedKeyOf(builder.host, builder.stack.hostNamed(peer.name));
        if (key != nullptr) {
            peer.presharedKey = builder.secret(key->from.secret);
        }
    }
    const auto guests = peering.guestsOf(builder.host);  // the last peers, in this order
    for (std::size_t i = 0; i < guests.size(); ++i) {
        if (const auto& from = guests[i]->presharedKeyFrom) {
            out.peers.at(out.peers.size() - guests.size() + i).presharedKey = builder.secret(from->secret);
        }
    }
    out.windowMs = spec::parseDuration(wireguard.tunnelWindow).value_or(0);
    out.configPath = "/etc/wireguard/" + wireguard.interface + ".conf";
    out.dialled = spec::reachable(builder.host);
    return out;
}

/// The kernel settings without which the host would drop what is not for itself.
std::vector<std::string> forwardingKeys(const Builder& builder) {
    std::vector<std::string> networks = builder.host.routes;
    if (isHub(builder.stack, builder.host) || forwardsForGuests(builder.stack, builder.host)) {
        networks.push_back(builder.stack.wireguard.network);
        networks.push_back(builder.stack.wireguard.network6);
    }
    std::vector<std::string> out;
    const auto any = [&](bool v6) {
        return std::any_of(networks.begin(), networks.end(), [&](const std::string& each) {
            return !each.empty() && (each.find(':') != std::string::npos) == v6;
        });
    };
    if (any(false)) {
        out.emplace_back("net.ipv4.ip_forward");
    }
    if (any(true)) {
        out.emplace_back("net.ipv6.conf.all.forwarding");
    }
    return out;
}

std::string forwardingPurpose(const Builder& builder) {
    if (isHub(builder.stack, builder.host)) {
        return "the hub forwards between its spokes";
    }
    return forwardsForGuests(builder.stack, builder.host) ? "this host forwards for guests of the tunnel"
                                                          : "this host forwards to the networks behind it";
}

}  // namespace

void renderWireguard(Builder& builder) {
    if (!builder.stack.wireguard.exists()) {
        return;
    }
    builder.from({"spec", "wireguard", "interface"});
    const auto live = liveInterface(builder);
    const auto directoryId =
        builder.exactDirectory("/etc/wireguard", 0700, {}, "keys and configuration of the tunnel");
    const auto fileId = builder.file({live.configPath, configuration(live), 0600, {}},
                                     "the tunnel to the other hosts", {directoryId});
    std::vector<std::string> before{fileId};
    for (auto& id : renderGuests(builder, directoryId)) {  // nobody comes in before they are there
        before.push_back(std::move(id));
    }
    for (auto& id : kernelSettings(builder, forwardingKeys(builder), forwardingPurpose(builder))) {
        before.push_back(std::move(id));
    }
    const std::string unit = "wg-quick@" + live.interface + ".service";
    const auto liveId = builder.add({"wireguard:" + live.interface, live, before, "the live tunnel"});
    builder.add({"unit:" + unit, Unit{unit}, {liveId}, "the tunnel comes back after a reboot"});
}

}  // namespace vigie::render
