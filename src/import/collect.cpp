// Reads the tunnel, the firewall and the keys of a host.

#include "import/collect.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "import/reader.hpp"
#include "import/wg_conf.hpp"
#include "kinds/firewall/ufw_rules.hpp"
#include "secrets/identity.hpp"
#include "spec/read_yaml.hpp"

#include <algorithm>
#include <set>

namespace vigie::imports {

std::optional<SecureBytes> Reader::text(const std::string& path) {
    try {
        auto out = files_.read(path);
        const auto odd = out ? findNonText(view(*out)) : std::string_view::npos;
        if (odd != std::string_view::npos) {
            const auto before = view(*out).substr(0, odd);
            mistake(path + ":" + std::to_string(1 + std::count(before.begin(), before.end(), '\n')) +
                    ": the file is not valid UTF-8 here (write the line again in UTF-8)");
            return std::nullopt;
        }
        return out;
    } catch (const Error& error) {
        mistake(std::string(error.what()) + (error.hint().empty() ? "" : " (" + error.hint() + ")"));
        return std::nullopt;
    }
}

std::optional<spec::Node> Reader::yaml(const std::string& path) {
    const auto bytes = text(path);
    if (!bytes) {
        return std::nullopt;
    }
    spec::Diagnostics diagnostics;
    auto root = spec::readYaml(view(*bytes), path, diagnostics);
    for (const auto& each : diagnostics.all()) {
        mistake(path + ":" + std::to_string(each.at.line) + ":" + std::to_string(each.at.column) + ": " +
                each.message);
    }
    return diagnostics.hasErrors() ? std::nullopt : root;
}

std::vector<std::string> Reader::list(const std::string& directory) {
    try {
        auto out = files_.list(directory);
        // A document is text, and cannot name them.
        out.erase(std::remove_if(out.begin(), out.end(),
                                 [](const auto& name) { return findNonText(name) != std::string::npos; }),
                  out.end());
        return out;
    } catch (const Error& error) {
        mistake(std::string(error.what()) + (error.hint().empty() ? "" : " (" + error.hint() + ")"));
        return {};
    }
}

std::optional<SecureBytes> Reader::textIfAny(const std::string& path) {
    std::vector<std::string> ignored;
    return Reader(files_, ignored).text(path);
}

std::vector<std::string> Reader::listIfAny(const std::string& directory) {
    std::vector<std::string> ignored;
    return Reader(files_, ignored).list(directory);
}

std::string absolute(const std::string& directory, const std::string& path) {
    std::vector<std::string> steps;
    const std::string whole = path.starts_with("/") ? path : directory + "/" + path;
    for (const auto step : split(whole, '/')) {
        if (step == ".." && !steps.empty()) {
            steps.pop_back();
        } else if (!step.empty() && step != "." && step != "..") {
            steps.emplace_back(step);
        }
    }
    return "/" + join(steps, "/");
}

std::string hostPath(const ServiceSeen& service, const std::string& path) {
    const compose::Mount* best = nullptr;
    for (const auto& mount : service.mounts) {
        const bool leads =
            path == mount.target || path.substr(0, mount.target.size() + 1) == mount.target + "/";
        if (mount.bind && leads && (best == nullptr || mount.target.size() > best->target.size())) {
            best = &mount;
        }
    }
    return best == nullptr ? "" : best->source + path.substr(best->target.size());
}

void collectTunnel(Reader& reader, const CollectOptions& options, HostSeen& out) {
    const std::string file = "/etc/wireguard/" + options.interface + ".conf";
    const auto text = reader.text(file);
    if (!text) {
        return;
    }
    std::vector<SecureBytes> presharedKeys;
    try {
        out.tunnel = readWgConf(view(*text), file, out.findings, presharedKeys);
        out.meanings.push_back(wgMeaning(view(*text), file));
        if (out.tunnel->publicKey.empty()) {
            if (const auto key = reader.text("/etc/wireguard/" + options.interface + ".key")) {
                out.tunnel->publicKey = secrets::wireguardKeyFrom(trim(view(*key))).publicKey;
            }
        }
        auto key = presharedKeys.begin();
        for (const auto& peer : out.tunnel->peers) {
            if (peer.presharedKey) {
                const auto name = presharedKeyName(out.tunnel->publicKey, peer.publicKey);
                out.secrets.push_back({name, options.seal(name, view(*key++))});
            }
        }
    } catch (const Error& error) {
        reader.mistake(std::string(error.what()) + " (" + error.hint() + ")");
    }
}

namespace {

/// The rule as `ufw` takes it.
std::string ruleText(const plan::UfwRule& rule) {
    std::string out = (rule.route ? "route " : "") + rule.action;
    if (!rule.inInterface.empty()) {
        out += " in on " + rule.inInterface;
    } else if (rule.outgoing) {
        out += " out";
    }
    if (!rule.outInterface.empty()) {
        out += (rule.outgoing ? " on " : " out on ") + rule.outInterface;
    }
    const bool simple = rule.from == "any" && rule.fromPort == "any" && rule.to == "any" &&
                        rule.inInterface.empty() && !rule.outgoing && !rule.route && rule.toPort != "any";
    if (simple) {
        return out + " " + rule.toPort + (rule.protocol == "any" ? "" : "/" + rule.protocol);
    }
    if (rule.from != "any" || rule.fromPort != "any") {
        out += " from " + rule.from + (rule.fromPort == "any" ? "" : " port " + rule.fromPort);
    }
    if (rule.to != "any" || rule.toPort != "any") {
        out += " to " + rule.to + (rule.toPort == "any" ? "" : " port " + rule.toPort);
    }
    return out + (rule.protocol == "any" ? "" : " proto " + rule.protocol);
}

int openPort(const plan::UfwRule& rule) {
    const bool open = rule.action == "allow" && !rule.route && !rule.outgoing && rule.inInterface.empty() &&
                      rule.from == "any" && rule.fromPort == "any" &&
                      rule.toPort.find_first_not_of("0123456789") == std::string::npos;
    return open && rule.toPort.size() <= 5 && !rule.toPort.empty() ? std::stoi(rule.toPort) : 0;
}

}  // namespace

void collectFirewall(Reader& reader, HostSeen& out) {
    std::set<std::string> seen;
    for (const bool v6 : {false, true}) {
        const std::string file = v6 ? "/etc/ufw/user6.rules" : "/etc/ufw/user.rules";
        const auto text = reader.text(file);
        if (!text) {
            continue;
        }
        out.ufw = true;
        int number = 0;
        for (const auto line : splitLines(view(*text))) {
            ++number;
            for (const auto& rule : plan::readUfwRules(line, v6)) {
                const std::string words = rule.action.empty() ? std::string(trim(line)) : ruleText(rule);
                if (seen.insert(words).second) {
                    out.firewall.push_back({file, number, words, rule.action.empty() ? 0 : openPort(rule)});
                }
            }
        }
    }
}

Collected collect(const HostFiles& files, const CollectOptions& options, std::vector<std::string>& mistakes) {
    Collected out;
    out.seen.name = options.host;
    out.seen.sealingKey = options.sealingKey;
    Reader reader(files, mistakes);
    collectTunnel(reader, options, out.seen);
    collectFirewall(reader, out.seen);
    collectNetwork(reader, options, out.seen);
    collectProjects(reader, options, out.seen);
    collectPrometheus(reader, out);
    collectAlertmanager(reader, options, out.seen);
    return out;
}

bool isEmpty(const HostSeen& seen) {
    return !seen.tunnel && seen.projects.empty();
}

}  // namespace vigie::imports
