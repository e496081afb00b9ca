#include "render/builder.hpp"
#include "render/topology.hpp"
#include "spec/address.hpp"

namespace vigie::render {
namespace {

/// Every key that `wg syncconf` would reset is written: ListenPort, PrivateKey, and the keepalive where there
/// is one.
Text configuration(const Builder& builder, const WireguardInterface& live) {
    Text out;
    out.append("# ").append(kManaged).append("\n[Interface]\n");
    out.append("Address = ").append(live.address).append("\n");
    out.append("ListenPort = ").append(std::to_string(live.listenPort)).append("\n");
    if (builder.stack.wireguard.mtu != 0) {
        out.append("MTU = ").append(std::to_string(builder.stack.wireguard.mtu)).append("\n");
    }
    out.append("PrivateKey = ").append(builder.inputs.wireguardPrivateKey, Encoding::raw).append("\n");
    for (const auto& peer : live.peers) {
        out.append("\n# ").append(peer.name).append("\n[Peer]\n");
        out.append("PublicKey = ").append(peer.publicKey).append("\n");
        if (!peer.endpoint.empty()) {
            out.append("Endpoint = ").append(peer.endpoint).append("\n");
        }
        out.append("AllowedIPs = ").append(peer.allowedIps.front()).append("\n");
        if (peer.persistentKeepalive != 0) {
            out.append("PersistentKeepalive = ")
                .append(std::to_string(peer.persistentKeepalive))
                .append("\n");
        }
    }
    return out;
}

}  // namespace

void renderWireguard(Builder& builder) {
    const auto& wireguard = builder.stack.wireguard;
    const std::string directory = "/etc/wireguard";
    const auto network = spec::parseNetwork(wireguard.network).value_or(spec::IpNetwork{});

    WireguardInterface live;
    live.interface = wireguard.interface;
    live.address = builder.host.vpnAddress + "/" + std::to_string(network.prefix);
    live.listenPort = wireguard.listenPort;
    live.peers = peersOf(builder.stack, builder.host);

    const auto directoryId =
        builder.exactDirectory(directory, 0700, {}, "keys and configuration of the tunnel");
    const auto fileId = builder.file(
        {directory + "/" + wireguard.interface + ".conf", configuration(builder, live), 0600, {}},
        Effect::tunnelSync, "the tunnel to the other hosts", {directoryId});
    std::vector<std::string> before{fileId};
    if (isHub(builder.stack, builder.host)) {
        const std::string key = network.address.v6 ? "net.ipv6.conf.all.forwarding" : "net.ipv4.ip_forward";
        before.push_back(builder.file(
            {"/etc/sysctl.d/60-vigie.conf", "# " + std::string(kManaged) + "\n" + key + " = 1\n", 0644, {}},
            Effect::none, "the hub forwards between its spokes", {}));
        before.push_back(builder.add({"sysctl:" + key,
                                      Sysctl{key, "1"},
                                      {before.back()},
                                      Effect::none,
                                      "the hub forwards between its spokes"}));
    }
    const auto liveId =
        builder.add({"wireguard:" + wireguard.interface, live, before, Effect::none, "the live tunnel"});
    builder.add({"unit:wg-quick@" + wireguard.interface + ".service",
                 Unit{"wg-quick@" + wireguard.interface + ".service"},
                 {liveId},
                 Effect::none,
                 "the tunnel comes back after a reboot"});
}

}  // namespace vigie::render
