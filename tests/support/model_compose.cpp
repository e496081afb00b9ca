// A model of docker compose.

#include "tests/support/model_compose.hpp"

#include "base/hash.hpp"
#include "spec/read_yaml.hpp"
#include "tests/support/model_tunnel.hpp"

#include <algorithm>

namespace vigie::tests {
namespace {

using spec::Node;

/// `$$` is a dollar sign; variables are not used here.
std::string interpolated(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '$') {
            if (i + 1 == text.size() || text[i + 1] != '$') {
                throw ToolFailed{"Invalid template: \"" + text + "\""};
            }
            ++i;
        }
        out += text[i];
    }
    return out;
}

std::vector<std::string> listOf(const Node& node) {
    std::vector<std::string> out;
    for (const auto& item : node.items) {
        out.push_back(interpolated(item.scalar));
    }
    for (const auto& entry : node.entries) {  // depends_on as a map
        out.push_back(entry.key);
    }
    if (node.kind == Node::Kind::scalar) {
        out.push_back(interpolated(node.scalar));
    }
    return out;
}

/// A map, or a list of `KEY=value`.
void mergePairs(const Node& node, std::map<std::string, std::string>& out) {
    for (const auto& entry : node.entries) {
        out[entry.key] = interpolated(entry.value.scalar);
    }
    for (const auto& item : node.items) {
        const std::string text = interpolated(item.scalar);
        const auto equals = text.find('=');
        out[text.substr(0, equals)] = equals == std::string::npos ? "" : text.substr(equals + 1);
    }
}

void mergeVolumes(const Node& node, std::map<std::string, std::string>& out) {
    for (const auto& text : listOf(node)) {
        const auto colon = text.find(':');
        const auto second = text.find(':', colon + 1);
        const std::string target =
            text.substr(colon + 1, second == std::string::npos ? second : second - colon - 1);
        out[target] = text.substr(0, colon) + (second == std::string::npos ? "" : text.substr(second));
    }
}

void merge(const Node& node, ModelService& out) {
    for (const auto& [key, keyAt, value] : node.entries) {
        if (key == "image") {
            out.image = interpolated(value.scalar);
        } else if (key == "build") {
            out.built = true;
        } else if (key == "container_name") {
            out.containerName = interpolated(value.scalar);
        } else if (key == "user") {
            out.user = interpolated(value.scalar);
        } else if (key == "restart") {
            out.restart = interpolated(value.scalar);
        } else if (key == "command") {
            out.command = listOf(value);
        } else if (key == "ports") {
            const auto more = listOf(value);
            out.ports.insert(out.ports.end(), more.begin(), more.end());
        } else if (key == "environment") {
            mergePairs(value, out.environment);
        } else if (key == "labels") {
            mergePairs(value, out.labels);
        } else if (key == "volumes") {
            mergeVolumes(value, out.volumes);
        } else if (key == "network_mode") {
            out.networkMode = interpolated(value.scalar);
        } else if (key == "pid") {
            out.pid = interpolated(value.scalar);
        } else if (key == "privileged") {
            out.privileged = value.scalar == "true";
        } else if (key == "devices") {
            out.devices = listOf(value);
        } else if (key == "cap_add") {
            out.capAdd = listOf(value);
        } else if (key == "cap_drop") {
            out.capDrop = listOf(value);
        } else if (key == "networks") {
            for (const auto& each : listOf(value)) {
                if (each != "default") {
                    out.networks.push_back(each);
                }
            }
        } else if (key == "depends_on") {
            for (const auto& each : listOf(value)) {
                if (std::find(out.dependsOn.begin(), out.dependsOn.end(), each) == out.dependsOn.end()) {
                    out.dependsOn.push_back(each);
                }
            }
        } else {
            throw ToolFailed{"services." + out.name + " Additional property " + key + " is not allowed"};
        }
    }
}

}  // namespace

std::string ModelService::hash() const {
    Sha256 out;
    out.field(name).field(image).field(built ? "built" : "").field(containerName).field(user).field(restart);
    out.field(networkMode).field(pid).field(privileged ? "privileged" : "");
    for (const auto* list : {&command, &ports, &dependsOn, &networks, &devices, &capAdd, &capDrop}) {
        out.field(std::to_string(list->size()));
        for (const auto& each : *list) {
            out.field(each);
        }
    }
    for (const auto* pairs : {&environment, &volumes, &labels}) {
        out.field(std::to_string(pairs->size()));
        for (const auto& [key, value] : *pairs) {
            out.field(key).field(value);
        }
    }
    return out.hex();
}

std::map<std::string, ModelService> composeModel(const ModelFiles& files, const std::string& project,
                                                 const std::vector<std::string>& paths) {
    std::map<std::string, ModelService> out;
    for (const auto& path : paths) {
        const auto text = files.text(path);
        if (!text) {
            throw ToolFailed{"open " + path + ": no such file or directory"};
        }
        spec::Diagnostics diagnostics;
        const auto root = spec::readYaml(*text, path, diagnostics);
        if (!root || diagnostics.hasErrors()) {
            throw ToolFailed{"yaml: " + path + " cannot be read"};
        }
        const auto* services = root->find("services");
        for (const auto& entry : services == nullptr ? std::vector<spec::Entry>{} : services->entries) {
            auto& service = out[entry.key];
            service.name = entry.key;
            merge(entry.value, service);
        }
    }
    for (auto& [name, service] : out) {
        for (const auto& other : service.dependsOn) {
            if (out.count(other) == 0) {
                throw ToolFailed{"service \"" + name + "\" depends on undefined service \"" + other +
                                 "\": invalid compose project"};
            }
        }
        if (service.image.empty()) {
            if (!service.built) {
                throw ToolFailed{
                    "service \"" + name +
                    "\" has neither an image nor a build context specified: invalid compose project"};
            }
            service.image = project + "-" + name;
        }
    }
    return out;
}

}  // namespace vigie::tests
