// A whole host in memory.

#include "tests/support/model_host.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace vigie::tests {
namespace {

using Snapshot = std::map<std::string, std::string>;

const std::string kHoldsData = "holds data:";

bool below(const std::string& path, const std::string& directory) {
    return path == directory || path.compare(0, directory.size() + 1, directory + "/") == 0;
}

/// Data of programs stay whatever happens, and so do the directories that hold them: those are marked.
void addFiles(const ModelFiles& files, Snapshot& out) {
    for (const auto& [path, entry] : files.entries) {
        if (below(path, ModelHost::kState)) {
            continue;
        }
        if (entry.bytes == ModelPrograms::kData) {
            for (auto above = path; !above.empty(); above.erase(above.rfind('/'))) {
                out[kHoldsData + above] = "";
            }
            continue;
        }
        const auto& info = entry.info;
        out["file:" + path] = std::to_string(static_cast<int>(info.type)) + " mode " +
                              std::to_string(info.mode) + " owner " + std::to_string(info.owner.uid) + ":" +
                              std::to_string(info.owner.gid) + "\n" + entry.bytes;
    }
}

void addTunnel(const ModelTunnel& tunnel, Snapshot& out) {
    for (const auto& [name, interface] : tunnel.interfaces) {
        auto addresses = interface.addresses;
        std::sort(addresses.begin(), addresses.end());
        std::vector<std::string> routes;
        for (const auto& route : interface.routes) {
            routes.push_back(route.to + (route.kernel ? " (kernel)" : ""));
        }
        std::sort(routes.begin(), routes.end());
        out["tunnel:" + name] = "key " + interface.privateKey + "\nport " +
                                std::to_string(interface.listenPort) + "\nmtu " +
                                std::to_string(interface.mtu) + (interface.up ? " up" : " down") +
                                "\naddresses " + join(addresses, " ") + "\nroutes " + join(routes, " ");
        for (const auto& peer : interface.peers) {
            auto allowed = peer.allowedIps;
            std::sort(allowed.begin(), allowed.end());
            out["tunnel:" + name + " peer " + peer.publicKey] = peer.endpoint + " allowed " +
                                                                join(allowed, " ") + " keepalive " +
                                                                std::to_string(peer.keepalive);
        }
    }
}

std::string pairs(const std::map<std::string, std::string>& map) {
    std::string out;
    for (const auto& [key, value] : map) {
        out += "\n  " + key + "=" + value;
    }
    return out;
}

void addContainers(const ModelEngine& engine, Snapshot& out) {
    std::map<std::string, int> counts;
    for (const auto& container : engine.containers) {
        const std::string service = container.label("com.docker.compose.project") + "/" +
                                    container.label("com.docker.compose.service");
        std::string mounts;
        for (const auto& mount : container.mounts) {
            mounts += "\n  " + mount.source + ":" + mount.target + (mount.readOnly ? ":ro" : "");
        }
        const auto names = engine.names.find(container.image);
        out[ModelHost::kImage + container.image] = names == engine.names.end() ? "nothing" : names->second;
        const int number = ++counts[service];
        out["container:" + service + (number == 1 ? "" : " #" + std::to_string(number))] =
            "name " + container.name + "\nimage " + container.image + " " + container.imageId + "\n" +
            container.state + "\nentrypoint " + join(container.entrypoint, " ") + "\ncommand " +
            join(container.command, " ") + "\nuser " + container.user + "\nrestart " + container.restart +
            "\nports " + join(container.ports, " ") + "\nnetwork " + container.network + " " +
            join(container.joined, " ") + "\nmounts" + mounts + "\nenvironment" +
            pairs(container.environment) + "\nlabels" + pairs(container.labels);
    }
}

/// The commands of a drop-in that run before a unit; a shell's only as vigie writes it.
void runBefore(const std::string& path, const ModelFiles& files, ModelProcesses& processes) {
    const std::string restore = "ExecStartPre=-";
    const std::string shell = restore + "/bin/sh -c '";
    const auto text = files.text(path).value_or("");
    for (const auto line : split(text, '\n')) {
        const std::string program(line.starts_with(restore + "ip6") ? "ip6tables-restore"
                                                                    : "iptables-restore");
        if (line.starts_with(shell)) {  // there are no rules yet: none is there twice
            const auto from = line.find("-I PREROUTING ") + std::string("-I PREROUTING ").size();
            const auto jump = std::string(line.substr(from, line.size() - 1 - from));
            static_cast<void>(processes.run(
                {{line.find("ip6tables") == std::string_view::npos ? "iptables-restore" : "ip6tables-restore",
                  "--noflush"},
                 "*mangle\n-I PREROUTING 1 " + jump + "\nCOMMIT\n",
                 {}}));
        } else if (line.starts_with(restore)) {
            const auto file = std::string(line.substr(line.rfind(' ') + 1));
            static_cast<void>(processes.run({{program, "--noflush"}, files.text(file).value_or(""), {}}));
        }
    }
}

}  // namespace

ModelHost::ModelHost(Init init) {
    files.directories("/var/lib");
    files.directories(kState, 0700);
    files.directories("/etc");
    files.directories("/opt");
    files.put("/proc/sys/net/ipv4/ip_forward", "0\n");
    files.put("/proc/sys/net/ipv6/conf/all/forwarding", "0\n");
    files.put("/proc/sys/net/ipv4/ip_nonlocal_bind", "0\n");
    files.put("/proc/sys/net/ipv6/ip_nonlocal_bind", "0\n");
    ufw.install();
    if (init == Init::systemd) {
        files.directories("/run/systemd/system");
        files.directories("/etc/systemd/system/multi-user.target.wants");
    }
}

void ModelHost::reboot() {
    clock.reboot();
    tunnel.interfaces.clear();
    ++tunnel.version;
    tables.tables = ModelTables(fuse).tables;
    for (const std::string key : {"net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"}) {
        const auto text = files.text("/etc/sysctl.d/60-vigie.conf").value_or("");
        std::string path = key;
        std::replace(path.begin(), path.end(), '.', '/');
        files.put("/proc/sys/" + path, text.find(key + " = 1") == std::string::npos ? "0\n" : "1\n");
    }
    processes.activeUnits.clear();
    const std::string unit = "wg-quick@";
    const std::string directory = ModelProcesses::wantedLink("");
    std::vector<std::string> enabled;
    for (const auto& [path, entry] : files.entries) {
        if (path.compare(0, directory.size() + unit.size(), directory + unit) == 0) {
            enabled.push_back(path.substr(directory.size()));
        }
    }
    for (const auto& each : enabled) {
        Fuse unseen;
        std::swap(unseen, fuse);
        const std::string interface = each.substr(unit.size(), each.find(".service") - unit.size());
        runBefore("/etc/systemd/system/" + each + ".d/50-vigie.conf", files, processes);
        try {
            if (tunnel.wgQuick({"wg-quick", "up", interface}).ok()) {
                processes.activeUnits.insert(each);
            }
        } catch (const ToolFailed&) {
            // A unit that fails at the start stays down.
        }
        std::swap(unseen, fuse);
    }
    engine.reboot();
}

std::map<std::string, std::string> ModelHost::snapshot() const {
    Snapshot out;
    addFiles(files, out);
    addTunnel(tunnel, out);
    addContainers(engine, out);
    for (const auto& [v6, table] : tables.tables) {
        for (const auto& [chain, rules] : table) {
            if (chain != "PREROUTING" || !rules.empty()) {
                out[std::string(v6 ? "ipv6" : "ipv4") + " mangle:" + chain] = join(rules, "\n");
            }
        }
    }
    for (const auto& [name, loaded] : programs.loaded) {
        out["loaded:" + name] = loaded.configuration + "\n" + loaded.rules;
        const auto silences = programs.silences.find(name);
        for (const auto& each :
             silences == programs.silences.end() ? std::vector<ModelSilence>{} : silences->second) {
            if (!each.ended) {
                out["silence:" + name] += each.lasting + "\n";
            }
        }
    }
    return out;
}

std::string differences(const Snapshot& before, const Snapshot& after) {
    const auto marker = [](const std::string& key) {
        return key.compare(0, kHoldsData.size(), kHoldsData) == 0;
    };
    std::string out;
    for (const auto& [key, value] : before) {
        const auto it = after.find(key);
        if (marker(key)) {
            continue;
        }
        if (it == after.end()) {
            out += "- " + key + "\n";
        } else if (it->second != value) {
            out += "* " + key + "\n--- before\n" + value + "\n--- after\n" + it->second + "\n";
        }
    }
    for (const auto& [key, value] : after) {
        const bool holdsData = after.count(kHoldsData + key.substr(key.find(':') + 1)) != 0;
        if (!marker(key) && before.count(key) == 0 && !holdsData) {
            out += "+ " + key + "\n";
        }
    }
    return out;
}

}  // namespace vigie::tests
