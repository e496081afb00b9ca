// Puts a rendered server where the document wants it.

#include "render/placement.hpp"

#include "base/text.hpp"

namespace vigie::render {
namespace {

/// `NAME=VALUE`, or the entries of a mapping.
void addVariables(Service& service, const spec::Node& value) {
    for (const auto& entry : value.entries) {
        service.environment[entry.key] = entry.value.scalar;
    }
    for (const auto& item : value.items) {
        const auto equals = item.scalar.find('=');
        if (equals != std::string::npos) {
            service.environment[item.scalar.substr(0, equals)] = item.scalar.substr(equals + 1);
        }
    }
}

/// `SOURCE:TARGET`, with what may stand behind it. Lint has refused everything else.
void addVolume(Service& service, const std::string& volume) {
    const auto parts = split(volume, ':');
    constexpr std::size_t kWithMode = 3;
    if (parts.size() < 2) {
        return;
    }
    service.mounts.push_back({.source = std::string(parts[0]),
                              .target = std::string(parts[1]),
                              .readOnly = parts.size() == kWithMode && parts[2] == "ro"});
}

}  // namespace

std::string serverDirectory(const spec::Project& project, std::string_view server) {
    return (project.ours() ? "" : "vigie-") + std::string(server);
}

Mount dataMount(const spec::Had& had, const std::string& own, const std::string& target) {
    if (had.data.empty()) {
        return {own, target, false};
    }
    return {.source = had.data, .target = target, .found = true};
}

void place(Service& service, const spec::Had& had) {
    service.networks.insert(service.networks.end(), had.networks.begin(), had.networks.end());
    if (!had.compose) {
        return;
    }
    service.compose.kind = spec::Node::Kind::map;
    for (const auto& entry : had.compose->entries) {
        if (entry.key == "container_name") {
            service.containerName = entry.value.scalar;
        } else if (entry.key == "restart") {
            service.restart = entry.value.scalar;
        } else if (entry.key == "environment") {
            addVariables(service, entry.value);
        } else if (entry.key == "volumes") {
            for (const auto& item : entry.value.items) {
                addVolume(service, item.scalar);
            }
        } else {
            service.compose.entries.push_back(entry);
        }
    }
}

}  // namespace vigie::render
