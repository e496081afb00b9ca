// The rules for guests of the tunnel, and what brings them back after a reboot.

#include "render/guests.hpp"

#include "spec/guests.hpp"
#include "spec/topology.hpp"

#include <map>
#include <set>

namespace vigie::render {
namespace {

/// Of one family.
bool isOf(bool v6, const std::string& address) {
    return !address.empty() && (address.find(':') != std::string::npos) == v6;
}

std::string whole(const std::string& address) {
    const auto parsed = spec::parseIp(address).value_or(spec::IpAddress{});
    return spec::toText(parsed) + "/" + std::to_string(parsed.bits());
}

/// The addresses of a host or a guest in one family, with their whole length.
std::vector<std::string> addressesOf(bool v6, const std::string& first, const std::string& second) {
    std::vector<std::string> out;
    for (const auto& address : {first, second}) {
        if (isOf(v6, address)) {
            out.push_back(whole(address));
        }
    }
    return out;
}

/// What guests send to what they may reach.
class Reaching {
public:
    Reaching(const spec::Stack& stack, bool v6) : stack_(stack), v6_(v6) {}

    void add(const spec::Guest& guest, std::vector<std::string>& out) {
        const std::set<spec::Reached> services(guest.reaches.begin(), guest.reaches.end());
        for (const auto& from : addressesOf(v6_, guest.address, guest.address6)) {
            for (const auto service : services) {
                for (const auto& to : placesOf(service)) {
                    out.push_back("-s " + from + to);
                }
            }
        }
    }

private:
    /// What stands behind the guest's address, found once for each service.
    const std::vector<std::string>& placesOf(spec::Reached service) {
        const auto [it, isNew] = places_.try_emplace(service);
        if (isNew) {
            for (const auto& reached : spec::reachedPorts(stack_, service)) {
                for (const auto& to : addressesOf(v6_, reached.host->vpnAddress, reached.host->vpnAddress6)) {
                    it->second.push_back(" -d " + to + " -p tcp -m tcp --dport " +
                                         std::to_string(reached.port) + " -j RETURN");
                }
            }
        }
        return it->second;
    }

    const spec::Stack& stack_;
    bool v6_;
    std::map<spec::Reached, std::vector<std::string>> places_;
};

/// The rules stand where a packet still has the destination that it was sent to: behind them Docker puts a
/// container's address in its place, past the host's firewall. That a packet's source is a guest's own needs
/// no other proof: WireGuard takes from a peer no packet with a source outside of its AllowedIPs.
std::vector<std::string> rulesOf(const spec::Stack& stack, const spec::Host& gateway, bool v6) {
    std::vector<std::string> networks;
    for (const auto& text : {stack.wireguard.network, stack.wireguard.network6}) {
        const auto network = spec::parseNetwork(text);
        if (network && network->address.v6 == v6) {
            networks.push_back(spec::toText(network->address) + "/" + std::to_string(network->prefix));
        }
    }
    if (networks.empty()) {
        return {};
    }
    std::vector<std::string> out;
    // Answers to hosts. What a guest itself began is looked at packet by packet: else a connection would
    // outlive the right to it.
    out.emplace_back("-m conntrack --ctstate ESTABLISHED --ctdir REPLY -j RETURN");
    out.push_back(std::string("-p ") + (v6 ? "ipv6-icmp" : "icmp") +
                  " -m conntrack --ctstate RELATED -j RETURN");
    for (const auto& host : stack.hosts) {
        for (const auto& address : addressesOf(v6, host.vpnAddress, host.vpnAddress6)) {
            out.push_back("-s " + address + " -j RETURN");
        }
    }
    Reaching reaching(stack, v6);
    for (const auto* guest : spec::Peering(stack).guestsOf(gateway)) {
        reaching.add(*guest, out);
    }
    for (const auto& network : networks) {
        out.push_back("-s " + network + " -j DROP");
    }
    return out;
}

struct Family {
    const char* command;
    const char* end;  ///< of the file's name
    const std::vector<std::string>& rules;
};

/// The lines of the unit for one family. A failure does not keep the tunnel down: a host that is cut off is
/// worse, and the agent sets the rules as soon as it looks.
std::string unitLines(const Family& family, const std::string& path, const std::string& interface) {
    const std::string command = family.command;
    const auto jump = "PREROUTING " + guestJump(interface);
    const auto tables = command + " --wait 10 -t mangle ";
    return "ExecStartPre=-" + command + "-restore --noflush --wait 10 " + path + "\n" +
           "ExecStartPre=-/bin/sh -c '" + tables + "-C " + jump + " 2>/dev/null || " + tables + "-I " + jump +
           "'\n";
}

GuestRules guestRules(const spec::Stack& stack, const spec::Host& host) {
    GuestRules out{.interface = stack.wireguard.interface, .rules = {}, .rules6 = {}};
    if (!spec::Peering(stack).guestsOf(host).empty()) {
        out.rules = rulesOf(stack, host, false);
        out.rules6 = rulesOf(stack, host, true);
    }
    return out;
}

}  // namespace

std::vector<std::string> renderGuests(Builder& builder, const std::string& directory) {
    const auto rules = guestRules(builder.stack, builder.host);
    if (rules.rules.empty() && rules.rules6.empty()) {
        return {};
    }
    const auto& interface = rules.interface;
    const std::string why = "guests of the tunnel reach what the document says, and nothing else";
    std::vector<std::string> before;
    std::string unit = "# " + std::string(kManaged) +
                       "\n# The rules for guests are there before the tunnel. A failure does not keep it "
                       "down.\n[Service]\n";
    for (const auto& family :
         {Family{"iptables", "4", rules.rules}, Family{"ip6tables", "6", rules.rules6}}) {
        if (family.rules.empty()) {
            continue;
        }
        const auto path = "/etc/wireguard/" + interface + ".guests" + family.end;
        const auto text = "# " + std::string(kManaged) + "\n" + guestTable(interface, family.rules, {});
        before.push_back(builder.file({path, text, 0600, {}}, why, {directory}));
        unit += unitLines(family, path, interface);
    }
    const std::string folder = "/etc/systemd/system/wg-quick@" + interface + ".service.d";
    const auto folderId = builder.directory(folder, "how the tunnel is started");
    before.push_back(builder.file({folder + "/50-vigie.conf", unit, 0644, {}},
                                  "the rules for guests come before the tunnel", {folderId}));
    return {builder.add({"guests:" + interface, rules, before, why})};
}

}  // namespace vigie::render
