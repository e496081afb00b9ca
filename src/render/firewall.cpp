// The firewall rules of a host.
#include "render/builder.hpp"
#include "render/topology.hpp"
#include "spec/datasources.hpp"
#include "spec/ports.hpp"
#include "spec/topology.hpp"

namespace vigie::render {
namespace {

using Direction = FirewallRule::Direction;

void allow(Builder& builder, const std::string& name, FirewallRule rule, const std::string& purpose) {
    const auto provider = builder.stack.firewallProviderOn(builder.host);
    rule.provider = textIn(wordsOf(provider), provider);
    rule.comment =
        "vigie: " + purpose;  // ufw takes no quotes there; names of hosts and applications have none
    builder.add({"firewall:" + name, std::move(rule), {}, purpose});
}

/// Lets in what comes over the network that joins the hosts.
void allowFromHosts(Builder& builder, const spec::Port& port) {
    const auto way = spec::entranceOf(builder.stack);
    const std::string protocol = port.udp ? "udp" : "tcp";
    allow(builder,
          (way.interface.empty() ? way.from : way.interface) + "/" + protocol + "/" +
              std::to_string(port.number),
          {.interface = way.interface, .protocol = protocol, .port = port.number, .from = way.from},
          port.purpose);
}

/// The user's own rules.
void allowAsWritten(Builder& builder) {
    for (std::size_t i = 0; i < builder.stack.firewallAllow.size(); ++i) {
        const auto& rule = builder.stack.firewallAllow[i];
        if (!spec::holdsFor(rule, builder.host)) {
            continue;
        }
        builder.from(spec::FieldPath{"spec", "firewall", "allow"}[i]);
        const std::string protocol(textIn(wordsOf(rule.protocol), rule.protocol));
        allow(builder,
              "allow/" + protocol + "/" + std::to_string(rule.port) +
                  (rule.interface.empty() ? "" : "/" + rule.interface) +
                  (rule.from.empty() ? "" : "/" + rule.from),
              {.interface = rule.interface, .protocol = protocol, .port = rule.port, .from = rule.from},
              rule.comment.empty() ? "as `firewall.allow` says" : rule.comment);
    }
    builder.from({"spec", "firewall"});
}

/// What comes from a network of Docker's and goes to an address of the host meets the host's own rules, also
/// when a container publishes the port: Docker leaves such packets to its proxy, which is a process of the
/// host.
void allowFromContainers(Builder& builder) {
    const std::string address = spec::addressOf(builder.stack, builder.host);
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
        allow(builder, "containers/tcp/" + port,
              {.protocol = "tcp", .port = each.number, .from = kDockerNetworks, .to = address}, each.purpose);
    }
}

/// Where there is no hub, nothing else is forwarded from the tunnel into the tunnel. What of it guests reach
/// is decided before (render/guests.cpp).
void allowGuests(Builder& builder) {
    const auto& interface = builder.stack.wireguard.interface;
    for (const auto* guest : spec::Peering(builder.stack).guestsOf(builder.host)) {
        for (const auto& text : {guest->address, guest->address6}) {
            if (const auto address = spec::parseIp(text)) {
                const auto from = spec::toText(*address);
                allow(builder, interface + "/route/" + from,
                      {.direction = Direction::forward,
                       .interface = interface,
                       .outInterface = interface,
                       .from = from},
                      "this host forwards for guest " + guest->name);
            }
        }
    }
}

/// What the tunnel itself needs.
void allowTunnel(Builder& builder) {
    if (spec::reachable(builder.host)) {
        const int port = spec::listenPortOf(builder.stack, builder.host);
        allow(builder, "udp/" + std::to_string(port), {.protocol = "udp", .port = port},
              "peers dial the tunnel");
    }
    const auto& interface = builder.stack.wireguard.interface;
    for (const auto& route : builder.host.routes) {
        allow(builder, interface + "/route/" + route,
              {.direction = Direction::forward, .interface = interface, .to = route},
              "the tunnel reaches the network behind this host");
    }
    if (isHub(builder.stack, builder.host)) {
        allow(builder, interface + "/route",
              {.direction = Direction::forward, .interface = interface, .outInterface = interface},
              "the hub forwards between its spokes");
    } else if (forwardsForGuests(builder.stack, builder.host)) {
        allowGuests(builder);
    }
}

}  // namespace

void renderFirewall(Builder& builder) {
    const auto& stack = builder.stack;
    builder.from({"spec", "firewall"});
    if (stack.firewallProviderOn(builder.host) == spec::FirewallProvider::none) {
        return;
    }
    for (const auto& port : spec::portsPublished(stack, builder.host)) {
        if (port.exposure == spec::Exposure::everybody) {
            allow(builder, "tcp/" + std::to_string(port.number), {.protocol = "tcp", .port = port.number},
                  "everybody may reach this port");
        }
    }
    allowAsWritten(builder);
    if (!spec::joined(stack)) {
        return;
    }
    if (stack.wireguard.exists()) {
        allowTunnel(builder);
    }
    // Of all that is published, these alone do not come past the firewall by Docker's own rules.
    const auto inHostNetwork = [&](int port, const std::string& exposure, const std::string& purpose) {
        if (spec::exposureOf(stack, exposure) == spec::Exposure::vpn) {
            allowFromHosts(builder, {port, purpose});
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
        allowFromHosts(builder, port);
    }
    for (const auto& exporter : stack.exporters) {
        if (exporter.inHostNetwork() && stack.hostOf(exporter.project) == &builder.host) {
            inHostNetwork(exporter.port, exporter.exposure, "the hosts of the tunnel reach " + exporter.name);
        }
    }
    allowFromContainers(builder);
}

}  // namespace vigie::render
