// Renders a host that has to wait: the next tunnel, everything else as it was applied.

#include "render/gate.hpp"

#include "kinds/models.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace vigie::render {
namespace {

/// The ids of the tunnel's resources and of everything that they need.
std::set<std::string> tunnelOf(const std::vector<Resource>& resources) {
    std::map<std::string, const Resource*> byId;
    for (const auto& resource : resources) {
        byId[resource.id] = &resource;
    }
    std::set<std::string> out;
    std::vector<const Resource*> open;
    for (const auto& resource : resources) {
        if (kinds::traitsOf(resource).ofTunnel) {
            open.push_back(&resource);
        }
    }
    while (!open.empty()) {
        const auto* resource = open.back();
        open.pop_back();
        if (out.insert(resource->id).second) {
            for (const auto& id : resource->dependsOn) {
                if (const auto it = byId.find(id); it != byId.end()) {
                    open.push_back(it->second);
                }
            }
        }
    }
    return out;
}

}  // namespace

std::vector<Resource> onlyTheTunnel(const std::vector<Resource>& next, const std::vector<Resource>& applied) {
    const auto nextTunnel = tunnelOf(next);
    const auto oldTunnel = tunnelOf(applied);
    // Where the next document has no tunnel any more, this one stays until the host no longer waits: the
    // others still use it.
    const auto isTunnel = [](const Resource& resource) { return kinds::tunnelOf(resource) != nullptr; };
    const bool ends = std::none_of(next.begin(), next.end(), isTunnel);
    std::vector<Resource> out;
    for (const auto& resource : next) {
        if (nextTunnel.count(resource.id) != 0) {
            out.push_back(resource);
        }
    }
    for (const auto& resource : applied) {
        const bool stays = ends || oldTunnel.count(resource.id) == 0 || kinds::traitsOf(resource).letsIn;
        if (stays && nextTunnel.count(resource.id) == 0) {
            out.push_back(resource);
        }
    }
    return out;
}

}  // namespace vigie::render
