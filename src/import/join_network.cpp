// Finds out over which network that is there already the hosts reach each other.

#include "base/text.hpp"
#include "import/joiner.hpp"
#include "import/own_networks.hpp"
#include "spec/address.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>

namespace vigie::imports {
namespace {

/// An address that a host seems to have, and what says so.
struct Candidate {
    std::string address;
    std::string interface;  ///< empty: not known
    int prefix = 0;         ///< 0: not known
    std::string place;      ///< a file of a host, with its line
    std::string why;        ///< empty: the host itself says so
    bool published = false;
};

std::string placeOf(const HostSeen& host, const std::string& file, int line) {
    return host.name + ":" + file + (line == 0 ? "" : ":" + std::to_string(line));
}

class Candidates {
public:
    Candidates(const Joiner& joiner, const HostSeen& host) : joiner_(joiner), host_(host) {
        for (const auto& each : host.interfaces) {
            add({each.address, each.name, each.prefix, placeOf(host, each.file, 0), "", false});
        }
        addPublished();
        addNamed();
        addScraped();
    }

    std::vector<Candidate> take() { return std::move(all_); }

private:
    void add(Candidate candidate) {
        const auto is = spec::parseIp(candidate.address);
        const auto same = std::find_if(all_.begin(), all_.end(),
                                       [&](const auto& each) { return spec::parseIp(each.address) == is; });
        const bool known = candidate.why.empty() || host_.interfaces.empty();
        if (same != all_.end()) {
            same->published = same->published || candidate.published;
        } else if (is && known && isOwnNetwork(candidate.address) &&
                   candidate.address != host_.vpnAddress() && candidate.address != host_.vpnAddress6()) {
            candidate.address = spec::toText(*is);
            all_.push_back(std::move(candidate));
        }
    }

    void addPublished() {
        for (const auto& project : host_.projects) {
            for (const auto& service : project.services) {
                for (const auto& port : service.ports) {
                    add({port.address, "", 0, placeOf(host_, service.file, service.line),
                         "a port of service " + printable(service.name) + " is published there", true});
                }
            }
        }
    }

    void addNamed() {
        for (const auto& other : joiner_.hosts) {
            for (const auto& each : other.names) {
                if (each.name.substr(0, each.name.find('.')) == host_.name) {
                    add({each.address, "", 0, placeOf(other, each.file, each.line),
                         "this host has the name " + each.name + " there", false});
                }
            }
        }
    }

    /// Targets whose port no other host publishes.
    void addScraped() {
        for (const auto& other : joiner_.hosts) {
            const auto* jobs = other.prometheus ? other.prometheus->root.find("scrape_configs") : nullptr;
            for (const auto& job : itemsOf(jobs)) {
                for (const auto& group : itemsOf(job.find("static_configs"))) {
                    for (const auto& target : itemsOf(group.find("targets"))) {
                        addTarget(other, target);
                    }
                }
            }
        }
    }

    static std::vector<spec::Node> itemsOf(const spec::Node* list) {
        return list == nullptr ? std::vector<spec::Node>{} : list->items;
    }

    void addTarget(const HostSeen& other, const spec::Node& target) {
        const std::string& text = target.scalar;
        const auto colon = text.rfind(':');
        int port = 0;
        if (colon != std::string::npos) {
            std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
        }
        const auto publishes = [&](const HostSeen& each) {
            return publisherOf(each, port).service != nullptr;
        };
        if (publishes(host_) && std::count_if(joiner_.hosts.begin(), joiner_.hosts.end(), publishes) == 1) {
            add({text.substr(0, colon), "", 0,
                 placeOf(other, other.prometheus->file, static_cast<int>(target.at.line)),
                 "a job scrapes port " + std::to_string(port) + " there, which only this host publishes",
                 false});
        }
    }

    const Joiner& joiner_;
    const HostSeen& host_;
    std::vector<Candidate> all_;
};

/// A network, the address of each host in it, and why.
struct Choice {
    spec::Network network;
    std::vector<std::optional<Candidate>> of;  ///< in the order of the hosts; nothing: not known
    std::string place;
    std::string why;
    std::string review;
};

using All = std::vector<std::vector<Candidate>>;

/// For each host the first candidate that fits. Two hosts with one address are not joined by it.
template <class Fits>
std::vector<std::optional<Candidate>> pick(const All& all, Fits fits) {
    std::vector<std::optional<Candidate>> out;
    std::set<std::string> taken;
    for (const auto& candidates : all) {
        auto& added = out.emplace_back();
        for (const auto& each : candidates) {
            if (fits(each) && taken.count(each.address) == 0) {
                added = each;
                taken.insert(each.address);
                break;
            }
        }
    }
    return out;
}

bool complete(const std::vector<std::optional<Candidate>>& of) {
    return std::all_of(of.begin(), of.end(), [](const auto& each) { return each.has_value(); });
}

const OverlaySeen* overlayOf(const HostSeen& host, const std::string& interface) {
    const auto it = std::find_if(host.overlays.begin(), host.overlays.end(), [&](const auto& each) {
        return each.interface == interface && each.program != "WireGuard";
    });
    return it == host.overlays.end() ? nullptr : &*it;
}

/// Whether an interface of that name joins hosts, and is no card of the machine.
bool isOverlay(const Joiner& joiner, const std::string& interface) {
    static constexpr std::array<std::string_view, 6> kBegin = {"tailscale", "wt", "zt",
                                                               "nebula",    "wg", "tun"};
    return std::any_of(joiner.hosts.begin(), joiner.hosts.end(),
                       [&](const auto& host) { return overlayOf(host, interface) != nullptr; }) ||
           std::any_of(kBegin.begin(), kBegin.end(),
                       [&](auto begin) { return interface.starts_with(begin); });
}

/// An interface of the same name on every host, as the hosts themselves say.
std::optional<Choice> sameInterface(const Joiner& joiner, const All& all) {
    for (const auto& first : all.front()) {
        auto of = pick(all, [&](const auto& each) { return each.interface == first.interface; });
        if (!first.interface.empty() && isOverlay(joiner, first.interface) && complete(of)) {
            return Choice{{first.interface, ""},
                          std::move(of),
                          first.place,
                          "every host has an address on an interface of this name",
                          "vigie changes nothing of it"};
        }
    }
    return std::nullopt;
}

/// A tunnel of WireGuard whose peers are no hosts of the import: all hosts are spokes of the same hub.
std::optional<Choice> spokesOfAnother(const Joiner& joiner) {
    Choice out;
    std::set<std::string> addresses;
    std::set<std::string> common;
    for (const auto& host : joiner.hosts) {
        std::set<std::string> keys;
        for (const auto& peer : host.tunnel ? host.tunnel->peers : std::vector<Peer>{}) {
            if (common.count(peer.publicKey) != 0 || &host == &joiner.hosts.front()) {
                keys.insert(peer.publicKey);
            }
        }
        common = std::move(keys);
        if (common.empty() || !addresses.insert(host.vpnAddress()).second) {
            return std::nullopt;
        }
        Candidate own;
        own.address = host.vpnAddress();
        own.place = placeOf(host, host.tunnel->file, 0);
        out.of.emplace_back(std::move(own));
        out.network.interface = host.tunnel->interface;
    }
    out.place = placeOf(joiner.hosts.front(), joiner.hosts.front().tunnel->file, 0);
    out.why = "the hosts are no peers of each other, but all are peers of " + printable(*common.begin()) +
              ", which is no host of this import";
    out.review =
        "vigie leaves this tunnel as it is; if that peer is a host of the stack, import it into the same "
        "directory, and the tunnel becomes `spec.wireguard`";
    return out;
}

/// Addresses of the block that Tailscale and NetBird use, or these programs themselves.
std::optional<Choice> overlayAddresses(const Joiner& joiner, const All& all) {
    Choice out;
    out.of = pick(all, [](const auto& each) { return isOverlayAddress(each.address); });
    const OverlaySeen* program = nullptr;
    const HostSeen* has = nullptr;
    std::set<std::string> interfaces;
    for (const auto& host : joiner.hosts) {
        for (const auto& each : host.overlays) {
            if (each.program != "WireGuard") {
                program = program == nullptr ? &each : program;
                has = has == nullptr ? &host : has;
                interfaces.insert(each.interface);
            }
        }
    }
    const bool agreed = interfaces.size() == 1;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!out.of[i] && !(agreed && overlayOf(joiner.hosts[i], program->interface) != nullptr)) {
            return std::nullopt;
        }
    }
    const auto first =
        std::find_if(out.of.begin(), out.of.end(), [](const auto& each) { return each.has_value(); });
    if (agreed) {
        out.network.interface = program->interface;
        out.place = placeOf(*has, program->file, 0);
        out.why =
            "this is " + program->program + "'s interface, and " + has->name + " has " + program->program;
        out.review = "vigie changes nothing of " + program->program +
                     "; compare the interface's name with what "
                     "`ip address` prints on every host";
    } else {
        out.network.interface = "tailscale0";
        out.place = (*first)->place;
        out.why =
            "100.64.0.0/10 has the addresses of Tailscale, headscale and NetBird, and Tailscale's interface "
            "was "
            "assumed";
        out.review =
            "write the interface's name as `ip address` prints it on every host, such as wt0 for NetBird; "
            "vigie changes nothing of it";
    }
    return out;
}

std::optional<spec::IpNetwork> networkAround(const std::string& address, unsigned prefix) {
    auto out = spec::parseNetwork(address + "/" + std::to_string(prefix));
    for (unsigned bit = prefix; out && bit < out->address.bits(); ++bit) {
        constexpr unsigned kBits = 8;
        out->address.bytes.at(bit / kBits) &= static_cast<std::uint8_t>(~(0x80U >> (bit % kBits)));
    }
    return out;
}

/// A LAN in which every host has an address. Its size is known from interfaces; otherwise it is a guess.
std::optional<Choice> sameSubnet(const Joiner& joiner, const All& all) {
    constexpr unsigned kUsual = 24;
    for (const bool known : {true, false}) {
        for (const auto& candidates : all) {
            for (const auto& first : candidates) {
                if (known != (first.prefix != 0) || isOverlayAddress(first.address) ||
                    isOverlay(joiner, first.interface) ||
                    (!known && first.address.find(':') != std::string::npos)) {
                    continue;
                }
                const auto network =
                    networkAround(first.address, known ? static_cast<unsigned>(first.prefix) : kUsual);
                auto of = pick(all, [&](const auto& each) {
                    const auto address = spec::parseIp(each.address);
                    return network && address && network->contains(*address);
                });
                if (!network || !complete(of)) {
                    continue;
                }
                const std::string text =
                    spec::toText(network->address) + "/" + std::to_string(network->prefix);
                return Choice{
                    {"", text},
                    std::move(of),
                    first.place,
                    std::string("every host seems to have an address in it") +
                        (known ? "" : ", and a LAN's usual size was assumed"),
                    "make sure that it is one LAN of that size, as `ip address` prints it, and not two with "
                    "the same numbers; nothing in it is encrypted"};
            }
        }
    }
    return std::nullopt;
}

void tell(const Joiner& joiner, const Choice& choice) {
    const auto& network = choice.network;
    const auto add = [&](const char* kind, const std::string& place, const std::string& what,
                         const std::string& cure) {
        joiner.draft.findings.push_back({kind, place, 0, what, cure});
    };
    add("note", choice.place,
        (network.interface.empty() ? "`spec.network.subnet` is " + network.subnet
                                   : "`spec.network.interface` is " + network.interface) +
            ": " + choice.why,
        choice.review);
    for (std::size_t i = 0; i < joiner.hosts.size(); ++i) {
        const auto& host = joiner.hosts[i];
        if (!choice.of[i]) {
            add("by hand", host.name + ":" + overlayOf(host, network.interface)->file,
                "no file of this host says its address on " + network.interface,
                "write `address` of " + host.name + " in `spec.hosts`: `ip address show " +
                    network.interface + "` prints it there");
        } else if (!choice.of[i]->why.empty()) {
            add("note", choice.of[i]->place,
                "`address` of " + host.name + " is " + choice.of[i]->address + ": " + choice.of[i]->why,
                "compare it with what `ip address` prints on " + host.name);
        }
        if (host.tunnel && network.interface != host.tunnel->interface) {
            add("note", placeOf(host, host.tunnel->file, 0),
                "this tunnel was not imported: none of its peers is a host of this import",
                "vigie leaves it as it is");
        }
    }
}

/// What was found in the tunnel's own file is about a file that stays as it is.
void forgetTunnelFindings(const Joiner& joiner) {
    auto& all = joiner.draft.findings;
    for (const auto& host : joiner.hosts) {
        all.erase(std::remove_if(all.begin(), all.end(),
                                 [&](const auto& each) {
                                     return host.tunnel && each.file == host.name + ":" + host.tunnel->file;
                                 }),
                  all.end());
    }
}

std::optional<Choice> choose(const Joiner& joiner) {
    All all;
    for (const auto& host : joiner.hosts) {
        all.push_back(Candidates(joiner, host).take());
    }
    if (joiner.hosts.size() == 1) {
        // One host needs no network, unless its ports are published in one.
        const bool published = std::any_of(all.front().begin(), all.front().end(), [](const auto& each) {
            return each.published && isOverlayAddress(each.address);
        });
        return published ? overlayAddresses(joiner, all) : std::nullopt;
    }
    auto out = spokesOfAnother(joiner);
    for (const auto& find : {sameInterface, overlayAddresses, sameSubnet}) {
        if (!out) {
            out = find(joiner, all);
        }
    }
    return out;
}

/// Several hosts, and nothing that joins them: what would have to be written.
void tellUnknown(const Joiner& joiner) {
    std::string other;
    for (const auto& host : joiner.hosts) {
        for (const auto& each : host.overlays) {
            if (each.program == "WireGuard" && other.empty()) {
                other = "; `--interface " + each.interface + "` imports the tunnel of " +
                        placeOf(host, each.file, 0);
            }
        }
    }
    joiner.find(
        "by hand", joiner.hosts.front().name, "/etc/wireguard", 0,
        "nothing shows over which network the hosts reach each other",
        "write `spec.network` with the `interface` of Tailscale, NetBird or the like, or with the `subnet` "
        "of "
        "a LAN, and each host's `address`; or `spec.wireguard` and each host's `vpn`. A copy of a host may "
        "have what `ip -json address` prints there as /ip-address.json" +
            other);
}

/// One host, and a program that joins it with others that the import does not know.
void tellOverlays(const Joiner& joiner) {
    const auto& host = joiner.hosts.front();
    for (const auto& each : host.overlays) {
        if (each.program != "WireGuard") {
            joiner.find(
                "note", host.name, each.file, 0,
                each.program + " joins this host with others, and vigie changes nothing of it",
                "a document with a single host publishes ports on 127.0.0.1: to publish them there, write "
                "`spec.network: { interface: " +
                    each.interface + " }` and the host's `address` in it");
        }
    }
}

}  // namespace

bool joinNetwork(const Joiner& joiner) {
    const bool tunnel = std::any_of(joiner.hosts.begin(), joiner.hosts.end(),
                                    [](const auto& host) { return host.tunnel.has_value(); });
    if (joiner.hosts.size() == 1 && tunnel) {
        return false;
    }
    const auto choice = choose(joiner);
    if (!choice) {
        if (joiner.hosts.size() == 1) {
            tellOverlays(joiner);
        } else if (!tunnel) {
            tellUnknown(joiner);
        }
        return false;
    }
    auto& stack = joiner.draft.stack;
    stack.network = choice->network;
    for (std::size_t i = 0; i < joiner.hosts.size(); ++i) {
        spec::Host out;
        out.name = joiner.hosts[i].name;
        out.sealingKey = joiner.hosts[i].sealingKey;
        if (const auto& own = choice->of[i]) {
            out.address = own->address;
            joiner.draft.comments["spec.hosts[" + std::to_string(i) + "]"] =
                "its address is from " + own->place;
        }
        stack.hosts.push_back(std::move(out));
    }
    joiner.draft.comments["spec.network"] = "vigie changes nothing of this network";
    forgetTunnelFindings(joiner);
    tell(joiner, *choice);
    return true;
}

}  // namespace vigie::imports
