// Compares the host's routes with those that the tunnel needs.

#include "kinds/wireguard/routes.hpp"

#include "apply/http_api.hpp"
#include "apply/refused.hpp"
#include "apply/tools.hpp"
#include "base/error.hpp"
#include "base/parse_json.hpp"
#include "base/text.hpp"
#include "kinds/wireguard/compare.hpp"
#include "spec/address.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace vigie::apply {
namespace {

using nlohmann::json;
using spec::IpNetwork;
using system::System;

/// A route of the main table. One over several devices names its first.
struct HostRoute {
    IpNetwork to;
    std::string device;
    bool ownNetwork = false;  ///< the kernel's own, by an address of the device
};

std::optional<IpNetwork> networkOf(const std::string& to, bool six) {
    if (to == "default") {
        return spec::parseNetwork(six ? "::/0" : "0.0.0.0/0");
    }
    return spec::parseNetwork(to.find('/') == std::string::npos ? to + (six ? "/128" : "/32") : to);
}

std::string deviceOf(const json& route) {
    for (const auto& hop : list(route, "nexthops")) {
        return text(hop, "dev");
    }
    return text(route, "dev");
}

std::vector<HostRoute> routesOfHost(bool six, const System& system) {
    std::vector<HostRoute> out;
    for (const auto& route : ipJson({six ? "-6" : "-4", "route", "show"}, system)) {
        const auto to = networkOf(text(route, "dst"), six);
        const std::string device = deviceOf(route);
        if (to && !device.empty()) {  // one that refuses has no device
            out.push_back({*to, device, text(route, "protocol") == "kernel"});
        }
    }
    return out;
}

bool equal(const IpNetwork& a, const IpNetwork& b) {
    return a.prefix == b.prefix && a.contains(b.address);
}

/// Everything lies inside a default route, and is meant to be taken from it.
bool takes(const IpNetwork& wanted, const IpNetwork& from) {
    return equal(wanted, from) ||
           (from.prefix != 0 && wanted.prefix > from.prefix && from.contains(wanted.address));
}

std::string toText(const IpNetwork& network) {
    return spec::toText(network.address) + "/" + std::to_string(network.prefix);
}

std::string complaint(const IpNetwork& wanted, const HostRoute& there) {
    const std::string name = "`" + toText(wanted) + "`";
    if (!equal(wanted, there.to)) {
        return name + " lies inside " + toText(there.to) + ", which this host reaches on " + there.device;
    }
    return there.ownNetwork ? name + " is this host's own network on " + there.device
                            : name + " is what this host reaches on " + there.device;
}

}  // namespace

json ipJson(const std::vector<std::string>& arguments, const System& system) {
    std::vector<std::string> argv{"ip", "-json"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    const auto result = mustRun(argv, system.processes);
    auto out = parseJson(result.out.empty() ? "[]" : result.out);
    if (!out.is_array()) {
        throw Error("`ip` printed something that is no list");
    }
    return out;
}

void keepOwnNetworks(const render::Tunnel& wanted, const System& system) {
    std::vector<std::string> complaints;
    for (const bool six : {false, true}) {
        std::vector<IpNetwork> routes;
        for (const auto& each : plan::wantedRoutes(wanted)) {
            const auto network = spec::parseNetwork(each);
            if (network && network->address.v6 == six) {
                routes.push_back(*network);
            }
        }
        const auto there = routes.empty() ? std::vector<HostRoute>{} : routesOfHost(six, system);
        for (const auto& route : routes) {
            const bool ours = std::any_of(there.begin(), there.end(), [&](const HostRoute& each) {
                return each.device == wanted.interface && equal(each.to, route);
            });
            const auto taken = std::find_if(there.begin(), there.end(), [&](const HostRoute& each) {
                return each.device != wanted.interface && takes(route, each.to);
            });
            if (!ours && taken != there.end()) {
                complaints.push_back(complaint(route, *taken));
            }
        }
    }
    if (!complaints.empty()) {
        throw Refused(
            join(complaints, "\n"),
            "over the tunnel this host would lose its own way there: give one of the two networks other "
            "addresses, or remove it from the `routes` of the other host");
    }
}

void keepDefaultRoute6(const System& system) {
    constexpr std::uint64_t kLargest = 4096;
    for (const auto& route : ipJson({"-6", "route", "show", "default"}, system)) {
        const std::string device = deviceOf(route);
        const std::string path = "/proc/sys/net/ipv6/conf/" + device + "/accept_ra";
        if (text(route, "protocol") != "ra" || device.empty() ||
            system.files.inspect(path).type != FileInfo::Type::regular) {
            continue;
        }
        // At 0 a program of the host listens to the router in place of the kernel, and its route stays.
        if (trim(view(system.files.read(path, kLargest))) == "1") {
            // As `sysctl` wants a name that has dots itself, such as `eth0.7`.
            std::string name = device;
            std::replace(name.begin(), name.end(), '.', '/');
            const std::string setting = "net.ipv6.conf." + name + ".accept_ra=2";
            throw Refused("this host has its IPv6 default route from router advertisements on " + device +
                              ", and the kernel forgets it once it forwards IPv6",
                          "let it listen all the same: `sysctl -w " + setting +
                              "`, and the same line in "
                              "/etc/sysctl.d/50-accept-ra.conf for the next start");
        }
    }
}

}  // namespace vigie::apply
