// The firewall rules of a host.
#include "render/builder.hpp"
#include "render/topology.hpp"
#include "spec/datasources.hpp"
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

/// What comes from a network of Docker's and goes to an address of the host meets the host's own rules, also
/// when a container publishes the port: Docker leaves such packets to its proxy, which is a process of the
/// host.
void allowFromContainers(Builder& builder) {
    const std::string address = spec::vpnAddressOf(builder.host);
    if (address.find(':') != std::string::npos) {  // Docker's networks have no IPv6 of their own accord
        return;
    }
    // The first fifteen of Docker's default address pools (moby, libnetwork/ipamutils).
    constexpr const char* kDockerNetworks = "172.16.0.0/12";
    for (const auto& each : spec::portsReachedByContainers(builder.stack, builder.host)) {
        const std::string port = std::to_string(each.number);
        if (each.exposure != spec::Exposure::vpn || builder.has("firewall:containers/tcp/" + port)) {
            continue;
        }
        allow(
            builder, "containers/tcp/" + port,
            "allow from " + std::string(kDockerNetworks) + " to " + address + " port " + port + " proto tcp",
            each.purpose);
    }
}

}  // namespace

void renderFirewall(Builder& builder) {
    const auto& stack = builder.stack;
    builder.from({"spec", "firewall"});
    if (stack.firewallProviderOn(builder.host) != spec::FirewallProvider::ufw) {
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
    const auto inHostNetwork = [&](int port, const std::string& exposure, const std::string& purpose) {
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
    if (spec::grafanaInHostNetwork(stack) && stack.hostOf(stack.grafana->project) == &builder.host) {
        inHostNetwork(stack.grafana->port, stack.grafana->exposure, "the hosts of the tunnel reach Grafana");
    }
    for (const auto& port : spec::portsReachedOverTunnel(stack, builder.host)) {
        allowOverTunnel(builder, port);
    }
    for (const auto& exporter : stack.exporters) {
        if (exporter.inHostNetwork() && stack.hostOf(exporter.project) == &builder.host) {
            inHostNetwork(exporter.port, exporter.exposure, "the hosts of the tunnel reach " + exporter.name);
        }
    }
    allowFromContainers(builder);
}

}  // namespace vigie::render
