// What a plan refuses because it is vigie's own state.

#include "plan/own_state.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::plan {
namespace {

Action actionOf(render::What what, const std::string& state = "/opt/state") {
    Options options;
    options.stateDirectory = state;
    const render::Resource resource{"x:y", std::move(what), {}, "the purpose"};
    const auto plan = makePlan({resource}, {}, {}, options);
    const auto& change = plan.changes.at(0);
    if (change.action == Action::refuse) {
        CHECK(tests::contains(change.reason, "VG0475"));
        CHECK(change.diff.empty());
    }
    return change.action;
}

render::ComposeService service(const std::string& directory, const std::vector<std::string>& envFiles,
                               const std::string& mounted = "/srv/x") {
    render::ComposeService out;
    out.project = {"app", directory, {"compose.yaml"}, envFiles};
    render::Mount mount;
    mount.source = mounted;
    mount.target = "/x";
    out.service.mounts = {mount};
    return out;
}

TEST_CASE("a resource in vigie's state directory is refused, wherever that directory is", "[plan][places]") {
    CHECK(actionOf(render::File{"/opt/state/identity", "x", 0644, {}}) == Action::refuse);
    CHECK(actionOf(render::Directory{"/opt/state", 0755, {}, false}) == Action::refuse);
    CHECK(actionOf(render::Directory{"/opt", 0700, {1, 1}, true}) == Action::refuse);
    CHECK(actionOf(service("/opt/state/app", {})) == Action::refuse);
    CHECK(actionOf(service("/opt", {"state/identity"})) == Action::refuse);
    CHECK(actionOf(service("/opt/app", {}, "/opt/state")) == Action::refuse);
    render::Reload reload;
    reload.configPath = "/opt/state/x.yml";
    CHECK(actionOf(reload) == Action::refuse);
}

TEST_CASE("a resource beside vigie's state directory is allowed", "[plan][places]") {
    CHECK(actionOf(render::File{"/opt/stateful/x", "x", 0644, {}}) == Action::create);
    CHECK(actionOf(render::Directory{"/opt", 0755, {}, false}) == Action::create);
    CHECK(actionOf(service("/opt/app", {".env"})) == Action::none);
    CHECK(actionOf(render::File{"/opt/state/x", "x", 0644, {}}, "") == Action::create);
    // Vigie's own, where it always is.
    CHECK(actionOf(render::File{"/var/lib/vigie/docker/config.json", "x", 0600, {}}, "/var/lib/vigie") ==
          Action::create);
}

}  // namespace
}  // namespace vigie::plan
