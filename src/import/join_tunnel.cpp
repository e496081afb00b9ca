// Joins the ends of the tunnel into the document.

#include "base/text.hpp"
#include "import/joiner.hpp"
#include "import/wg_conf.hpp"
#include "spec/address.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace vigie::imports {
namespace {

struct Dialled {
    std::string host;
    int port = 0;
};

/// `HOST:PORT`, with brackets around an IPv6 address.
Dialled endpointOf(const std::string& text) {
    Dialled out;
    const auto colon = text.rfind(':');
    out.host = text.substr(0, colon);
    if (colon != std::string::npos) {
        std::from_chars(text.data() + colon + 1, text.data() + text.size(), out.port);
    }
    if (out.host.size() > 2 && out.host.front() == '[') {
        out.host = out.host.substr(1, out.host.size() - 2);
    }
    return out;
}

/// The network in which an address with its prefix length lies.
std::string networkOf(const std::string& address) {
    auto network = spec::parseNetwork(address);
    if (!network) {
        return {};
    }
    for (unsigned bit = network->prefix; bit < network->address.bits(); ++bit) {
        constexpr unsigned kBits = 8;
        network->address.bytes.at(bit / kBits) &= static_cast<std::uint8_t>(~(0x80U >> (bit % kBits)));
    }
    return spec::toText(network->address) + "/" + std::to_string(network->prefix);
}

/// Address lines with /32 say nothing of the network; the widest AllowedIPs that holds every host does.
std::string widest(const Joiner& joiner) {
    std::string out;
    unsigned prefix = 0;
    for (const auto& host : joiner.hosts) {
        for (const auto& peer : host.tunnel ? host.tunnel->peers : std::vector<Peer>{}) {
            for (const auto& each : peer.allowedIps) {
                const auto network = spec::parseNetwork(each);
                const bool holdsAll =
                    network && network->prefix > 0 &&
                    std::all_of(joiner.hosts.begin(), joiner.hosts.end(), [&](const auto& other) {
                        const auto address = spec::parseIp(other.vpnAddress());
                        return !address || network->contains(*address);
                    });
                if (holdsAll && network->prefix > prefix) {
                    out = networkOf(each);
                    prefix = network->prefix;
                }
            }
        }
    }
    return out;
}

std::string tunnelNetwork(const Joiner& joiner) {
    for (const auto& host : joiner.hosts) {
        if (!host.tunnel || host.tunnel->addresses.empty()) {
            continue;
        }
        const auto network = spec::parseNetwork(host.tunnel->addresses.front());
        if (network && network->prefix < network->address.bits()) {
            return networkOf(host.tunnel->addresses.front());
        }
    }
    return widest(joiner);
}

std::string tunnelNetwork6(const Joiner& joiner) {
    for (const auto& host : joiner.hosts) {
        const auto network =
            host.vpnAddress6().empty() ? std::nullopt : spec::parseNetwork(host.tunnel->addresses[1]);
        if (network && network->prefix < network->address.bits()) {
            return networkOf(host.tunnel->addresses[1]);
        }
    }
    return {};
}

/// Whether it lies inside the tunnel's network or its second one.
bool insideTunnel(const spec::IpNetwork& network, const spec::Wireguard& wireguard) {
    for (const auto& each : {wireguard.network, wireguard.network6}) {
        const auto tunnel = spec::parseNetwork(each);
        if (tunnel && network.prefix >= tunnel->prefix && tunnel->contains(network.address)) {
            return true;
        }
    }
    return false;
}

/// Networks behind a peer: what it is sent beside its own addresses. All of the internet is none; the report
/// lists that difference.
void joinRoutes(const Joiner& joiner, const HostSeen& host, const Peer& peer, spec::Host& entry) {
    const auto& wireguard = joiner.draft.stack.wireguard;
    for (const auto& each : peer.allowedIps) {
        const auto network = spec::parseNetwork(each);
        if (!network || network->prefix == 0 || insideTunnel(*network, wireguard)) {
            continue;
        }
        const auto tunnel = spec::parseNetwork(wireguard.network);
        const auto tunnelSix = spec::parseNetwork(wireguard.network6);
        const bool around = (tunnel && network->contains(tunnel->address)) ||
                            (tunnelSix && network->contains(tunnelSix->address));
        const auto route = networkOf(each);
        if (around || std::find(entry.routes.begin(), entry.routes.end(), route) != entry.routes.end()) {
            continue;
        }
        entry.routes.push_back(route);
        joiner.find("note", host.name, host.tunnel->file, peer.line,
                    route + " lies behind " + entry.name + ", according to the AllowedIPs of this peer",
                    "it was added to the `routes` of " + entry.name +
                        ": all other hosts reach it through the tunnel, and that host forwards");
    }
}

/// The hosts' own ports: the commonest becomes the one of the tunnel, which the others are exceptions of.
void joinPorts(spec::Stack& stack) {
    std::map<int, int> hosts;
    for (const auto& host : stack.hosts) {
        if (host.listenPort != 0) {
            ++hosts[host.listenPort];
        }
    }
    int most = 0;
    for (const auto& host : stack.hosts) {  // of equally common ones, that of the first host
        if (host.listenPort != 0 && hosts[host.listenPort] > most) {
            most = hosts[host.listenPort];
            stack.wireguard.listenPort = host.listenPort;
        }
    }
    for (auto& host : stack.hosts) {
        if (host.listenPort == stack.wireguard.listenPort) {
            host.listenPort = 0;
        }
    }
}

/// What both hosts mix into their handshakes; it was sealed to each of them as it was read.
void joinPresharedKey(const Joiner& joiner, const HostSeen& host, const Peer& peer, const HostSeen& other) {
    if (!peer.presharedKey) {
        return;
    }
    const auto& theirs = other.tunnel->peers;
    const bool both = std::any_of(theirs.begin(), theirs.end(), [&](const Peer& each) {
        return each.presharedKey && each.publicKey == host.tunnel->publicKey;
    });
    if (!both) {
        joiner.find(
            "lost", host.name, host.tunnel->file, peer.line,
            "the `PresharedKey` of this peer is not imported: " + other.name + " has none for this host",
            "the tunnel works without this key; with it on one side only, the tunnel cannot work");
        return;
    }
    auto& keys = joiner.draft.stack.wireguard.presharedKeys;
    const auto name = presharedKeyName(host.tunnel->publicKey, peer.publicKey);
    if (std::none_of(keys.begin(), keys.end(), [&](const auto& key) { return key.from.secret == name; })) {
        keys.push_back({{host.name, other.name}, {name}});
    }
}

void readPeers(const Joiner& joiner, const HostSeen& host) {
    auto& stack = joiner.draft.stack;
    for (const auto& peer : host.tunnel->peers) {
        const auto it = std::find_if(joiner.hosts.begin(), joiner.hosts.end(), [&](const auto& other) {
            return other.tunnel && !peer.publicKey.empty() && other.tunnel->publicKey == peer.publicKey;
        });
        if (it == joiner.hosts.end()) {
            becomesGuest(joiner, host, peer);
            continue;
        }
        auto& entry = *std::find_if(stack.hosts.begin(), stack.hosts.end(),
                                    [&](const auto& each) { return each.name == it->name; });
        if (!peer.endpoint.empty()) {
            const auto dialled = endpointOf(peer.endpoint);
            if (!entry.endpoint.empty() && entry.endpoint != dialled.host) {
                joiner.find("note", host.name, host.tunnel->file, peer.line,
                            "this host connects to this peer at another address than the other hosts do",
                            "the document has one `endpoint` for each host: " + entry.endpoint);
            } else {
                entry.endpoint = dialled.host;
            }
            if (it->tunnel->listenPort != 0 && dialled.port != it->tunnel->listenPort) {
                joiner.find("by hand", host.name, host.tunnel->file, peer.line,
                            "this host connects to port " + std::to_string(dialled.port) +
                                " of this peer, which listens on port " +
                                std::to_string(it->tunnel->listenPort),
                            "the document has one `listenPort`, on which the host listens and to which its "
                            "peers connect: forward the same port number on both sides");
            }
            if (entry.listenPort == 0) {
                entry.listenPort = dialled.port;
            }
        }
        joinRoutes(joiner, host, peer, entry);
        joinPresharedKey(joiner, host, peer, *it);
        stack.wireguard.persistentKeepalive = std::max(stack.wireguard.persistentKeepalive, peer.keepalive);
    }
}

/// Whether the tunnel joins any two hosts.
bool peersAreHosts(const Joiner& joiner) {
    return std::any_of(joiner.hosts.begin(), joiner.hosts.end(), [&](const auto& host) {
        return std::any_of(joiner.hosts.begin(), joiner.hosts.end(), [&](const auto& other) {
            return host.tunnel && other.tunnel &&
                   std::any_of(host.tunnel->peers.begin(), host.tunnel->peers.end(), [&](const auto& peer) {
                       return !peer.publicKey.empty() && peer.publicKey == other.tunnel->publicKey;
                   });
        });
    });
}

}  // namespace

void joinTunnel(const Joiner& joiner) {
    if (!peersAreHosts(joiner) && joinNetwork(joiner)) {
        return;
    }
    auto& stack = joiner.draft.stack;
    const bool none = std::none_of(joiner.hosts.begin(), joiner.hosts.end(),
                                   [](const auto& host) { return host.tunnel.has_value(); });
    stack.wireguard.interface = "wg0";
    for (const auto& host : joiner.hosts) {
        spec::Host out;
        out.name = host.name;
        out.sealingKey = host.sealingKey;
        out.vpnAddress = host.vpnAddress();
        const std::string path = "spec.hosts[" + std::to_string(stack.hosts.size()) + "]";
        if (none) {
            // One host needs no tunnel; what several need was said.
        } else if (!host.tunnel) {
            joiner.find(
                "by hand", host.name, "/etc/wireguard", 0, "this host has no tunnel",
                "give it a VPN address in `spec.hosts`, and the public key that `vigie keys show` prints");
        } else {
            out.publicKey = host.tunnel->publicKey;
            out.listenPort = host.tunnel->listenPort;
            out.dns = host.tunnel->dns;
            out.vpnAddress6 = host.vpnAddress6();
            joiner.draft.comments[path] =
                "from " + host.name + ":" + host.tunnel->file + "; the private key stays on the host";
            stack.wireguard.interface = host.tunnel->interface;
            stack.wireguard.mtu = std::max(stack.wireguard.mtu, host.tunnel->mtu);
            if (host.tunnel->saveConfig) {
                joiner.find(
                    "by hand", host.name, host.tunnel->file, 0,
                    "`SaveConfig = true` lets the running tunnel overwrite the file",
                    "remove that line before the first apply; vigie refuses to touch the tunnel until then");
            }
        }
        stack.hosts.push_back(std::move(out));
    }
    stack.wireguard.network = tunnelNetwork(joiner);
    stack.wireguard.network6 = tunnelNetwork6(joiner);
    for (const auto& host : joiner.hosts) {
        if (host.tunnel) {
            readPeers(joiner, host);
        }
    }
    joinPorts(stack);
}

}  // namespace vigie::imports
