// Who reaches a published port, and at which addresses.
#pragma once

#include "spec/stack.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace vigie::spec {

/// Who reaches a published port.
enum class Exposure : std::uint8_t { vpn, local, everybody };

/// What the text of an `exposure` field means in this document; an empty one depends on whether a network
/// joins the hosts. `vpn` is whichever does, also a LAN.
Exposure exposureOf(const Stack& stack, const std::string& written);

/// The addresses on which `host` publishes such a port. An empty one stands for all of IPv4 and IPv6.
std::vector<std::string> bindAddresses(const Stack& stack, const Host& host, const std::string& written);

/// The address under which the host itself reaches such a port.
std::string ownAddress(const Stack& stack, const Host& host, const std::string& written);

/// Whether Prometheus' container runs in the host's own network: a bridge reaches neither the host's loopback
/// address, where ports are in a document without a tunnel, nor, as the engine makes it, IPv6.
bool prometheusInHostNetwork(const Stack& stack);

/// Whether the Alertmanagers' containers run in their hosts' own networks: those of a cluster talk to each
/// other over the tunnel, which from a bridge they cannot by IPv6.
bool alertmanagerInHostNetwork(const Stack& stack);

/// The address under which Prometheus reaches what `host` serves.
std::string scrapeAddress(const Stack& stack, const Host& host);

/// The target at which the server scrapes `port` of a service: an attached one is beside it in its project,
/// where it has a name and its own port; elsewhere it is a port of the service's host.
std::string scrapeTarget(const Stack& stack, const Replica& server, const std::string& project,
                         const std::string& service, int port);

}  // namespace vigie::spec
