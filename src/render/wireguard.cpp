#include "render/builder.hpp"
#include "render/topology.hpp"
#include "spec/address.hpp"
#include "spec/format.hpp"

namespace vigie::render {
namespace {

void peerSection(Text& out, const WireguardPeer& peer, const std::string& key,
                 const std::string& allowedIps) {
    out.append("\n# ").append(peer.name).append("\n[Peer]\n");
    out.append("PublicKey = ").append(key).append("\n");
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
    out.append("Address = ").append(live.address).append("\n");
    out.append("ListenPort = ").append(std::to_string(live.listenPort)).append("\n");
    if (live.mtu != 0) {
        out.append("MTU = ").append(std::to_string(live.mtu)).append("\n");
    }
    out.append("PrivateKey = ").append(live.privateKey, Encoding::raw).append("\n");
    for (const auto& peer : live.peers) {
        peerSection(out, peer, peer.publicKey, peer.allowedIps.front());
        if (!peer.nextPublicKey.empty()) {
            // The addresses follow the key that has the newest handshake; two peers cannot both have them.
            peerSection(out, peer, peer.nextPublicKey, "");
        }
    }
    return out;
}

WireguardInterface liveInterface(const Builder& builder) {
    const auto& wireguard = builder.stack.wireguard;
    const auto network = spec::parseNetwork(wireguard.network).value_or(spec::IpNetwork{});
    WireguardInterface out;
    out.interface = wireguard.interface;
    out.address = builder.host.vpnAddress + "/" + std::to_string(network.prefix);
    out.listenPort = wireguard.listenPort;
    out.mtu = wireguard.mtu;
    out.privateKey = builder.inputs.wireguardPrivateKey;
    out.publicKey = builder.inputs.wireguardPublicKey.empty() ? builder.host.publicKey
                                                              : builder.inputs.wireguardPublicKey;
    out.peers = peersOf(builder.stack, builder.host);
    out.windowMs = spec::parseDuration(wireguard.tunnelWindow).value_or(0);
    out.configPath = "/etc/wireguard/" + wireguard.interface + ".conf";
    return out;
}

}  // namespace

void renderWireguard(Builder& builder) {
    const auto live = liveInterface(builder);
    const auto directoryId =
        builder.exactDirectory("/etc/wireguard", 0700, {}, "keys and configuration of the tunnel");
    const auto fileId = builder.file({live.configPath, configuration(live), 0600, {}}, Effect::tunnelSync,
                                     "the tunnel to the other hosts", {directoryId});
    std::vector<std::string> before{fileId};
    if (isHub(builder.stack, builder.host)) {
        const bool v6 = builder.host.vpnAddress.find(':') != std::string::npos;
        const std::string key = v6 ? "net.ipv6.conf.all.forwarding" : "net.ipv4.ip_forward";
        before.push_back(builder.file(
            {"/etc/sysctl.d/60-vigie.conf", "# " + std::string(kManaged) + "\n" + key + " = 1\n", 0644, {}},
            Effect::none, "the hub forwards between its spokes", {}));
        before.push_back(builder.add({"sysctl:" + key,
                                      Sysctl{key, "1"},
                                      {before.back()},
                                      Effect::none,
                                      "the hub forwards between its spokes"}));
    }
    const std::string unit = "wg-quick@" + live.interface + ".service";
    const auto liveId =
        builder.add({"wireguard:" + live.interface, live, before, Effect::none, "the live tunnel"});
    builder.add({"unit:" + unit, Unit{unit}, {liveId}, Effect::none, "the tunnel comes back after a reboot"});
}

}  // namespace vigie::render
