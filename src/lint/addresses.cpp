// Networks, endpoints and names of interfaces with which no tunnel can work.

#include "lint/rules.hpp"
#include "spec/address.hpp"

#include <algorithm>
#include <array>

namespace vigie::lint {
namespace {

using spec::FieldPath;
using spec::IpAddress;
using spec::IpNetwork;

const FieldPath kHosts{"spec", "hosts"};
const FieldPath kWireguard{"spec", "wireguard"};

struct Reserved {
    std::string_view network;
    std::string_view what;
};

/// Addresses that no host can have on an interface of its own, or that no router forwards.
/// Source: IANA's registries of special-purpose addresses for IPv4 and IPv6 (RFC 6890), RFC 5771, RFC 4291.
constexpr std::array<Reserved, 8> kUnusable = {{{"0.0.0.0/8", "this network"},
                                                {"169.254.0.0/16", "link-local addresses"},
                                                {"224.0.0.0/4", "multicast"},
                                                {"240.0.0.0/4", "reserved and broadcast"},
                                                {"::/127", "unspecified and loopback"},
                                                {"::ffff:0:0/96", "IPv4-mapped addresses"},
                                                {"fe80::/10", "link-local addresses"},
                                                {"ff00::/8", "multicast"}}};
constexpr std::string_view kLoopback = "127.0.0.0/8";
/// Networks for private use: RFC 1918, RFC 6598, RFC 2544, RFC 5737.
constexpr std::array<std::string_view, 8> kInside = {"10.0.0.0/8",      "172.16.0.0/12", "192.168.0.0/16",
                                                     "100.64.0.0/10",   "198.18.0.0/15", "192.0.2.0/24",
                                                     "198.51.100.0/24", "203.0.113.0/24"};

bool overlap(const IpNetwork& a, const IpNetwork& b) {
    return a.address.v6 == b.address.v6 &&
           (a.prefix <= b.prefix ? a.contains(b.address) : b.contains(a.address));
}

template <class Test>
const Reserved* reservedWhere(Test test) {
    const auto it = std::find_if(kUnusable.begin(), kUnusable.end(), [&](const Reserved& each) {
        return test(*spec::parseNetwork(std::string(each.network)));
    });
    return it == kUnusable.end() ? nullptr : &*it;
}

/// `own`: true for the tunnel's network. A network behind a host may be public.
void lintNetwork(const FieldPath& at, const std::string& text, bool own, const spec::Reporter& report) {
    const auto network = spec::parseNetwork(text);
    if (!network || network->prefix == 0) {
        return;
    }
    const char* hint = "choose a private network, such as 10.66.66.0/24 or fd66::/64";
    if (const auto* reserved =
            reservedWhere([&](const IpNetwork& each) { return overlap(each, *network); })) {
        report.error(code::VG0325, at,
                     "`" + text + "` overlaps " + std::string(reserved->network) + " (" +
                         std::string(reserved->what) + "), which a tunnel cannot use",
                     hint);
    } else if (overlap(*spec::parseNetwork(std::string(kLoopback)), *network)) {
        report.warning(code::VG0325, at,
                       "`" + text + "` overlaps 127.0.0.0/8 (loopback), which never leaves the machine",
                       hint);
    } else if (own && !network->address.v6 &&
               std::none_of(kInside.begin(), kInside.end(), [&](std::string_view each) {
                   const auto inside = *spec::parseNetwork(std::string(each));
                   return inside.prefix <= network->prefix && inside.contains(network->address);
               })) {
        report.warning(code::VG0325, at,
                       "`" + text + "` contains public addresses: their real owners become unreachable",
                       hint);
    }
}

void lintEndpoint(const FieldPath& at, const std::string& endpoint, const spec::Reporter& report) {
    const auto address = spec::parseIp(endpoint);
    const auto* reserved =
        address ? reservedWhere([&](const IpNetwork& each) { return each.contains(*address); }) : nullptr;
    const bool own = endpoint == "localhost" || (endpoint.size() > 10 && endpoint.ends_with(".localhost"));
    // Addresses of one link only are private ones (VG0320).
    if (reserved != nullptr && reserved->what != "link-local addresses" && endpoint != "::1") {
        report.error(code::VG0326, at,
                     "`" + endpoint + "` cannot be dialled: it is in " + std::string(reserved->network) +
                         " (" + std::string(reserved->what) + ")",
                     "write the host's public address or name; for a host behind NAT, omit `endpoint`");
    } else if (own) {
        report.error(code::VG0326, at, "a peer that dials `" + endpoint + "` reaches itself, not this host",
                     "write the host's public address or name; for a host behind NAT, omit `endpoint`");
    }
}

void lintInterface(const std::string& name, const spec::Reporter& report) {
    // Usual interface names of hosts, and names with a special meaning for wg(8) and in kernel settings.
    static constexpr std::array<std::string_view, 8> kNever = {"lo",   "all",     "default", "interfaces",
                                                               "help", "docker0", "eth0",    "wlan0"};
    static constexpr std::array<std::string_view, 8> kOthers = {"eth",  "en",   "wl",     "br-",
                                                                "veth", "bond", "docker", "tailscale"};
    if (std::find(kNever.begin(), kNever.end(), name) != kNever.end()) {
        report.error(code::VG0327, kWireguard / "interface",
                     "`" + name + "` has another meaning on a host and cannot name the tunnel's interface",
                     "choose another name, such as `wg0`");
    } else if (std::any_of(kOthers.begin(), kOthers.end(), [&](std::string_view prefix) {
                   return std::string_view(name).substr(0, prefix.size()) == prefix;
               })) {
        report.warning(code::VG0327, kWireguard / "interface",
                       "`" + name + "` looks like the name of an existing network interface",
                       "choose another name, such as `wg0`: two interfaces cannot have the same name");
    }
}

}  // namespace

void lintAddresses(const spec::Stack& stack, const spec::Reporter& report) {
    if (!stack.wireguard.exists()) {
        return;
    }
    lintNetwork(kWireguard / "network", stack.wireguard.network, true, report);
    lintNetwork(kWireguard / "network6", stack.wireguard.network6, true, report);
    lintInterface(stack.wireguard.interface, report);
    for (std::size_t i = 0; i < stack.hosts.size(); ++i) {
        lintEndpoint(kHosts[i] / "endpoint", stack.hosts[i].endpoint, report);
        for (std::size_t j = 0; j < stack.hosts[i].routes.size(); ++j) {
            lintNetwork((kHosts[i] / "routes")[j], stack.hosts[i].routes[j], false, report);
        }
    }
}

}  // namespace vigie::lint
