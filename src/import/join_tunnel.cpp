#include "base/text.hpp"
#include "import/joiner.hpp"
#include "spec/address.hpp"

#include <algorithm>
#include <charconv>

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

void readPeers(const Joiner& joiner, const HostSeen& host) {
    auto& stack = joiner.draft.stack;
    for (const auto& peer : host.tunnel->peers) {
        const auto it = std::find_if(joiner.hosts.begin(), joiner.hosts.end(), [&](const auto& other) {
            return other.tunnel && !peer.publicKey.empty() && other.tunnel->publicKey == peer.publicKey;
        });
        if (it == joiner.hosts.end()) {
            joiner.find("by hand", host.name, host.tunnel->file, peer.line,
                        "the peer " + printable(peer.publicKey) + " was not imported",
                        "import that host into the same directory; until then the document would cut it off");
            continue;
        }
        auto& entry = *std::find_if(stack.hosts.begin(), stack.hosts.end(),
                                    [&](const auto& each) { return each.name == it->name; });
        if (!peer.endpoint.empty()) {
            const auto dialled = endpointOf(peer.endpoint);
            if (!entry.endpoint.empty() && entry.endpoint != dialled.host) {
                joiner.find("note", host.name, host.tunnel->file, peer.line,
                            "this peer is dialled at another address than elsewhere",
                            "the document has one `endpoint` for a host: " + entry.endpoint);
            } else {
                entry.endpoint = dialled.host;
            }
            if (stack.wireguard.listenPort != 0 && dialled.port != stack.wireguard.listenPort) {
                joiner.find("by hand", host.name, host.tunnel->file, peer.line,
                            "this peer listens on port " + std::to_string(dialled.port),
                            "the document has one `listenPort` for all hosts: " +
                                std::to_string(stack.wireguard.listenPort));
            } else {
                stack.wireguard.listenPort = dialled.port;
            }
        }
        stack.wireguard.persistentKeepalive = std::max(stack.wireguard.persistentKeepalive, peer.keepalive);
    }
}

}  // namespace

void joinTunnel(const Joiner& joiner) {
    auto& stack = joiner.draft.stack;
    stack.wireguard.interface = "wg0";
    for (const auto& host : joiner.hosts) {
        spec::Host out;
        out.name = host.name;
        out.sealingKey = host.sealingKey;
        out.vpnAddress = host.vpnAddress();
        const std::string path = "spec.hosts[" + std::to_string(stack.hosts.size()) + "]";
        if (!host.tunnel) {
            joiner.find(
                "by hand", host.name, "/etc/wireguard", 0, "this host has no tunnel",
                "give it a VPN address in `spec.hosts`, and the public key that `vigie keys show` prints");
        } else {
            out.publicKey = host.tunnel->publicKey;
            joiner.draft.comments[path] =
                "from " + host.name + ":" + host.tunnel->file + "; the private key stays on the host";
            stack.wireguard.interface = host.tunnel->interface;
            stack.wireguard.mtu = std::max(stack.wireguard.mtu, host.tunnel->mtu);
            if (host.tunnel->saveConfig) {
                joiner.find(
                    "by hand", host.name, host.tunnel->file, 0,
                    "`SaveConfig = true` lets the live tunnel overwrite the file",
                    "remove that line before the first apply; vigie refuses to touch the tunnel until then");
            }
        }
        stack.hosts.push_back(std::move(out));
    }
    stack.wireguard.network = tunnelNetwork(joiner);
    for (const auto& host : joiner.hosts) {
        if (host.tunnel) {
            readPeers(joiner, host);
        }
    }
    if (stack.wireguard.listenPort == 0) {
        for (const auto& host : joiner.hosts) {
            stack.wireguard.listenPort =
                std::max(stack.wireguard.listenPort, host.tunnel ? host.tunnel->listenPort : 0);
        }
    }
}

}  // namespace vigie::imports
