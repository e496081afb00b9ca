// The network that joins the hosts, where it is not vigie's own tunnel.

#include "lint/host_addresses.hpp"
#include "lint/rules.hpp"
#include "spec/topology.hpp"

namespace vigie::lint {
namespace {

using spec::FieldPath;

const FieldPath kHosts{"spec", "hosts"};
const FieldPath kNetwork{"spec", "network"};

void lintEitherOr(const spec::Stack& stack, const spec::Reporter& report) {
    if (stack.network.exists() && stack.wireguard.exists()) {
        report.error(code::VG0334, kNetwork,
                     "the document has both a tunnel of vigie's own and a network that is there already",
                     "remove `spec.wireguard` or `spec.network`; hosts may keep `vpn` and `address` both");
    }
    const bool both = !stack.network.interface.empty() && !stack.network.subnet.empty();
    const bool neither = !stack.network.exists() && report.written(kNetwork) &&
                         !report.refused(kNetwork / "interface") && !report.refused(kNetwork / "subnet");
    if (both || neither) {
        report.error(code::VG0328, kNetwork,
                     both ? "`network` names both an interface and a subnet"
                          : "`network` names neither an interface nor a subnet",
                     "write `{ interface: tailscale0 }`, or `{ subnet: 192.168.1.0/24 }` for a plain LAN");
    }
}

void lintAddressesOfHosts(const spec::Stack& stack, const spec::Reporter& report) {
    auto subnet = spec::parseNetwork(stack.network.subnet);
    if (subnet && noneInside(stack, *subnet, &spec::Host::address)) {
        report.error(code::VG0330, kNetwork / "subnet",
                     "no host has an address in the subnet " + stack.network.subnet,
                     "write the network that contains the addresses of the hosts");
        subnet.reset();
    }
    Unique addresses(report, code::VG0331, "address", "write each host's own address");
    for (std::size_t i = 0; i < stack.hosts.size(); ++i) {
        const auto& host = stack.hosts[i];
        const FieldPath at = kHosts[i] / "address";
        if (host.address.empty()) {
            if (!host.name.empty() && report.answeredFor(at) && !report.refused(at)) {
                report.error(code::VG0329, kHosts[i],
                             "host `" + host.name + "` has no `address` in the network that joins the hosts",
                             "add its `address`; `ip address` on the host prints it");
            }
            continue;
        }
        const auto address = spec::parseIp(host.address);
        if (!address) {
            continue;
        }
        if (subnet && !subnet->contains(*address)) {
            report.error(code::VG0330, at,
                         "the address `" + host.address + "` is not in the subnet " + stack.network.subnet,
                         "write the host's address in that network, or a subnet that contains it");
        }
        addresses.see(at, spec::toText(*address), host.name);
    }
}

/// An `address` that nothing uses: probably meant as the public one.
void lintUnused(const spec::Stack& stack, const spec::Reporter& report) {
    if (stack.hosts.size() == 1 && !stack.hosts.front().address.empty()) {  // of several hosts VG0310 speaks
        report.error(code::VG0335, kHosts[0] / "address",
                     "host `" + stack.hosts.front().name +
                         "` has an `address`, but the document has no `network` to which it belongs",
                     "add `spec.network`; the public address that peers dial is `endpoint`");
    }
}

}  // namespace

void lintJoining(const spec::Stack& stack, const spec::Reporter& report) {
    lintEitherOr(stack, report);
    if (!stack.network.exists()) {
        if (!stack.wireguard.exists() && !report.written(kNetwork) &&
            !report.written(FieldPath{"spec", "wireguard"})) {
            lintUnused(stack, report);
        }
        return;
    }
    lintAddressesOfHosts(stack, report);
    if (!stack.network.subnet.empty() && stack.hosts.size() > 1) {
        report.warning(code::VG0332, kNetwork / "subnet",
                       "what the hosts send each other over " + stack.network.subnet + " is not encrypted",
                       "whoever is in that network reads it; where that is not meant, write `wireguard`, "
                       "or list VG0332 in `spec.lint.disable`");
    }
}

}  // namespace vigie::lint
