// Lists the containers of this host for the API.

#include "controller/containers.hpp"

#include "kinds/models.hpp"

#include <nlohmann/json.hpp>

#include <string_view>
#include <utility>

namespace vigie::controller {
namespace {

using nlohmann::ordered_json;

/// When it was started, to the second; null when it does not run. The engine writes UTC with nanoseconds, and
/// year 1 for never.
ordered_json startOf(const plan::ObservedContainer& container) {
    constexpr std::string_view kShape = "0000-00-00T00:00:00";
    const std::string& text = container.startedAt;
    const bool runs = container.state == "running" || container.state == "paused";
    if (!runs || text.size() <= kShape.size() || text.back() != 'Z' || text.rfind("0001-", 0) == 0) {
        return nullptr;
    }
    for (std::size_t i = 0; i < kShape.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (kShape[i] == '0' ? !digit : text[i] != kShape[i]) {
            return nullptr;
        }
    }
    return text.substr(0, kShape.size()) + "Z";
}

/// Services that are rendered, as `project/service`; the others of a project are the user's own.
std::set<std::string> servicesOf(const apply::DesiredState& target) {
    std::set<std::string> out;
    for (const auto& resource : target.desired) {
        if (const auto* compose = kinds::containerOf(resource)) {
            out.insert(compose->project.name + "/" + compose->service.name);
        }
    }
    return out;
}

}  // namespace

std::string containersJson(const apply::DesiredState* target, const apply::ObservedPlan* look) {
    ordered_json problems = ordered_json::array();
    ordered_json containers = ordered_json::array();
    const auto managed = target == nullptr ? std::set<std::string>{} : servicesOf(*target);
    if (look != nullptr) {
        for (const auto& [project, seen] : look->observed.projects) {
            if (!seen.problem.empty()) {
                problems.push_back({{"project", project}, {"problem", seen.problem}});
            }
            for (const auto& each : seen.containers) {
                containers.push_back({{"id", each.id},
                                      {"project", project},
                                      {"service", each.service},
                                      {"managed", managed.count(project + "/" + each.service) != 0},
                                      {"name", each.name},
                                      {"image", each.image},
                                      {"state", each.state},
                                      {"health", each.health},
                                      {"startedAt", startOf(each)},
                                      {"exitCode", each.exitCode},
                                      {"restarts", each.restartCount}});
            }
        }
    }
    const ordered_json out{{"observed", look != nullptr},
                           {"problems", std::move(problems)},
                           {"containers", std::move(containers)}};
    return out.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::set<std::string> containerIds(const apply::ObservedPlan* look) {
    std::set<std::string> out;
    if (look != nullptr) {
        for (const auto& [project, seen] : look->observed.projects) {
            for (const auto& each : seen.containers) {
                out.insert(each.id);
            }
        }
    }
    return out;
}

}  // namespace vigie::controller
