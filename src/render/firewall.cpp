#include "render/builder.hpp"
#include "render/topology.hpp"
#include "spec/ports.hpp"
#include "spec/topology.hpp"

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

/// Prometheus in its container, and on the same host a program without one or in the host's own network: what
/// comes from Docker's networks meets the host's own rules, unlike what goes to a port that a container
/// publishes.
void allowFromContainers(Builder& builder) {
    const auto& stack = builder.stack;
    const std::string address = spec::vpnAddressOf(builder.host);
    if (!stack.prometheusOn(builder.host) ||
        address.find(':') != std::string::npos) {  // Docker's networks have no IPv6 of their own accord
        return;
    }
    const auto scraped = [&](int number, const std::string& what) {
        // The first fifteen of Docker's default address pools (moby, libnetwork/ipamutils).
        constexpr const char* kDockerNetworks = "172.16.0.0/12";
        const std::string port = std::to_string(number);
        allow(
            builder, "containers/tcp/" + port,
            "allow from " + std::string(kDockerNetworks) + " to " + address + " port " + port + " proto tcp",
            "Prometheus scrapes " + what + " on its own host");
    };
    if (stack.selfMonitoring.enabled) {
        scraped(stack.selfMonitoring.port, "vigie");
    }
    for (const auto& exporter : stack.exporters) {
        if (exporter.inHostNetwork() && stack.hostOf(exporter.project) == &builder.host &&
            spec::exposureOf(stack, exporter.exposure) == spec::Exposure::vpn) {
            scraped(exporter.port, exporter.name);
        }
    }
}

}  // namespace

void renderFirewall(Builder& builder) {
    const auto& stack = builder.stack;
    if (stack.firewallProvider != "ufw") {
        return;
    }
    for (const auto& port : spec::portsPublished(stack, builder.host)) {
        if (port.exposure == spec::Exposure::everybody) {
            const std::string number = std::to_string(port.number);
            allow(builder, "tcp/" + number, "allow " + number + "/tcp", "everybody may reach this port");
        }
    }
    if (!stack.wireguard.exists()) {
        return;
    }
    if (spec::reachable(builder.host)) {
        const std::string port = std::to_string(spec::listenPortOf(stack, builder.host));
        allow(builder, "udp/" + port, "allow " + port + "/udp", "peers dial the tunnel");
    }
    const auto& interface = stack.wireguard.interface;
    for (const auto& route : builder.host.routes) {
        allow(builder, interface + "/route/" + route, "route allow in on " + interface + " to " + route,
              "the tunnel reaches the network behind this host");
    }
    if (isHub(stack, builder.host)) {
        allow(builder, interface + "/route", "route allow in on " + interface + " out on " + interface,
              "the hub forwards between its spokes");
    }
    // Of all that is published, these alone do not come past the firewall by Docker's own rules.
    const auto inHostNetwork = [&](int port, const std::string& exposure, const char* purpose) {
        if (spec::exposureOf(stack, exposure) == spec::Exposure::vpn) {
            allowOverTunnel(builder, {port, purpose});
        }
    };
    if (spec::prometheusInHostNetwork(stack) && stack.prometheusOn(builder.host)) {
        inHostNetwork(stack.prometheus->port, stack.prometheus->exposure,
                      "the hosts of the tunnel reach Prometheus");
    }
    if (spec::alertmanagerInHostNetwork(stack) && !stack.alertmanagerOn(builder.host).empty()) {
        inHostNetwork(stack.alertmanager->port, stack.alertmanager->exposure,
                      "the hosts of the tunnel reach Alertmanager");
    }
    for (const auto& port : spec::portsReachedOverTunnel(stack, builder.host)) {
        allowOverTunnel(builder, port);
    }
    allowFromContainers(builder);
}

}  // namespace vigie::render
