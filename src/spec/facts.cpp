// Decodes the facts of a host.

#include "spec/facts.hpp"

#include "base/hash.hpp"
#include "base/redact.hpp"
#include "base/text.hpp"
#include "spec/check_schema.hpp"
#include "spec/read_yaml.hpp"
#include "spec/schema.hpp"

#include <algorithm>
#include <charconv>

namespace vigie::spec {
namespace {

constexpr std::size_t kLargest = 4U << 20U;

void dropNulls(Node& node) {
    auto& entries = node.entries;
    entries.erase(std::remove_if(entries.begin(), entries.end(),
                                 [](const Entry& entry) { return entry.value.kind == Node::Kind::null; }),
                  entries.end());
    for (auto& entry : entries) {
        dropNulls(entry.value);
    }
    for (auto& item : node.items) {
        dropNulls(item);
    }
}

std::string text(const Node& map, std::string_view key) {
    const auto* node = map.find(key);
    return node == nullptr ? "" : node->scalar;
}

bool flag(const Node& map, std::string_view key) {
    return text(map, key) == "true";
}

std::int64_t number(std::string_view digits) {
    std::int64_t out = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return out;
}

std::vector<std::string> texts(const Node& map, std::string_view key) {
    std::vector<std::string> out;
    if (const auto* list = map.find(key)) {
        for (const auto& item : list->items) {
            out.push_back(item.scalar);
        }
    }
    return out;
}

std::map<std::string, std::string> pairs(const Node& map, std::string_view key) {
    std::map<std::string, std::string> out;
    if (const auto* inner = map.find(key)) {
        for (const auto& entry : inner->entries) {
            out[entry.key] = entry.value.scalar;
        }
    }
    return out;
}

/// Calls `add` with each item of a list.
template <class F>
void each(const Node& map, std::string_view key, F add) {
    if (const auto* list = map.find(key)) {
        for (const auto& item : list->items) {
            add(item);
        }
    }
}

/// `8000` or `8000-8010`; what is no number says that it is not known.
void readPublished(const std::string& published, PortFacts& out) {
    const auto dash = published.find('-');
    const std::string last = dash == std::string::npos ? published : published.substr(dash + 1);
    if (published.find_first_not_of("0123456789-") != std::string::npos || published.size() > 11) {
        out.expression = published;
        return;
    }
    out.first = static_cast<int>(number(published));
    out.last = static_cast<int>(number(last));
}

PortFacts readPort(const Node& node) {
    PortFacts out;
    out.address = text(node, "host_ip");
    out.expression = text(node, "expression");
    out.target = static_cast<int>(number(text(node, "target")));
    if (const auto protocol = text(node, "protocol"); !protocol.empty()) {
        out.protocol = protocol;
    }
    readPublished(text(node, "published"), out);
    if (out.address.find('$') != std::string::npos) {
        out.expression = out.address;
    }
    return out;
}

MountFacts readMount(const Node& node) {
    MountFacts out{text(node, "type"),      text(node, "source"), text(node, "target"),
                   flag(node, "read_only"), text(node, "kind"),   {},
                   flag(node, "writable")};
    if (const auto* owner = node.find("owner")) {
        out.owner = number(owner->scalar);
    }
    return out;
}

ServiceFacts readService(const Node& node) {
    ServiceFacts out;
    out.image = text(node, "image");
    out.build = flag(node, "build");
    out.user = text(node, "user");
    out.restart = text(node, "restart");
    out.networkMode = text(node, "network_mode");
    out.healthcheck = flag(node, "healthcheck");
    each(node, "ports", [&](const Node& port) { out.ports.push_back(readPort(port)); });
    out.expose = texts(node, "expose");
    each(node, "volumes", [&](const Node& volume) { out.volumes.push_back(readMount(volume)); });
    out.environment = texts(node, "environment");
    out.networks = texts(node, "networks");
    return out;
}

ProjectFacts readProject(const Node& node) {
    ProjectFacts out;
    out.name = text(node, "name");
    out.directory = text(node, "directory");
    out.files = texts(node, "files");
    out.envFiles = texts(node, "envFiles");
    out.digests = pairs(node, "digests");
    if (const auto* services = node.find("services")) {
        out.services.emplace();
        for (const auto& service : services->entries) {
            out.services->emplace(service.key, readService(service.value));
        }
    }
    return out;
}

std::vector<NetworkFacts> readNetworks(const Node& node) {
    std::vector<NetworkFacts> out;
    each(node, "interfaces", [&](const Node& interface) {
        out.push_back({text(interface, "name"), text(interface, "network"), false});
    });
    each(node, "docker", [&](const Node& network) {
        for (auto& subnet : texts(network, "subnets")) {
            out.push_back({text(network, "name"), std::move(subnet), true});
        }
    });
    return out;
}

HostFacts read(const Node& root) {
    HostFacts out;
    out.host = text(root, "host");
    if (const auto* keys = root.find("keys")) {
        out.wireguardPublicKey = text(*keys, "wireguardPublicKey");
        out.sealingKey = text(*keys, "sealingKey");
    }
    for (const auto& [name, value] : pairs(root, "capabilities")) {
        out.capabilities[name] = value == "true";
    }
    out.tools = pairs(root, "tools");
    if (const auto* networks = root.find("networks")) {
        out.networks = readNetworks(*networks);
    }
    if (const auto* users = root.find("users")) {
        for (const auto& file : users->entries) {
            out.users[file.key] = pairs(*users, file.key);
        }
    }
    if (root.find("projects") != nullptr) {
        out.projects.emplace();
        each(root, "projects", [&](const Node& project) { out.projects->push_back(readProject(project)); });
    }
    return out;
}

}  // namespace

std::optional<HostFacts> loadFacts(std::string_view text, const std::string& file, Diagnostics& diagnostics) {
    const auto before = diagnostics.errors();
    YamlLimits limits;
    limits.bytes = kLargest;
    limits.aliasNodes = 0;  // JSON has no aliases
    auto root = readYaml(text, file, diagnostics, limits);
    if (!root) {
        return std::nullopt;
    }
    dropNulls(*root);
    checkSchema(*root, factsSchema(), Reporter(diagnostics, file, &*root));
    if (diagnostics.errors() != before) {
        return std::nullopt;
    }
    return read(*root);
}

std::string composeFileDigest(std::string_view text) {
    std::string masked;
    for (const auto line : splitLines(text)) {
        masked += redactLine(line) + "\n";
    }
    return sha256Hex(masked);
}

}  // namespace vigie::spec
