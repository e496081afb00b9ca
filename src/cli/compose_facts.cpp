// Reads the facts of a compose service that may be published: no values of variables, no arguments.

#include "cli/compose_facts.hpp"

#include "apply/http_api.hpp"
#include "compose/project.hpp"
#include "spec/address.hpp"

#include <set>

namespace vigie::cli {
namespace {

using apply::member;
using apply::text;
using nlohmann::json;
using nlohmann::ordered_json;

/// A port in the short form, which compose leaves as it is when any of them holds a variable.
void addShortPort(const std::string& written, ordered_json& out) {
    if (written.find('$') != std::string::npos) {
        out.push_back({{"expression", written}});
        return;
    }
    for (const auto& port : compose::shortPorts(written)) {
        ordered_json one = {{"target", port.containerPort}, {"protocol", port.protocol}};
        if (!port.address.empty()) {
            one["host_ip"] = port.address;
        }
        if (port.hostPort != 0) {
            one["published"] = std::to_string(port.hostPort);
        }
        out.push_back(std::move(one));
    }
}

void addLongPort(const json& port, ordered_json& out) {
    ordered_json one = ordered_json::object();
    for (const char* key : {"host_ip", "published", "protocol"}) {
        const auto& value = member(port, key);
        const std::string words =
            value.is_number_integer() ? std::to_string(value.get<std::int64_t>()) : text(port, key);
        if (!words.empty()) {
            one[key] = words;
        }
    }
    const auto& target = member(port, "target");
    if (target.is_number_integer()) {
        one["target"] = target;
    } else if (target.is_string()) {
        one["expression"] = target;
    }
    out.push_back(std::move(one));
}

ordered_json portFacts(const json& ports) {
    ordered_json out = ordered_json::array();
    for (const auto& port : ports) {
        if (port.is_string()) {
            addShortPort(port.get<std::string>(), out);
        } else if (port.is_number_integer()) {
            addShortPort(std::to_string(port.get<std::int64_t>()), out);
        } else {
            addLongPort(port, out);
        }
    }
    return out;
}

ordered_json volumeFacts(const json& volumes, const system::Files& files) {
    constexpr unsigned kOthersWrite = 0002;
    ordered_json out = ordered_json::array();
    for (const auto& volume : volumes) {
        ordered_json one = {{"type", text(volume, "type")},
                            {"source", text(volume, "source")},
                            {"target", text(volume, "target")},
                            {"read_only", member(volume, "read_only") == true}};
        const auto source = text(volume, "source");
        const auto info = text(volume, "type") == "bind" && !source.empty() && source.front() == '/'
                              ? files.inspect(source)
                              : FileInfo{};
        if (info.type == FileInfo::Type::regular || info.type == FileInfo::Type::directory) {
            one["kind"] = info.type == FileInfo::Type::regular ? "file" : "directory";
            one["owner"] = info.owner.uid;
            one["writable"] = (info.mode & kOthersWrite) != 0;
        }
        out.push_back(std::move(one));
    }
    return out;
}

/// The names in a mapping, or in a list that may say `NAME=value`.
ordered_json names(const json& node) {
    ordered_json out = ordered_json::array();
    if (node.is_object()) {
        for (const auto& [name, value] : node.items()) {
            out.push_back(name);
        }
    } else if (node.is_array()) {
        for (const auto& item : node) {
            if (item.is_string()) {
                const auto whole = item.get<std::string>();
                out.push_back(whole.substr(0, whole.find('=')));
            }
        }
    }
    return out;
}

ordered_json words(const json& list) {
    ordered_json out = ordered_json::array();
    for (const auto& item : list) {
        out.push_back(item.is_string() ? item.get<std::string>() : item.dump());
    }
    return out;
}

}  // namespace

ordered_json serviceFacts(const json& service, const system::Files& files) {
    ordered_json out = ordered_json::object();
    out["image"] = text(service, "image");
    out["build"] = service.is_object() && service.contains("build");
    for (const char* key : {"user", "restart", "network_mode"}) {
        if (const auto value = text(service, key); !value.empty()) {
            out[key] = value;
        }
    }
    const auto& check = member(service, "healthcheck");
    out["healthcheck"] = check.is_object() && member(check, "disable") != true;
    out["ports"] = portFacts(member(service, "ports"));
    out["expose"] = words(member(service, "expose"));
    out["volumes"] = volumeFacts(member(service, "volumes"), files);
    for (const char* key : {"environment", "depends_on", "networks"}) {
        out[key] = names(member(service, key));
    }
    return out;
}

ordered_json interfaceFacts(const json& interfaces, const std::string& tunnel) {
    ordered_json out = ordered_json::array();
    std::set<std::string> seen;
    for (const auto& interface : interfaces) {
        const auto name = text(interface, "ifname");
        if (name == tunnel || name.starts_with("br-") || name.starts_with("docker") ||
            name.starts_with("veth")) {
            continue;
        }
        for (const auto& address : member(interface, "addr_info")) {
            const auto& prefix = member(address, "prefixlen");
            auto network = prefix.is_number_integer() && text(address, "scope") == "global"
                               ? spec::parseNetwork(text(address, "local") + "/" + prefix.dump())
                               : std::nullopt;
            if (!network) {
                continue;
            }
            constexpr unsigned kByte = 8;
            for (unsigned bit = network->prefix; bit < network->address.bits(); ++bit) {
                network->address.bytes[bit / kByte] &= static_cast<std::uint8_t>(~(0x80U >> (bit % kByte)));
            }
            const std::string shown = spec::toText(network->address) + "/" + std::to_string(network->prefix);
            const bool isNew = seen.insert(name + " " + shown).second;
            // One that IPv6 changes every day says nothing that a file in git could say.
            if (member(address, "temporary") == true) {
                if (isNew) {
                    out.push_back({{"name", name}, {"network", shown}});
                }
                continue;
            }
            out.push_back({{"name", name},
                           {"network", shown},
                           {"address", spec::toText(*spec::parseIp(text(address, "local")))}});
        }
    }
    return out;
}

ordered_json dockerNetworkFacts(const json& networks) {
    ordered_json out = ordered_json::array();
    for (const auto& network : networks) {
        ordered_json subnets = ordered_json::array();
        for (const auto& config : member(member(network, "IPAM"), "Config")) {
            if (spec::parseNetwork(text(config, "Subnet"))) {
                subnets.push_back(text(config, "Subnet"));
            }
        }
        if (!subnets.empty()) {
            out.push_back({{"name", text(network, "Name")}, {"subnets", std::move(subnets)}});
        }
    }
    return out;
}

}  // namespace vigie::cli
