// The text of a first document, from what its writer was asked.
#include "cli/new_document.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/document_text.hpp"
#include "spec/address.hpp"
#include "spec/format.hpp"

#include <algorithm>
#include <cctype>
#include <set>

namespace vigie::cli {
namespace {

constexpr std::size_t kMostHosts = 200;
constexpr std::size_t kLongestName = 58;  // 63 are allowed; the rest is for a number

void require(const char* format, const std::string& value, const std::string& option) {
    if (const auto problem = spec::checkFormat(format, value)) {
        throw Error(option + printable(value) + ": this " + problem->message, problem->hint);
    }
}

/// A host's address may be neither the first nor, with IPv4, the last of its network.
bool usable(const spec::IpNetwork& network, const spec::IpAddress& address) {
    return network.contains(address) && !(address == network.address) &&
           (address.v6 || network.contains(following(address)));
}

void giveAddresses(NewStack& stack) {
    const auto network = spec::parseNetwork(stack.network);
    if (!network || network->hasHostBits()) {
        throw Error("--network " + printable(stack.network) + " is not a network",
                    "write it like 10.66.66.0/24");
    }
    std::set<std::string> taken;
    for (const auto& host : stack.hosts) {
        if (host.address.empty()) {
            continue;
        }
        const auto address = spec::parseIp(host.address);
        if (!address || !usable(*network, *address)) {
            throw Error("--host " + printable(host.name) + "=" + printable(host.address) +
                            " is not an address for a host in " + stack.network,
                        "omit it to have one chosen, or change --network");
        }
        if (!taken.insert(spec::toText(*address)).second) {
            throw Error("two hosts have the address " + host.address, "give each one of its own");
        }
    }
    spec::IpAddress candidate = following(network->address);
    for (auto& host : stack.hosts) {
        while (host.address.empty()) {
            if (!usable(*network, candidate)) {
                throw Error(stack.network + " has no free address for host `" + host.name + "`",
                            "choose a larger --network, such as 10.66.66.0/24");
            }
            if (const auto text = spec::toText(candidate); taken.insert(text).second) {
                host.address = text;
            }
            candidate = following(candidate);
        }
    }
}

/// 32 bytes in base64 that read `REPLACE/with/the/line/of/vigie/keys/init0N=`.
std::string keyToReplace(std::size_t index) {
    constexpr std::size_t kCharacters = 43;
    std::string digits = std::to_string(index + 1);
    std::string out = "REPLACE/with/the/key/of/vigie/keys/init/";
    out += std::string(kCharacters - 1 - out.size() - digits.size(), '0') + digits;
    return out + "0=";  // the last of 43 carries four bits only: `0` leaves the others empty
}

bool tunnel(const NewStack& stack) {
    return stack.hosts.size() > 1 && stack.over.empty();
}

bool several(const NewStack& stack) {
    return stack.hosts.size() > 1;
}

bool isSubnet(const std::string& over) {
    return over.find('/') != std::string::npos;
}

std::string hosts(const NewStack& stack) {
    std::string out = "  hosts:\n";
    for (std::size_t i = 0; i < stack.hosts.size(); ++i) {
        const auto& host = stack.hosts[i];
        out += "    - name: " + scalar(host.name) + "\n";
        if (!host.endpoint.empty()) {
            out += "      endpoint: " + scalar(host.endpoint) + "\n";
        } else if (tunnel(stack)) {
            out += "      # No endpoint: this host is behind NAT and connects to the others.\n";
        }
        out += "      # TODO: `sudo vigie keys init` on this host prints its " +
               std::string(tunnel(stack) ? "`publicKey` and its `sealingKey`" : "`sealingKey`") + ".\n";
        if (tunnel(stack)) {
            out +=
                "      vpn: { address: \"" + host.address + "\", publicKey: \"" + keyToReplace(i) + "\" }\n";
        }
        if (!stack.over.empty()) {
            out += "      address: \"" + host.address + "\"\n";
        }
        out += "      # sealingKey: \"…\"  # secrets of this host are sealed to it\n";
    }
    if (!stack.over.empty()) {
        out += "  # What joins the hosts already; vigie changes nothing of it.\n  network: { " +
               std::string(isSubnet(stack.over) ? "subnet: \"" : "interface: \"") + stack.over + "\" }\n";
    }
    if (tunnel(stack)) {
        out +=
            "  # The tunnel between the hosts: interface, keys, peers and routes are derived from this and "
            "from the hosts.\n"
            "  wireguard: { interface: wg0, network: \"" +
            stack.network + "\", listenPort: 51820 }\n";
    }
    out +=
        "  # Rules of ufw for ports that other hosts connect to; `none` manages no firewall.\n"
        "  firewall: { provider: ufw }\n";
    return out;
}

/// `PREFIX-HOST` as long as a name may be, in small letters where compose knows no others. Hosts that would
/// get the same one get a number.
std::string nameFor(const NewStack& stack, const std::string& prefix, const std::string& host, bool compose) {
    const auto shortened = [&](const std::string& name) {
        std::string out = prefix + "-";
        for (const char c : name) {
            const bool fits = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
            out += !compose ? c : fits ? static_cast<char>(std::tolower(static_cast<unsigned char>(c))) : '-';
        }
        return out.substr(0, kLongestName);
    };
    std::string out = shortened(host);
    std::size_t same = 1;
    for (const auto& each : stack.hosts) {
        if (each.name == host) {
            break;
        }
        same += shortened(each.name) == out ? 1U : 0U;
    }
    return same == 1 ? out : out + "-" + std::to_string(same);
}

std::string projectOf(const NewStack& stack, const std::string& host) {
    return host == stack.prometheus ? "monitoring" : nameFor(stack, "monitoring", host, true);
}

std::string projects(const NewStack& stack) {
    std::string out =
        "  # Compose projects that vigie writes. A project of your own needs its `composeFiles`; then\n"
        "  # `applications` says which of its services are scraped:\n"
        "  #   - { name: shop, host: " +
        scalar(stack.hosts[0].name) +
        ", directory: /opt/shop, composeFiles: [docker-compose.yml] }\n  projects:\n";
    for (const auto& host : stack.hosts) {
        if (host.name == stack.prometheus || !stack.exporters.empty()) {
            out += "    - { name: " + scalar(projectOf(stack, host.name)) + ", host: " + scalar(host.name) +
                   ", directory: /opt/monitoring }\n";
        }
    }
    out +=
        "  # applications:\n"
        "  #   - { name: shop, project: shop, service: web, metrics: { port: 8000, path: /metrics } }\n";
    return out;
}

std::string exporters(const NewStack& stack) {
    std::string out =
        "  # The exporters of each host. `vigie explain spec.exporters[].type` lists all types.\n";
    if (stack.exporters.empty()) {
        return out + "  # exporters:\n  #   - { name: node, type: node, project: " +
               scalar(projectOf(stack, stack.prometheus)) + " }\n";
    }
    out += "  exporters:\n";
    for (const auto& type : stack.exporters) {
        for (const auto& host : stack.hosts) {
            const auto name = several(stack) ? nameFor(stack, type, host.name, false) : type;
            out += "    - { name: " + scalar(name) + ", type: " + type +
                   ", project: " + scalar(projectOf(stack, host.name)) + " }\n";
        }
    }
    return out;
}

std::string prometheus() {
    return "  # Its jobs are derived from the exporters and applications above.\n"
           "  prometheus:\n"
           "    project: monitoring\n"
           "    scrapeInterval: 15s\n"
           "    retention: 15d\n"
           "    ruleGroups:\n"
           "      - name: hosts\n"
           "        rules:\n"
           "          - alert: TargetDown\n"
           "            expr: up == 0\n"
           "            for: 5m\n"
           "            labels: { severity: critical }\n"
           "            annotations: { summary: \"{{ $labels.job }} on {{ $labels.instance }} does not "
           "answer\" }\n"
           "          # TODO: add more rules, or rule files: `ruleFiles: [rules/alerts.yml]`.\n";
}

std::string alertmanager(const NewStack& stack) {
    if (stack.mail.empty()) {
        return "  # TODO: alerts are not sent anywhere yet. `vigie explain spec.alertmanager` shows what to "
               "write; for mail:\n"
               "  # alertmanager:\n"
               "  #   project: monitoring\n"
               "  #   smtp: { smarthost: \"smtp.example.org:587\", from: ops@example.org }\n"
               "  #   route: { receiver: mail, groupBy: [alertname] }\n"
               "  #   receivers: [{ name: mail, emailConfigs: [{ to: ops@example.org }] }]\n";
    }
    return "  alertmanager:\n"
           "    project: monitoring\n"
           "    smtp:\n"
           "      smarthost: \"" +
           stack.smarthost + "\"\n      from: \"" + stack.mail +
           "\"\n"
           "      # TODO, if the server requires a login: enable these two lines, and create the secret "
           "with\n"
           "      # printf %s 'the password' | vigie seal smtp DIR\n"
           "      # username: \"" +
           stack.mail +
           "\"\n"
           "      # passwordFrom: { secret: smtp }\n"
           "    route: { receiver: mail, groupBy: [alertname] }\n"
           "    receivers:\n"
           "      - name: mail\n"
           "        emailConfigs: [{ to: \"" +
           stack.mail + "\", sendResolved: true }]\n";
}

std::string grafana(const NewStack& stack) {
    return stack.grafana ? "  # The first login is admin, admin. TODO: `adminPasswordFrom: { secret: grafana "
                           "}`, sealed "
                           "as above.\n"
                           "  grafana: { project: monitoring }\n"
                         : "";
}

void checkHosts(const NewStack& stack) {
    if (stack.hosts.empty() || stack.hosts.size() > kMostHosts) {
        throw Error("the number of hosts must be from 1 to " + std::to_string(kMostHosts),
                    "add --host NAME for each host");
    }
    std::set<std::string> names;
    for (const auto& host : stack.hosts) {
        require("name", host.name, "--host ");
        if (!names.insert(host.name).second) {
            throw Error("two hosts have the name `" + host.name + "`", "give each host its own name");
        }
        if (!host.endpoint.empty()) {
            require("host", host.endpoint, "--host " + host.name + "@");
        }
    }
    const auto reachable = std::any_of(stack.hosts.begin(), stack.hosts.end(),
                                       [](const NewHost& host) { return !host.endpoint.empty(); });
    if (stack.hosts.size() > 1 && !reachable && stack.over.empty()) {
        throw Error("no host has a public address, so the hosts cannot connect to each other",
                    "give one host a public address or name: --host " + stack.hosts[0].name +
                        "@203.0.113.10; or name what joins them already: --over tailscale0 --host " +
                        stack.hosts[0].name + "=100.64.0.1 …");
    }
}

/// Of a network that is there already nobody can choose addresses.
void checkOver(const NewStack& stack) {
    const auto subnet = spec::parseNetwork(stack.over);
    require(isSubnet(stack.over) ? "cidr" : "interface", stack.over, "--over ");
    std::set<std::string> taken;
    for (const auto& host : stack.hosts) {
        const auto address = spec::parseIp(host.address);
        if (!address) {
            throw Error(
                "--host " + printable(host.name) +
                    (host.address.empty() ? " has no address in the network of --over"
                                          : "=" + printable(host.address) + " is not an address"),
                "write it like --host " + host.name + "=100.64.0.1; `ip address` on the host prints it");
        }
        if (subnet && !subnet->contains(*address)) {
            throw Error("--host " + host.name + "=" + host.address + " is not in " + stack.over,
                        "write the host's address in that network");
        }
        if (!taken.insert(spec::toText(*address)).second) {
            throw Error("two hosts have the address " + host.address, "give each one of its own");
        }
    }
}

}  // namespace

NewHost parseNewHost(const std::string& text) {
    NewHost out;
    const auto equals = text.find('=');
    out.address = equals == std::string::npos ? "" : text.substr(equals + 1);
    const auto left = text.substr(0, equals);
    const auto at = left.find('@');
    out.endpoint = at == std::string::npos ? "" : left.substr(at + 1);
    out.name = left.substr(0, at);
    return out;
}

NewStack complete(NewStack stack) {
    require("name", stack.name, "--name ");
    checkHosts(stack);
    if (!stack.over.empty()) {
        checkOver(stack);
    } else if (stack.hosts.size() > 1) {
        giveAddresses(stack);
    }
    if (stack.prometheus.empty()) {
        const auto home = std::find_if(stack.hosts.begin(), stack.hosts.end(),
                                       [](const NewHost& host) { return host.endpoint.empty(); });
        stack.prometheus = home == stack.hosts.end() ? stack.hosts.back().name : home->name;
    }
    if (std::none_of(stack.hosts.begin(), stack.hosts.end(),
                     [&](const NewHost& host) { return host.name == stack.prometheus; })) {
        throw Error("--prometheus " + printable(stack.prometheus) + " is not one of the hosts",
                    "name one of them");
    }
    if (!stack.mail.empty()) {
        const auto at = stack.mail.find('@');
        const bool odd = std::any_of(stack.mail.begin(), stack.mail.end(), [](unsigned char c) {
            return c <= ' ' || c == '"' || c == '\\' || c == '{' || c > '~';
        });
        if (odd || at == std::string::npos || at == 0 || at + 1 == stack.mail.size()) {
            throw Error("--mail " + printable(stack.mail) + " is not a mail address",
                        "write it like ops@example.org");
        }
        if (stack.smarthost.empty()) {
            throw Error("--mail is given without --smarthost",
                        "add the server that sends the mail, like --smarthost smtp.example.org:587");
        }
        require("host-port", stack.smarthost, "--smarthost ");
    } else if (!stack.smarthost.empty()) {
        throw Error("--smarthost is given without --mail",
                    "add the mail address for alerts, like --mail ops@example.org");
    }
    std::set<std::string> once;
    for (const auto& type : stack.exporters) {
        if (!once.insert(type).second) {
            throw Error("--exporter " + printable(type) + " is given twice",
                        "name each exporter once; every host gets one");
        }
    }
    return stack;
}

std::string newDocument(const NewStack& stack) {
    return "# Written by `vigie new`. Lines with TODO need your values. `vigie validate DIR` validates this "
           "document,\n"
           "# `vigie plan --all-hosts DIR` shows what the hosts would become, `vigie explain "
           "spec.prometheus` explains a field.\n"
           "apiVersion: vigie.dev/v1alpha1\n"
           "kind: MonitoringStack\n"
           "metadata:\n"
           "  name: " +
           scalar(stack.name) + "\nspec:\n" + hosts(stack) + projects(stack) + exporters(stack) +
           prometheus() + alertmanager(stack) + grafana(stack);
}

}  // namespace vigie::cli
