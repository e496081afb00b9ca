// Changes of a document that properties are tried with.
#include "tests/property/changes.hpp"

#include "base/text.hpp"
#include "secrets/sealing.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <vector>

namespace vigie::tests {
namespace {

using rc::gen::arbitrary;
using rc::gen::elementOf;
using rc::gen::inRange;
using Edit = std::function<void(ModelStack&, const std::string& host)>;

std::string newKey() {
    return secrets::generateWireguardKey().publicKey;
}

spec::Host* otherHost(spec::Stack& stack, const std::string& host) {
    for (auto& each : stack.hosts) {
        if (each.name != host) {
            return &each;
        }
    }
    return nullptr;
}

void toggleExporter(ModelStack& document) {
    auto& stack = document.stack;
    if (!stack.exporters.empty()) {
        stack.exporters.pop_back();
        return;
    }
    const auto* project = stack.project("app");
    const std::string secret = "exporter secret";
    if (stack.secret(secret) == nullptr) {
        stack.secrets.push_back(
            {secret,
             {{project->host, secrets::seal("password", {stack.name, secret, project->host},
                                            stack.host(project->host)->sealingKey)}}});
    }
    spec::Exporter exporter{"pg_new", spec::ExporterType::pgbouncer, "app", {}, "exporter:v1", 9300, {}};
    exporter.pgbouncer = spec::Pgbouncer{
        "db", 6432, "stats", {secret}, *elementOf(std::vector<std::string>{"passfile", "command"})};
    stack.exporters.push_back(exporter);
}

void otherPassword(ModelStack& document) {
    auto& stack = document.stack;
    for (auto& secret : stack.secrets) {
        const auto value = isPresharedKey(stack, secret.name)
                               ? secrets::generateWireguardKey().privateKey
                               : secureBytes("password-" + std::to_string(*inRange(0, 1000)));
        for (auto& [host, ciphertext] : secret.sealed) {
            if (stack.host(host) == nullptr) {
                continue;  // it left the document
            }
            ciphertext =
                secrets::seal(view(value), {stack.name, secret.name, host}, stack.host(host)->sealingKey);
        }
    }
}

void otherRules(ModelStack& document) {
    auto& files = document.stack.prometheus->ruleFiles;
    if (!files.empty() && *arbitrary<bool>()) {
        files.pop_back();
        return;
    }
    const std::string name = "more/rules" + std::to_string(*inRange(0, 3)) + ".yml";
    if (std::find(files.begin(), files.end(), name) == files.end()) {
        files.push_back(name);
    }
    document.files[name] = "groups: []\n# " + std::to_string(*inRange(0, 1000)) + "\n";
}

void noJaeger(ModelStack& document) {
    auto& stack = document.stack;
    if (stack.jaeger) {
        stack.jaeger.reset();
        stack.healthChecks.clear();  // of Jaeger
        for (auto& application : stack.applications) {
            application.traces.reset();
        }
    } else {
        stack.jaeger = spec::Jaeger{"monitoring", "jaegertracing/jaeger:2.9.0", 16686};
    }
}

/// One comes, changes what it reaches, or goes.
void otherGuests(ModelStack& document) {
    auto& guests = document.stack.wireguard.guests;
    if (guests.empty() || *inRange(0, 3) == 0) {
        const auto number = std::to_string(200 + guests.size());
        guests.push_back({.name = "guest" + number, .address = "10.66.66." + number, .publicKey = newKey()});
    } else if (*arbitrary<bool>()) {
        guests.back().reaches.push_back(
            *elementOf(std::vector{spec::Reached::prometheus, spec::Reached::alertmanager}));
    } else {
        guests.pop_back();
    }
}

const std::vector<Edit>& edits() {
    static const std::vector<Edit> kEdits = {
        [](ModelStack& d, const std::string&) { d.stack.wireguard.listenPort = *inRange(20000, 30000); },
        [](ModelStack& d, const std::string&) {
            d.stack.wireguard.mtu = *elementOf(std::vector<int>{0, 1300, 1420});
        },
        [](ModelStack& d, const std::string&) { d.stack.wireguard.persistentKeepalive = *inRange(0, 60); },
        [](ModelStack& d, const std::string& host) {
            d.stack.hosts[0].vpnAddress = d.stack.hosts[0].name == host ? "10.66.66.77" : "10.66.66.78";
        },
        [](ModelStack& d, const std::string& host) {
            if (auto* other = otherHost(d.stack, host)) {
                other->publicKey = newKey();
            }
        },
        [](ModelStack& d, const std::string& host) {
            if (auto* other = otherHost(d.stack, host)) {
                other->nextPublicKey = other->nextPublicKey.empty() ? newKey() : "";
            }
        },
        [](ModelStack& d, const std::string&) {
            d.stack.hosts.push_back({"new" + std::to_string(d.stack.hosts.size()), "",
                                     "10.66.66." + std::to_string(100 + d.stack.hosts.size()), newKey(), "",
                                     ""});
        },
        [](ModelStack& d, const std::string& host) {
            // One that nothing runs on, and that is not this machine.
            auto& hosts = d.stack.hosts;
            hosts.erase(std::remove_if(hosts.begin(), hosts.end(),
                                       [&](const spec::Host& each) {
                                           return each.name != host && each.endpoint.empty() &&
                                                  std::none_of(
                                                      d.stack.projects.begin(), d.stack.projects.end(),
                                                      [&](const auto& p) { return p.host == each.name; });
                                       }),
                        hosts.end());
        },
        [](ModelStack& d, const std::string&) {
            d.stack.firewallProvider = d.stack.firewallProvider == spec::FirewallProvider::ufw
                                           ? spec::FirewallProvider::none
                                           : spec::FirewallProvider::ufw;
        },
        [](ModelStack& d, const std::string&) {
            d.stack.prometheus->retention = std::to_string(*inRange(1, 90)) + "d";
        },
        [](ModelStack& d, const std::string&) { d.stack.prometheus->port = *inRange(9400, 9500); },
        [](ModelStack& d, const std::string&) {
            d.stack.prometheus->scrapeInterval = std::to_string(*inRange(15, 60)) + "s";
        },
        [](ModelStack& d, const std::string&) {
            d.stack.prometheus->selfScrape = !d.stack.prometheus->selfScrape;
        },
        [](ModelStack& d, const std::string&) { otherRules(d); },
        [](ModelStack& d, const std::string&) {
            if (d.stack.alertmanager) {
                d.stack.alertmanager->route.groupWait = std::to_string(*inRange(1, 60)) + "s";
            }
        },
        [](ModelStack& d, const std::string&) { d.stack.alertmanager.reset(); },
        [](ModelStack& d, const std::string&) { noJaeger(d); },
        [](ModelStack& d, const std::string&) { toggleExporter(d); },
        [](ModelStack& d, const std::string&) { otherPassword(d); },
        [](ModelStack& d, const std::string&) {
            for (auto& application : d.stack.applications) {
                application.metrics->port = application.metrics->port == 8100 ? 8200 : 8100;
            }
        },
        [](ModelStack& d, const std::string&) { otherGuests(d); },
        [](ModelStack& d, const std::string&) {
            if (!d.stack.applications.empty()) {
                d.stack.applications.pop_back();
            }
        },
    };
    return kEdits;
}

/// Of the inventory, what is of this kind.
std::vector<std::string> ownedOf(const state::Inventory& inventory, const std::string& kind) {
    std::vector<std::string> out;
    for (const auto& [id, owned] : inventory) {
        if (id.compare(0, kind.size() + 1, kind + ":") == 0) {
            out.push_back(id.substr(kind.size() + 1));
        }
    }
    return out;
}

std::string editFile(ModelHost& machine, const std::string& path) {
    const auto it = machine.files.entries.find(path);
    if (it == machine.files.entries.end()) {
        return {};
    }
    switch (*inRange(0, 4)) {
        case 0:
            machine.files.entries.erase(it);
            return "removes " + path;
        case 1:
            it->second.info.mode ^= 0040U;
            return "changes the mode of " + path;
        case 2:
            it->second.info.owner.uid = 1234;
            return "changes the owner of " + path;
        default:
            machine.files.put(path, it->second.bytes + "# edited\n", it->second.info.mode,
                              it->second.info.owner);
            return "edits " + path;
    }
}

std::string editTunnel(ModelHost& machine) {
    if (machine.tunnel.interfaces.empty()) {
        return {};
    }
    auto& [name, interface] = *machine.tunnel.interfaces.begin();
    switch (*inRange(0, 6)) {
        case 0:
            machine.tunnel.interfaces.erase(name);
            return "takes the tunnel down";
        case 1:
            interface.listenPort = 12345;
            return "changes the tunnel's port";
        case 2:
            interface.peers.clear();
            return "removes all peers";
        case 3:
            interface.peers.push_back({newKey(), "198.51.100.9:4000", {"10.99.0.0/16"}, 7, 0, false});
            return "adds a peer";
        case 4:
            interface.mtu = 1111;
            return "changes the tunnel's MTU";
        default:
            interface.addresses = {"10.66.66.200/24"};
            return "changes the tunnel's address";
    }
}

std::string editContainer(ModelHost& machine, const std::string& service) {
    const auto slash = service.find('/');
    auto* container = machine.engine.find(service.substr(0, slash), service.substr(slash + 1));
    if (container == nullptr) {
        return {};
    }
    machine.engine.stop(*container);
    if (*arbitrary<bool>()) {
        return "stops " + service;
    }
    const std::string id = container->id;
    auto& all = machine.engine.containers;
    all.erase(std::remove_if(all.begin(), all.end(), [&](const auto& each) { return each.id == id; }),
              all.end());
    return "removes the container of " + service;
}

}  // namespace

ModelStack edited(const ModelStack& document, const std::string& host) {
    auto out = document;
    const int count = *inRange(1, 4);
    for (int i = 0; i < count; ++i) {
        (*elementOf(edits()))(out, host);
    }
    return out;
}

std::string managedEdit(ModelHost& machine, const state::Inventory& inventory) {
    const std::string kind =
        *elementOf(std::vector<std::string>{"file", "wireguard", "firewall", "sysctl", "guests", "compose"});
    const auto all = ownedOf(inventory, kind);
    if (all.empty()) {
        return {};
    }
    const auto name = *elementOf(all);
    if (kind == "file") {
        return editFile(machine, name);
    }
    if (kind == "wireguard") {
        return editTunnel(machine);
    }
    if (kind == "firewall") {
        const auto rule = inventory.at("firewall:" + name).detail;
        machine.ufw.removeByHand(rule);
        return "removes the rule " + rule;
    }
    if (kind == "guests") {
        auto& table = machine.tables.tables.at(false);
        auto& chain = *arbitrary<bool>() ? table.at("PREROUTING") : table["VIGIE-GUESTS-" + name];
        chain.clear();
        return "flushes a chain of guests";
    }
    if (kind == "sysctl") {
        machine.files.put("/proc/sys/net/ipv4/ip_forward", "0\n");
        return "switches forwarding off";
    }
    return editContainer(machine, name);
}

}  // namespace vigie::tests
