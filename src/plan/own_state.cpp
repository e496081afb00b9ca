// vigie's own state on a host, which no document may reach.

#include "plan/own_state.hpp"

#include "kinds/models.hpp"
#include "spec/places.hpp"

#include <algorithm>

namespace vigie::plan {
namespace {

constexpr std::string_view kUsual = "/var/lib/vigie";

/// Its owner would become that of the state as well.
bool isAround(const render::Resource& resource, const std::string& state) {
    return kinds::traitsOf(resource).place == kinds::Place::directory && kinds::exact(resource) &&
           spec::liesIn(state, kinds::pathOf(resource));
}

}  // namespace

void refuseInOwnState(const std::vector<render::Resource>& desired, const Options& options, Plan& plan) {
    const auto& state = options.stateDirectory;
    if (state.empty()) {
        return;
    }
    for (std::size_t i = 0; i < desired.size(); ++i) {
        const auto paths = kinds::pathsOf(desired[i]);
        const auto inside = std::find_if(paths.begin(), paths.end(), [&](const std::string& path) {
            return spec::liesIn(path, state) && !spec::liesIn(path, kUsual);
        });
        if (inside != paths.end() || isAround(desired[i], state)) {
            auto& change = plan.changes[i];
            change.action = Action::refuse;
            change.diff.clear();
            change.reason =
                "`" + (inside == paths.end() ? paths.front() : *inside) + "` " +
                (inside == paths.end() ? "holds" : "lies in") + " " + state +
                ", where vigie keeps its own state on this host (VG0475); name another place in the "
                "document";
        }
    }
}

}  // namespace vigie::plan
