#include "render/builder.hpp"
#include "render/topology.hpp"
#include "spec/ports.hpp"

namespace vigie::render {
namespace {

void allow(Builder& builder, const std::string& name, const std::string& rule, const std::string& purpose) {
    // ufw takes no quotes in a comment; names of hosts and applications have none.
    builder.add({"firewall:" + name, FirewallRule{rule, "vigie: " + purpose}, {}, Effect::none, purpose});
}

void allowOverTunnel(Builder& builder, int port, const std::string& purpose) {
    const auto& interface = builder.stack.wireguard.interface;
    const std::string number = std::to_string(port);
    allow(builder, interface + "/tcp/" + number,
          "allow in on " + interface + " to any port " + number + " proto tcp", purpose);
}

/// Prometheus in its container and the controller on the same host: what comes from Docker's networks meets
/// the host's own rules, unlike what goes to a port that a container publishes.
void allowFromContainers(Builder& builder) {
    const auto& stack = builder.stack;
    const std::string& address = builder.host.vpnAddress;
    if (!stack.selfMonitoring.enabled || !stack.prometheus ||
        stack.hostOf(stack.prometheus->project) != &builder.host ||
        address.find(':') != std::string::npos) {  // Docker's networks have no IPv6 of their own accord
        return;
    }
    // The first fifteen of Docker's default address pools (moby, libnetwork/ipamutils).
    constexpr const char* kDockerNetworks = "172.16.0.0/12";
    const std::string port = std::to_string(stack.selfMonitoring.port);
    allow(builder, "containers/tcp/" + port,
          "allow from " + std::string(kDockerNetworks) + " to " + address + " port " + port + " proto tcp",
          "Prometheus scrapes vigie on its own host");
}

}  // namespace

void renderFirewall(Builder& builder) {
    const auto& stack = builder.stack;
    if (stack.firewallProvider != "ufw") {
        return;
    }
    if (!builder.host.endpoint.empty()) {
        const std::string port = std::to_string(stack.wireguard.listenPort);
        allow(builder, "udp/" + port, "allow " + port + "/udp", "peers dial the tunnel");
    }
    if (isHub(stack, builder.host)) {
        const auto& interface = stack.wireguard.interface;
        allow(builder, interface + "/route", "route allow in on " + interface + " out on " + interface,
              "the hub forwards between its spokes");
    }
    for (const auto& port : spec::portsReachedOverTunnel(stack, builder.host)) {
        allowOverTunnel(builder, port.number, port.purpose);
    }
    allowFromContainers(builder);
}

}  // namespace vigie::render
