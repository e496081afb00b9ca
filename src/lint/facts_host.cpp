// Networks, programs and the firewall of a host.

#include "base/text.hpp"
#include "lint/host_facts_view.hpp"
#include "spec/address.hpp"
#include "spec/image_version.hpp"
#include "spec/topology.hpp"

#include <array>
#include <charconv>

namespace vigie::lint {
namespace {

using spec::FieldPath;

bool overlap(const std::string& a, const std::string& b) {
    const auto one = spec::parseNetwork(a);
    const auto two = spec::parseNetwork(b);
    return one && two && one->address.v6 == two->address.v6 &&
           (one->prefix <= two->prefix ? one->contains(two->address) : two->contains(one->address));
}

/// A network that is there already is reached through its interface, unless one of the engine's takes its
/// packets; and the host has to be in it.
void lintNetworkThatIsThere(HostFactsView& host, const std::vector<facts::NetworkFacts>& networks,
                            const spec::Reporter& report) {
    const auto& stack = host.stack();
    const FieldPath at = host.at() / "address";
    const auto address = spec::parseIp(host.host().address);
    const bool lan = !stack.network.subnet.empty();
    const auto& ours = lan ? stack.network.subnet : host.host().address;
    bool known = false;
    bool has = false;
    for (const auto& network : networks) {
        if (network.docker) {
            if (address && (lan ? overlap(ours, network.network)
                                : spec::parseNetwork(network.network)->contains(*address))) {
                report.warning(code::VG0366, lan ? FieldPath{"spec", "network", "subnet"} : at,
                               "`" + ours + "` overlaps " + network.network + ", which host `" +
                                   host.host().name + "` has as Docker network " + printable(network.name),
                               "choose another network for Docker's; a compose file says `networks: { "
                               "default: { ipam: … } }`");
            }
            continue;
        }
        known = known || !network.address.empty();
        const auto is = spec::parseIp(network.address);
        has = has || (is && address && *is == *address &&
                      (stack.network.interface.empty() || network.name == stack.network.interface));
    }
    if (known && address && !has) {
        report.warning(code::VG0333, at,
                       "host `" + host.host().name + "` has no address `" + host.host().address + "`" +
                           (stack.network.interface.empty() ? "" : " on " + stack.network.interface) +
                           ", its facts say",
                       "write the address that `ip address` prints on the host, or take its facts anew once "
                       "it has this one");
    }
}

/// Networks of the tunnel must not overlap other networks of the host, whose routes may win.
void lintNetworks(HostFactsView& host, const spec::Reporter& report) {
    const auto& stack = host.stack();
    const auto* networks = spec::joined(stack) ? host.networks() : nullptr;
    if (networks == nullptr) {
        return;
    }
    if (!stack.wireguard.exists()) {
        lintNetworkThatIsThere(host, *networks, report);
        return;
    }
    const auto check = [&](const std::string& tunnelled, const FieldPath& at) {
        for (const auto& network : *networks) {
            if (network.name != stack.wireguard.interface && overlap(tunnelled, network.network)) {
                report.warning(code::VG0366, at,
                               "`" + tunnelled + "` overlaps " + network.network + ", which host `" +
                                   host.host().name + "` has " +
                                   (network.docker ? "as Docker network " : "on interface ") +
                                   printable(network.name),
                               network.docker ? "choose another network for one of them; a compose file says "
                                                "`networks: { default: { ipam: … } }`"
                                              : "choose another network for the tunnel");
            }
        }
    };
    check(stack.wireguard.network, {"spec", "wireguard", "network"});
    check(stack.wireguard.network6, {"spec", "wireguard", "network6"});
    for (std::size_t i = 0; i < stack.hosts.size(); ++i) {
        for (std::size_t j = 0; &stack.hosts[i] != &host.host() && j < stack.hosts[i].routes.size(); ++j) {
            check(stack.hosts[i].routes[j], (FieldPath{"spec", "hosts"}[i] / "routes")[j]);
        }
    }
}

constexpr std::size_t kParts = 3;
using Version = std::array<int, kParts>;

/// The first version number in a program's output.
std::optional<Version> versionIn(std::string_view text) {
    const auto digit = text.find_first_of("0123456789");
    if (digit == std::string_view::npos) {
        return std::nullopt;
    }
    Version out{};
    const char* end = text.data() + text.size();
    const char* at = text.data() + digit;
    for (int& part : out) {
        const auto read = std::from_chars(at, end, part);
        if (read.ec != std::errc{}) {
            break;
        }
        at = read.ptr;
        if (at == end || *at != '.') {
            break;
        }
        ++at;
    }
    return out;
}

void lintCompose(HostFactsView& host, const spec::Reporter& report) {
    constexpr Version kOldest{2, 24, 4};  // as apply demands
    bool projects = false;
    for (const auto& project : host.stack().projects) {
        projects = projects || project.host == host.host().name;
    }
    const auto* tools = projects ? host.tools() : nullptr;
    if (tools == nullptr) {
        return;
    }
    const auto it = tools->find("compose");
    const auto version = it == tools->end() ? std::nullopt : versionIn(it->second);
    if (!version || *version < kOldest) {
        report.warning(code::VG0368, host.at() / "name",
                       "host `" + host.host().name + "` has " +
                           (version ? "Docker Compose " + printable(it->second)
                                    : std::string("no Docker Compose plugin")),
                       "install the Compose plugin 2.24.4 or newer: vigie applies nothing without it");
    }
}

void lintCheckers(HostFactsView& host, const spec::Reporter& report) {
    const auto& stack = host.stack();
    const auto check = [&](const char* program, const std::string& image, const FieldPath& at) {
        const auto wanted = spec::imageVersion(image);
        const auto* tools = host.tools();
        // With Docker, vigie runs the program from the image itself.
        if (tools == nullptr || !wanted || tools->count("docker") != 0 || tools->count(program) == 0) {
            return;
        }
        const auto& said = tools->at(program);
        const auto version = versionIn(said);
        if (version && Version{(*version)[0], (*version)[1], 0} < Version{wanted->major, wanted->minor, 0}) {
            report.info(code::VG0369, at,
                        std::string(program) + " of host `" + host.host().name + "` is " +
                            std::to_string((*version)[0]) + "." + std::to_string((*version)[1]) +
                            ", older than the image: it may refuse fields that the image knows",
                        "install " + std::string(program) + " in the version of the image");
        }
    };
    if (stack.prometheusOn(host.host())) {
        check("promtool", stack.prometheus->image, {"spec", "prometheus", "image"});
    }
    if (!stack.alertmanagerOn(host.host()).empty()) {
        check("amtool", stack.alertmanager->image, {"spec", "alertmanager", "image"});
    }
}

void lintFirewall(HostFactsView& host, const spec::Reporter& report) {
    if (host.stack().firewallProviderOn(host.host()) != spec::FirewallProvider::ufw) {
        return;
    }
    if (const auto enabled = host.capability("ufwEnabled"); enabled && !*enabled) {
        report.info(
            code::VG0375, host.at() / "name",
            "ufw is not enabled on host `" + host.host().name + "`: the rules that vigie adds have no effect",
            "run `ufw enable` once a rule allows SSH; vigie never enables ufw");
    }
    if (const auto flushes = host.capability("nftablesFlushes"); flushes && *flushes) {
        report.warning(
            code::VG0374, host.at() / "name",
            "nftables.service on host `" + host.host().name +
                "` deletes all tables when it starts, including those of ufw and Docker",
            "run `systemctl disable nftables.service`, or remove `flush ruleset` from /etc/nftables.conf");
    }
}

}  // namespace

void lintFactsOfHost(HostFactsView& host, const spec::Reporter& report) {
    lintNetworks(host, report);
    lintCompose(host, report);
    lintCheckers(host, report);
    lintFirewall(host, report);
}

}  // namespace vigie::lint
