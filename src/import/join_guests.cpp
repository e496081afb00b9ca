// Makes guests of the peers that are no hosts: phones and laptops.

#include "base/text.hpp"
#include "import/joiner.hpp"
#include "import/wg_conf.hpp"
#include "spec/address.hpp"
#include "spec/format.hpp"
#include "spec/guests.hpp"
#include "spec/topology.hpp"

#include <algorithm>
#include <optional>

namespace vigie::imports {
namespace {

/// A network of `AllowedIPs`; an address alone is a network of one.
std::optional<spec::IpNetwork> allowedNetwork(const std::string& text) {
    if (const auto address = text.find('/') == std::string::npos ? spec::parseIp(text) : std::nullopt) {
        return spec::IpNetwork{*address, address->bits()};
    }
    return spec::parseNetwork(text);
}

/// What a peer is sent, as far as it decides what the peer is.
struct Allowed {
    std::vector<std::string> address;   ///< in the tunnel's network
    std::vector<std::string> address6;  ///< in its second one
    std::vector<std::string> behind;    ///< networks elsewhere
    bool everything = false;            ///< all of the internet
    bool tunnel = false;                ///< a part of the tunnel, or all of it
};

Allowed allowedOf(const spec::Wireguard& wireguard, const Peer& peer) {
    Allowed out;
    const auto tunnel = spec::parseNetwork(wireguard.network);
    const auto tunnelSix = spec::parseNetwork(wireguard.network6);
    for (const auto& text : peer.allowedIps) {
        const auto network = allowedNetwork(text);
        if (!network) {
            continue;
        }
        const bool one = network->prefix == network->address.bits();
        const bool in = tunnel && tunnel->contains(network->address);
        const bool inSix = tunnelSix && tunnelSix->contains(network->address);
        const bool around = (tunnel && network->contains(tunnel->address)) ||
                            (tunnelSix && network->contains(tunnelSix->address));
        if (network->prefix == 0) {
            out.everything = true;
        } else if (one && (in || inSix)) {
            (in ? out.address : out.address6).push_back(spec::toText(network->address));
        } else if (in || inSix || around) {
            out.tunnel = true;
        } else {
            out.behind.push_back(text);
        }
    }
    return out;
}

/// The host whose address in the tunnel it is; null: nobody's.
const HostSeen* ownerOf(const Joiner& joiner, const std::string& address) {
    const auto is = spec::parseIp(address);
    const auto it = std::find_if(joiner.hosts.begin(), joiner.hosts.end(), [&](const auto& host) {
        return is && (spec::parseIp(host.vpnAddress()) == is || spec::parseIp(host.vpnAddress6()) == is);
    });
    return it == joiner.hosts.end() ? nullptr : &*it;
}

bool isHost(const Joiner& joiner, const Peer& peer) {
    return std::any_of(joiner.hosts.begin(), joiner.hosts.end(), [&](const auto& host) {
        return host.tunnel && !peer.publicKey.empty() && host.tunnel->publicKey == peer.publicKey;
    });
}

/// Why a peer is no guest, and what to do about it. Nothing: it is one.
struct NoGuest {
    std::string why;
    std::string cure;
};

std::optional<NoGuest> noGuest(const Joiner& joiner, const Peer& peer) {
    const std::string loss = "without it, the document disconnects the peer";
    const NoGuest host{"", "import the host of this peer into the same directory: " + loss};
    if (!peer.endpoint.empty() || spec::checkFormat("wireguard-key", peer.publicKey)) {
        return host;
    }
    const auto& wireguard = joiner.draft.stack.wireguard;
    const auto allowed = allowedOf(wireguard, peer);
    if (allowed.tunnel) {
        return host;
    }
    if (!allowed.behind.empty()) {
        return NoGuest{
            ": " + vigie::join(allowed.behind, ", ") +
                (allowed.behind.size() == 1 ? " lies behind it" : " lie behind it") +
                ", and a guest has only addresses of its own",
            "a host has `routes`: import the host of this peer into the same directory, or write it "
            "into `spec.hosts` with `vpn` and `routes`; " +
                loss};
    }
    if (allowed.everything) {
        return NoGuest{": all of the internet lies behind it, which no field of the document can say",
                       "remove the default route from its AllowedIPs, and import again; without that, the "
                       "document disconnects the peer"};
    }
    if (allowed.address.size() != 1 || allowed.address6.size() > 1) {
        return NoGuest{
            allowed.address.size() + allowed.address6.size() > 1
                ? ": it has several addresses of one kind, and a guest has one"
                : ": it has no address in the tunnel's network" +
                      (wireguard.network.empty() ? "" : " " + wireguard.network),
            "give it one address in `wireguard.network`, as AllowedIPs here and as its own Address, "
            "and import again; " +
                loss};
    }
    for (const auto& all : {allowed.address, allowed.address6}) {
        for (const auto& address : all) {
            if (const auto* owner = ownerOf(joiner, address)) {
                return NoGuest{
                    ": " + address + " is the address of " + owner->name + ", whose key is another",
                    "remove the peer if the key is an old one; if " + owner->name +
                        " has that key now, import " + owner->name + " again"};
            }
        }
    }
    return std::nullopt;
}

/// A peer on each host that has it.
struct Met {
    const HostSeen* host = nullptr;
    const Peer* peer = nullptr;
};

/// Every peer that becomes a guest, with all hosts that have it, in the order in which they are met.
std::vector<std::vector<Met>> peersWithoutHost(const Joiner& joiner) {
    std::vector<std::vector<Met>> out;
    for (const auto& host : joiner.hosts) {
        if (!host.tunnel) {
            continue;
        }
        for (const auto& peer : host.tunnel->peers) {
            if (isHost(joiner, peer) || noGuest(joiner, peer)) {
                continue;
            }
            const auto same = std::find_if(out.begin(), out.end(), [&](const auto& each) {
                return each.front().peer->publicKey == peer.publicKey;
            });
            (same == out.end() ? out.emplace_back() : *same).push_back({&host, &peer});
        }
    }
    return out;
}

std::size_t dialled(const spec::Stack& stack) {
    return static_cast<std::size_t>(std::count_if(stack.hosts.begin(), stack.hosts.end(), spec::reachable));
}

/// The name of the host whose peer every guest is. Empty: there is none.
std::string usualHost(const spec::Stack& stack) {
    const auto* host = spec::commonGatewayOf(stack);
    return host == nullptr ? "" : host->name;
}

/// Of all that have it, the one whose peer it becomes, or in whose place another does: one that can be
/// dialled.
Met chosen(const spec::Stack& stack, const std::vector<Met>& all) {
    const auto usual = std::find_if(all.begin(), all.end(), [name = usualHost(stack)](const Met& each) {
        return each.host->name == name;
    });
    const auto reached = std::find_if(all.begin(), all.end(), [&](const Met& each) {
        const auto* entry = stack.host(each.host->name);
        return entry != nullptr && spec::reachable(*entry);
    });
    return usual != all.end() ? *usual : reached != all.end() ? *reached : all.front();
}

const spec::Guest* guestAt(const spec::Stack& stack, const spec::Guest& guest) {
    const auto& guests = stack.wireguard.guests;
    const auto it = std::find_if(guests.begin(), guests.end(), [&](const auto& other) {
        return other.address == guest.address ||
               (!guest.address6.empty() && other.address6 == guest.address6);
    });
    return it == guests.end() ? nullptr : &*it;
}

std::string freeName(const spec::Stack& stack, const Peer& peer, const std::string& address) {
    std::string name = peer.name;
    if (name.empty()) {
        name = "guest-" + address;
        std::replace(name.begin(), name.end(), '.', '-');
        std::replace(name.begin(), name.end(), ':', '-');
        name.erase(name.find_last_not_of('-') + 1);
    }
    const auto taken = [&](const std::string& each) {
        const auto& guests = stack.wireguard.guests;
        return stack.host(each) != nullptr ||
               std::any_of(guests.begin(), guests.end(),
                           [&](const auto& other) { return other.name == each; });
    };
    std::string out = name;
    for (int i = 2; taken(out); ++i) {
        out = name + "-" + std::to_string(i);
    }
    return out;
}

/// By hand a peer reaches all that its host lets it: of that, what a guest can reach.
std::vector<spec::Reached> components(const spec::Stack& stack) {
    std::vector<spec::Reached> out;
    for (const auto& each : wordsOf(spec::Reached())) {
        if (spec::exposureField(stack, each.value) != nullptr) {
            out.push_back(each.value);
        }
    }
    return out;
}

void tell(const Joiner& joiner, const spec::Guest& guest, const Met& met, const std::vector<Met>& all) {
    std::vector<std::string> reached;
    for (const auto each : guest.reaches) {
        reached.emplace_back(textIn(wordsOf(each), each));
    }
    std::vector<std::string> others;
    for (const auto& each : all) {
        if (each.host != met.host) {
            others.push_back(each.host->name);
        }
    }
    joiner.find(
        "lost", met.host->name, met.host->tunnel->file, met.peer->line,
        "the peer " + printable(met.peer->publicKey) + " became the guest `" + guest.name + "`: it reaches " +
            (reached.empty() ? "nothing" : vigie::join(reached, ", ") + " and nothing else") +
            " any more: no ssh, no other service, no LAN and no internet through this host",
        "`reaches` of the guest in `spec.wireguard.guests` names what it reaches, of prometheus, "
        "alertmanager, grafana and jaeger; if this peer is a host of the stack, import that host into "
        "the same directory");
    if (!others.empty()) {
        joiner.find("note", met.host->name, met.host->tunnel->file, met.peer->line,
                    "the guest `" + guest.name + "` was a peer of " + vigie::join(others, ", ") + " as well",
                    "a guest is the peer of one host, here " + met.host->name +
                        ", which forwards for it: give that peer the addresses of all hosts in the guest's "
                        "own configuration, and remove the others there");
    }
}

/// Every guest is a peer of the same host, and this one was a peer of another.
void tellMove(const Joiner& joiner, const spec::Guest& guest, const Met& met, const std::string& usual) {
    joiner.find("by hand", met.host->name, met.host->tunnel->file, met.peer->line,
                "the guest `" + guest.name + "` was a peer of " + met.host->name +
                    " only; guests are peers of " + usual + ", the hub or the only host with an `endpoint`",
                "in the guest's own configuration, write the PublicKey and the Endpoint of " + usual +
                    (met.peer->presharedKey ? ", and remove its PresharedKey" : "") +
                    " after the first apply");
}

/// Guests dial a host, and nobody else did: no file says where it is.
void findEndpoint(const Joiner& joiner, const HostSeen& host) {
    auto& entry = *std::find_if(joiner.draft.stack.hosts.begin(), joiner.draft.stack.hosts.end(),
                                [&](const auto& each) { return each.name == host.name; });
    const std::string peers = "; if these peers are hosts of the stack, import them into the same directory";
    if (host.publicAddresses.size() == 1) {
        entry.endpoint = host.publicAddresses.front();
        joiner.find("note", host.name, host.tunnel->file, 0,
                    "`endpoint` of " + host.name + " is " + entry.endpoint +
                        ": guests dial it, and it is the only "
                        "public address of this host",
                    "compare it with Endpoint in the guests' own configurations" + peers);
        return;
    }
    joiner.find("by hand", host.name, host.tunnel->file, 0,
                "guests dial " + host.name + ", and no file says its public address",
                "write `endpoint` of " + host.name +
                    " in `spec.hosts`, which is Endpoint in the guests' own configurations" + peers);
}

/// Guests need a firewall on the host whose peers they are. Where no host had one, the others keep none.
void requireFirewall(const Joiner& joiner, const std::vector<std::string>& forwarding) {
    auto& stack = joiner.draft.stack;
    const bool any =
        std::any_of(joiner.hosts.begin(), joiner.hosts.end(), [](const auto& host) { return host.ufw; });
    stack.firewallProvider = spec::FirewallProvider::ufw;
    for (const auto& host : joiner.hosts) {
        auto& entry = *std::find_if(stack.hosts.begin(), stack.hosts.end(),
                                    [&](const auto& each) { return each.name == host.name; });
        const bool forwards = std::find(forwarding.begin(), forwarding.end(), host.name) != forwarding.end();
        if (!any && !forwards) {
            entry.firewallProvider = spec::FirewallProvider::none;
        }
        if (!host.ufw && forwards) {
            joiner.find("by hand", host.name, "/etc/ufw/user.rules", 0,
                        "this host has no ufw, which enforces what its guests reach: guests need "
                        "`firewall.provider: ufw`",
                        "before the first apply, install ufw and allow what else this host serves, such as "
                        "`ufw allow OpenSSH`; or remove `spec.wireguard.guests`, which disconnects them");
        }
    }
}

}  // namespace

bool becomesGuest(const Joiner& joiner, const HostSeen& host, const Peer& peer) {
    const auto problem = noGuest(joiner, peer);
    if (problem) {
        joiner.find("by hand", host.name, host.tunnel->file, peer.line,
                    "the peer " + printable(peer.publicKey) + " was not imported" + problem->why,
                    problem->cure);
    }
    return !problem;
}

void joinGuests(const Joiner& joiner) {
    auto& stack = joiner.draft.stack;
    if (!stack.wireguard.exists()) {
        return;
    }
    const auto peers = peersWithoutHost(joiner);
    if (!peers.empty() && dialled(stack) == 0) {
        findEndpoint(joiner, *peers.front().front().host);
    }
    std::vector<std::string> forwarding;
    for (const auto& met : peers) {
        const auto here = chosen(stack, met);
        const auto allowed = allowedOf(stack.wireguard, *here.peer);
        spec::Guest guest;
        guest.address = allowed.address.front();
        guest.address6 = allowed.address6.empty() ? "" : allowed.address6.front();
        if (const auto* other = guestAt(stack, guest)) {
            joiner.find("by hand", here.host->name, here.host->tunnel->file, here.peer->line,
                        "the peer " + printable(here.peer->publicKey) + " was not imported: the guest `" +
                            other->name + "` has the same address",
                        "give one of the two another address, and import again; WireGuard sends nothing to a "
                        "peer whose address another peer has");
            continue;
        }
        guest.name = freeName(stack, *here.peer, guest.address);
        guest.publicKey = here.peer->publicKey;
        const std::string usual = usualHost(stack);
        const bool moves = !usual.empty() && usual != here.host->name;
        if (here.peer->presharedKey && !moves) {  // it is sealed to the host that has it
            guest.presharedKeyFrom = {presharedKeyName(here.host->tunnel->publicKey, guest.publicKey)};
        }
        guest.reaches = components(stack);
        guest.host = dialled(stack) > 1 && usual.empty() ? here.host->name : "";
        joiner.draft
            .comments["spec.wireguard.guests[" + std::to_string(stack.wireguard.guests.size()) + "]"] =
            "from " + here.host->name + ":" + here.host->tunnel->file + ":" + std::to_string(here.peer->line);
        tell(joiner, guest, here, met);
        if (moves) {
            tellMove(joiner, guest, here, usual);
        }
        forwarding.push_back(moves ? usual : here.host->name);
        stack.wireguard.guests.push_back(std::move(guest));
    }
    if (!forwarding.empty()) {
        requireFirewall(joiner, forwarding);
    }
}

}  // namespace vigie::imports
