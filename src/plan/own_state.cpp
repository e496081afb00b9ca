// vigie's own state on a host, which no document may reach.

#include "plan/own_state.hpp"

#include "spec/places.hpp"

#include <algorithm>

namespace vigie::plan {
namespace {

constexpr std::string_view kUsual = "/var/lib/vigie";

/// Every path that a resource is, reads or shows to a container.
struct PathsOf {
    using Paths = std::vector<std::string>;

    Paths operator()(const render::File& file) const { return {file.path}; }
    Paths operator()(const render::Directory& directory) const { return {directory.path}; }
    Paths operator()(const render::ComposeService& compose) const {
        Paths out = compose.project.paths();
        for (const auto& mount : compose.service.mounts) {
            out.push_back(mount.path(compose.project.directory));
        }
        return out;
    }
    Paths operator()(const render::Rebuild& rebuild) const { return rebuild.project.paths(); }
    Paths operator()(const render::Reload& reload) const { return {reload.configPath}; }
    Paths operator()(const render::WireguardInterface& wireguard) const { return {wireguard.configPath}; }
    Paths operator()(const render::FirewallRule& /*rule*/) const { return {}; }
    Paths operator()(const render::Sysctl& /*sysctl*/) const { return {}; }
    Paths operator()(const render::Unit& /*unit*/) const { return {}; }
    Paths operator()(const render::Silence& /*silence*/) const { return {}; }
};

/// Its owner would become that of the state as well.
bool isAround(const render::Resource& resource, const std::string& state) {
    const auto* directory = std::get_if<render::Directory>(&resource.what);
    return directory != nullptr && directory->exact && spec::liesIn(state, directory->path);
}

}  // namespace

void refuseInOwnState(const std::vector<render::Resource>& desired, const Options& options, Plan& plan) {
    const auto& state = options.stateDirectory;
    if (state.empty()) {
        return;
    }
    for (std::size_t i = 0; i < desired.size(); ++i) {
        const auto paths = std::visit(PathsOf{}, desired[i].what);
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
