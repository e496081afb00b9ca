#include "render/builder.hpp"
#include "render/topology.hpp"
#include "spec/ports.hpp"

namespace vigie::render {
namespace {

void allow(Builder& builder, const std::string& name, const std::string& rule, const std::string& purpose) {
    // ufw takes no quotes in a comment; names of hosts and applications have none.
    builder.add({"firewall:" + name, FirewallRule{rule, "vigie: " + purpose}, {}, Effect::none, purpose});
}

void allowOverTunnel(Builder& builder, const spec::Port& port) {
    const auto& interface = builder.stack.wireguard.interface;
    const std::string number = std::to_string(port.number);
    const std::string protocol = port.udp ? "udp" : "tcp";
    allow(builder, interface + "/" + protocol + "/" + number,
          "allow in on " + interface + " to any port " + number + " proto " + protocol, port.purpose);
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
        allowOverTunnel(builder, port);
    }
}

}  // namespace vigie::render
