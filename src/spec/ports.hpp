// The ports that the document needs on a host, and who needs them.
#pragma once

#include "spec/exposure.hpp"
#include "spec/stack.hpp"

#include <string>
#include <vector>

namespace vigie::spec {

// The ports that OTLP and Jaeger fix.
constexpr int kOtlpGrpcPort = 4317;
constexpr int kOtlpHttpPort = 4318;

/// A port of a host, and who needs it.
struct Port {
    int number = 0;
    std::string purpose;
    Exposure exposure = Exposure::vpn;
    bool udp = false;
};

/// How packets of the other hosts come in: an interface, or, where that is empty, from a subnet. Both are
/// empty where no network joins the hosts.
struct Entrance {
    std::string interface;
    std::string from;
};

Entrance entranceOf(const Stack& stack);

/// Whether `host` has this rule of the user's.
bool holdsFor(const AllowRule& rule, const Host& host);

/// The port (TCP and UDP) by which the Alertmanagers of a cluster talk.
int clusterPort(const Alertmanager& alertmanager);

/// The ports of `host` that some *other* host of the stack connects to.
std::vector<Port> portsReachedOverTunnel(const Stack& stack, const Host& host);

/// The ports of `host` that containers on the host itself connect to by its address in the tunnel.
std::vector<Port> portsReachedByContainers(const Stack& stack, const Host& host);

/// The ports that containers of ours publish on `host`.
std::vector<Port> portsPublished(const Stack& stack, const Host& host);

}  // namespace vigie::spec
