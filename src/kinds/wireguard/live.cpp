// Observes the live WireGuard interface and converges it.

#include "kinds/wireguard/live.hpp"

#include "apply/http_api.hpp"
#include "apply/tools.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "kinds/wireguard/compare.hpp"
#include "kinds/wireguard/endpoints.hpp"
#include "kinds/wireguard/resolve.hpp"
#include "kinds/wireguard/routes.hpp"
#include "kinds/wireguard/sync.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace vigie::apply {
namespace {

using nlohmann::json;
using system::System;

constexpr auto kTunnelTimeout = std::chrono::seconds(30);

const plan::ObservedPeer* find(const plan::ObservedWireguard& observed, const std::string& publicKey) {
    for (const auto& peer : observed.peers) {
        if (peer.publicKey == publicKey) {
            return &peer;
        }
    }
    return nullptr;
}

bool v6(const std::string& address) {
    return address.find(':') != std::string::npos;
}

/// Source: wg(8), `show INTERFACE dump`: private key, public key, port, fwmark; then for each peer public
/// key, preshared key, endpoint, allowed ips, latest handshake, received, sent, keepalive.
void readDump(const std::string& dump, std::int64_t now, plan::ObservedWireguard& out) {
    bool first = true;
    for (const auto line : splitLines(dump)) {
        const auto fields = split(line, '\t');
        constexpr std::size_t kInterfaceFields = 4;
        constexpr std::size_t kPeerFields = 8;
        if (first && fields.size() >= kInterfaceFields) {
            out.publicKey = fields[1];
            out.listenPort = numberIn<int>(fields[2]);
        } else if (fields.size() >= kPeerFields) {
            plan::ObservedPeer peer;
            peer.publicKey = fields[0];
            if (fields[1] != "(none)") {
                peer.presharedKey = secureBytes(fields[1]);
            }
            peer.endpoint = fields[2] == "(none)" ? "" : fields[2];
            for (const auto allowed : split(fields[3], ',')) {
                if (allowed != "(none)" && !allowed.empty()) {
                    peer.allowedIps.emplace_back(allowed);
                }
            }
            std::sort(peer.allowedIps.begin(), peer.allowedIps.end());
            peer.handshake = numberIn<std::int64_t>(fields[4]);
            peer.handshakeAge = now - peer.handshake;
            peer.persistentKeepalive = numberIn<int>(fields[7]);
            out.peers.push_back(std::move(peer));
        }
        first = false;
    }
}

void readAddresses(const std::string& interface, const System& system, plan::ObservedWireguard& out) {
    for (const auto& link : ipJson({"address", "show", "dev", interface}, system)) {
        out.mtu = memberOr(link, "mtu", 0);
        const auto& flags = list(link, "flags");
        out.up = std::find(flags.begin(), flags.end(), "UP") != flags.end();
        for (const auto& address : list(link, "addr_info")) {
            if (text(address, "scope") != "link") {
                out.addresses.push_back(text(address, "local") + "/" +
                                        std::to_string(memberOr(address, "prefixlen", 0)));
            }
        }
    }
}

void readRoutesOf(bool six, const std::string& interface, const System& system,
                  plan::ObservedWireguard& out) {
    for (const auto& route : ipJson({six ? "-6" : "-4", "route", "show", "dev", interface}, system)) {
        if (text(route, "protocol") == "kernel") {
            continue;
        }
        std::string to = text(route, "dst");
        if (to == "default") {
            to = six ? "::/0" : "0.0.0.0/0";
        } else if (to.find('/') == std::string::npos) {
            to += six ? "/128" : "/32";
        }
        out.routes.push_back(to);
    }
}

/// Of the families that the interface has addresses of: without one there is nothing to send from.
void readRoutes(const std::string& interface, const System& system, plan::ObservedWireguard& out) {
    const bool six = std::any_of(out.addresses.begin(), out.addresses.end(), v6);
    const bool four = !std::all_of(out.addresses.begin(), out.addresses.end(), v6) || !six;
    if (four) {
        readRoutesOf(false, interface, system, out);
    }
    if (six) {
        readRoutesOf(true, interface, system, out);
    }
    std::sort(out.routes.begin(), out.routes.end());
}

/// What `wg show` says about an interface that is not there; the second where neither the kernel has
/// WireGuard nor a userspace implementation runs.
bool noSuchInterface(const system::ProcessResult& result) {
    return result.err.find("No such device") != std::string::npos ||
           result.err.find("Protocol not supported") != std::string::npos;
}

bool isUp(const std::string& interface, const System& system) {
    return system.processes.run({{"wg", "show", interface, "public-key"}, {}, {}, kTunnelTimeout}).ok();
}

void ip(const std::vector<std::string>& arguments, const System& system) {
    std::vector<std::string> argv{"ip"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    mustRun(argv, system.processes);
}

/// What `wg syncconf` shall make of the interface. Whoever is there and not to be dialled anew keeps the
/// endpoint that he has; the peers of `without` are left out, those of `called` hear from us at once.
SecureBytes configFor(const render::WireguardInterface& wanted, const plan::ObservedWireguard& observed,
                      const Dials& dials = {}, const std::set<std::string>& without = {},
                      const std::set<std::string>& called = {}) {
    SecureBytes out =
        secureBytes("[Interface]\nListenPort = " + std::to_string(wanted.listenPort) + "\nPrivateKey = ");
    append(out, view(*wanted.privateKey.value));
    append(out, "\n");
    for (auto peer : plan::wantedPeers(wanted, observed)) {
        if (without.count(peer.publicKey) != 0) {
            continue;
        }
        const auto* is = find(observed, peer.publicKey);
        const bool preshared = is != nullptr && !is->presharedKey.empty();
        const bool stays = is != nullptr && !is->endpoint.empty() && dials.count(peer.publicKey) == 0;
        peer.endpoint = stays ? is->endpoint
                              : plan::placeToDial(peer.endpoint, is == nullptr ? "" : is->endpoint, observed);
        if (peer.persistentKeepalive == 0 && called.count(peer.publicKey) != 0) {
            peer.persistentKeepalive = 1;  // switching it on sends one
        }
        append(out, "\n[Peer]\nPublicKey = " + peer.publicKey + "\n");
        if (!peer.presharedKey.id.empty() || preshared) {
            append(out, "PresharedKey = ");
            append(out, peer.presharedKey.available() ? view(*peer.presharedKey.value) : kNoPresharedKey);
            append(out, "\n");
        }
        if (!peer.allowedIps.empty()) {
            append(out, "AllowedIPs = " + join(peer.allowedIps, ", ") + "\n");
        }
        if (!peer.endpoint.empty()) {
            append(out, "Endpoint = " + peer.endpoint + "\n");
        }
        append(out, "PersistentKeepalive = " +
                        (peer.persistentKeepalive == 0 ? "off" : std::to_string(peer.persistentKeepalive)) +
                        "\n");
    }
    return out;
}

/// Whether keys, port and peers are as they should be, so that nothing has to be set.
bool peersInPlace(const render::WireguardInterface& wanted, const plan::ObservedWireguard& is) {
    const auto peers = plan::wantedPeers(wanted, is);
    if (is.publicKey != wanted.publicKey || is.listenPort != wanted.listenPort ||
        is.peers.size() != peers.size()) {
        return false;
    }
    return std::all_of(peers.begin(), peers.end(), [&](const plan::WantedPeer& peer) {
        return std::any_of(is.peers.begin(), is.peers.end(), [&](const plan::ObservedPeer& there) {
            return there.publicKey == peer.publicKey && there.allowedIps == peer.allowedIps &&
                   there.persistentKeepalive == peer.persistentKeepalive &&
                   plan::samePresharedKey(peer.presharedKey, there);
        });
    });
}

/// Whether everybody of `dials` is dialled at a place of his endpoint, or no such place is known.
bool dialsAsWanted(const Dials& dials, const plan::ObservedWireguard& is) {
    return std::all_of(dials.begin(), dials.end(), [&](const auto& each) {
        const auto* peer = find(is, each.first);
        return peer == nullptr ||
               plan::placeToDial(each.second.endpoint, peer->endpoint, is) == peer->endpoint;
    });
}

bool has(const std::vector<std::string>& all, const std::string& each) {
    return std::find(all.begin(), all.end(), each) != all.end();
}

/// What is not wanted goes first: the kernel takes the other addresses of a network along with its first one.
void setAddresses(const std::string& interface, const std::vector<std::string>& wanted,
                  const std::vector<std::string>& is, const System& system) {
    bool removed = false;
    for (const auto& address : is) {
        const bool gone = removed && !has(observeWireguard(interface, system).addresses, address);
        if (!has(wanted, address) && !gone) {
            ip({"address", "delete", address, "dev", interface}, system);
            removed = true;
        }
    }
    const auto left = removed ? observeWireguard(interface, system).addresses : is;
    for (const auto& address : wanted) {
        if (!has(left, address)) {
            ip({"address", "replace", address, "dev", interface}, system);
        }
    }
}

void route(const char* verb, const std::string& to, const std::string& interface, const System& system) {
    ip({v6(to) ? "-6" : "-4", "route", verb, to, "dev", interface}, system);
}

void setRoutes(const render::WireguardInterface& wanted, const plan::ObservedWireguard& is,
               const System& system) {
    const auto routes = plan::wantedRoutes(wanted);
    const auto ofPeer = [&](const std::string& to) {
        return std::any_of(is.peers.begin(), is.peers.end(),
                           [&](const plan::ObservedPeer& peer) { return has(peer.allowedIps, to); });
    };
    const auto now =
        observeWireguard(wanted.interface, system);  // the last address that went took all routes along
    for (const auto& each : routes) {
        if (!has(now.routes, each)) {
            route("add", each, wanted.interface, system);  // `replace` would take one of another interface
        }
    }
    // Somebody may have added one of his own: only those that belonged to a peer go.
    for (const auto& each : is.routes) {
        if (!ofPeer(each) && !has(now.routes, each) && !has(routes, each)) {
            route("replace", each, wanted.interface, system);
        }
    }
    for (const auto& each : now.routes) {
        if (ofPeer(each) && !has(routes, each)) {
            route("delete", each, wanted.interface, system);
        }
    }
}

void bringUp(const std::string& interface, const std::string& configPath, const System& system) {
    system::Command command;
    command.leavesDaemon = true;  // wireguard-go, where the kernel has no WireGuard
    command.timeout = kTunnelTimeout;
    if (systemdRuns(system.files)) {
        command.argv = {"systemctl", "restart", "wg-quick@" + interface + ".service"};
    } else {
        command.argv = {"wg-quick", "up", system.files.real(configPath)};
    }
    mustRunOnForeign(command, {configPath}, interface, system);  // it echoes the file's hooks
}

}  // namespace

plan::ObservedWireguard observeWireguard(const std::string& interface, const System& system) {
    plan::ObservedWireguard out;
    for (const auto& tool : {kWg, kWgQuick, kIp}) {
        out.problem = missing(tool, system.processes);
        if (!out.problem.empty()) {
            return out;
        }
    }
    try {
        auto result = system.processes.run({{"wg", "show", interface, "dump"}, {}, {}, kTunnelTimeout});
        const Wiped dump(std::move(result.out));
        if (!result.ok()) {
            if (!noSuchInterface(result)) {
                out.problem = "`wg show` failed: " + std::string(trim(result.err));
            }
            return out;
        }
        constexpr std::int64_t kMilliseconds = 1000;
        readDump(dump.text(), system.clock.now() / kMilliseconds, out);
        readAddresses(interface, system, out);
        readRoutes(interface, system, out);
    } catch (const Error& error) {
        out.problem = error.what();
    }
    return out;
}

void convergeWireguard(const render::WireguardInterface& wanted, const Dials& dials, const System& system) {
    if (!isUp(wanted.interface, system)) {
        bringUp(wanted.interface, wanted.configPath, system);
    }
    auto is = observeWireguard(wanted.interface, system);
    if (!is.problem.empty()) {
        throw Error(is.problem);
    }
    resolveEndpoints(wanted, system.names, is);
    if (!peersInPlace(wanted, is) || !dialsAsWanted(dials, is)) {
        syncPeers(wanted.interface, view(configFor(wanted, is, dials)), system);
    }
    setAddresses(wanted.interface, wanted.addresses(), is.addresses, system);
    if (wanted.mtu != 0 && is.mtu != wanted.mtu) {
        ip({"link", "set", "dev", wanted.interface, "mtu", std::to_string(wanted.mtu)}, system);
    }
    if (!is.up) {
        ip({"link", "set", "dev", wanted.interface, "up"}, system);
    }
    setRoutes(wanted, is, system);
}

void renewSessions(const render::WireguardInterface& wanted, const std::vector<std::string>& publicKeys,
                   const Dials& dials, const System& system) {
    auto is = observeWireguard(wanted.interface, system);
    resolveEndpoints(wanted, system.names, is);
    std::set<std::string> renewed;
    for (const auto& peer : is.peers) {
        if (peer.handshake != 0 && has(publicKeys, peer.publicKey)) {
            renewed.insert(peer.publicKey);
        }
    }
    if (!renewed.empty()) {
        syncPeers(wanted.interface, view(configFor(wanted, is, dials, renewed)), system);
        syncPeers(wanted.interface, view(configFor(wanted, is, dials, {}, renewed)), system);
        if (!peersInPlace(wanted, observeWireguard(wanted.interface, system))) {
            syncPeers(wanted.interface, view(configFor(wanted, is)), system);
        }
    }
}

void followKeys(const render::WireguardInterface& wanted, const System& system) {
    const bool changing = std::any_of(wanted.peers.begin(), wanted.peers.end(),
                                      [](const auto& peer) { return !peer.nextPublicKey.empty(); });
    constexpr int kSeconds = 6;  // WireGuard tries again every five
    for (int i = 0; changing && i < kSeconds; ++i) {
        system.clock.sleep(std::chrono::seconds(1));
        const auto is = observeWireguard(wanted.interface, system);
        if (is.problem.empty() && is.up && !peersInPlace(wanted, is)) {
            syncPeers(wanted.interface, view(configFor(wanted, is)), system);
            return;
        }
    }
}

void takeDownWireguard(const std::string& interface, const std::string& configPath, const System& system) {
    if (!isUp(interface, system)) {
        return;
    }
    if (systemdRuns(system.files)) {
        mustRun({"systemctl", "stop", "wg-quick@" + interface + ".service"}, system.processes);
    }
    if (isUp(interface, system)) {  // brought up by hand, or by us where there was no systemd
        try {
            system::Command command;
            command.argv = {"wg-quick", "down", system.files.real(configPath)};
            mustRunOnForeign(command, {configPath}, interface, system);
        } catch (const Error&) {
            if (isUp(interface, system)) {
                throw;
            }
            // It is down all the same: a hook of the file failed, perhaps because it had run before.
        }
    }
}

TunnelImage snapshotWireguard(const std::string& interface, const std::string& configPath,
                              const System& system) {
    const auto is = observeWireguard(interface, system);
    if (!is.problem.empty()) {
        throw Error(is.problem);
    }
    TunnelImage out{.configPath = configPath, .up = is.up};
    if (is.up) {
        out.live = showConfig(interface, system);
        out.mtu = is.mtu;
        out.addresses = is.addresses;
        out.routes = is.routes;
    }
    return out;
}

void restoreWireguard(const std::string& interface, const TunnelImage& image, const System& system) {
    if (!image.up) {
        if (isUp(interface, system)) {
            ip({"link", "delete", "dev", interface}, system);
            if (systemdRuns(system.files)) {
                mustRun({"systemctl", "stop", "wg-quick@" + interface + ".service"}, system.processes);
            }
        }
        return;
    }
    if (!isUp(interface, system)) {
        bringUp(interface, image.configPath, system);
    }
    const auto now = snapshotWireguard(interface, image.configPath, system);
    if (now.live == image.live && now.mtu == image.mtu && now.addresses == image.addresses &&
        now.routes == image.routes) {
        return;
    }
    if (view(showConfig(interface, system)) != view(image.live)) {
        syncPeers(interface, view(image.live), system);
    }
    const auto is = observeWireguard(interface, system);
    if (is.mtu != image.mtu) {
        ip({"link", "set", "dev", interface, "mtu", std::to_string(image.mtu)}, system);
    }
    setAddresses(interface, image.addresses, is.addresses, system);
    const auto& routes = image.routes;
    const auto after = observeWireguard(interface, system);
    for (const auto& each : routes) {
        if (std::find(after.routes.begin(), after.routes.end(), each) == after.routes.end()) {
            route("replace", each, interface, system);
        }
    }
    for (const auto& each : after.routes) {
        if (std::find(routes.begin(), routes.end(), each) == routes.end()) {
            route("delete", each, interface, system);
        }
    }
}

}  // namespace vigie::apply
