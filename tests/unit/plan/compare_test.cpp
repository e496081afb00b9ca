// What the offline comparison says where no host can be asked: of containers, of what is given back, of
// prune.

#include "plan/compare.hpp"

#include "apply/inputs/desired_state.hpp"
#include "plan/print.hpp"
#include "render/host.hpp"
#include "source/directory.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"
#include "tests/unit/doubles.hpp"

#include <filesystem>

namespace vigie::plan {
namespace {

using render::Resource;
using tests::contains;

Resource container(render::Service service, bool ours = true) {
    render::ComposeService out;
    out.project = {"monitoring", "/opt/monitoring", {"compose.yaml"}, {}, ours};
    out.service = std::move(service);
    return {"compose:monitoring/" + out.service.name, out, {}, "the container of " + out.service.name};
}

render::Service prometheus() {
    render::Service out;
    out.name = "prometheus";
    out.image = "prom/prometheus:v3.5.0";
    out.command = {"--config.file=/etc/prometheus/prometheus.yml"};
    out.environment = {{"GOGC", "75"}};
    out.mounts = {{"./prometheus", "/etc/prometheus", true}};
    out.ports = {{"10.66.66.2", 9090, 9090}};
    return out;
}

/// The user's own, to which a variable is added.
render::Service backend() {
    render::Service out;
    out.name = "backend";
    out.environment = {{"OTEL_SERVICE_NAME", "backend"}};
    return out;
}

Change only(const std::vector<Resource>& base, const std::vector<Resource>& head,
            const Options& options = {}) {
    const auto plan = compare(base, head, options);
    REQUIRE(plan.changes.size() == 1);
    return plan.changes.front();
}

TEST_CASE("an offline plan recreates a container with a changed definition and names the changed fields",
          "[plan]") {
    const auto check = [](const char* field, const auto& edit) {
        INFO(field);
        auto after = prometheus();
        edit(after);
        const auto change = only({container(prometheus())}, {container(after)});
        CHECK(change.action == Action::recreate);
        CHECK(change.reason == std::string(field) + " changed; what it holds in memory is lost");
        CHECK_FALSE(change.reversible());
    };
    check("image", [](auto& s) { s.image = "prom/prometheus:v3.5.1"; });
    check("command", [](auto& s) { s.command.emplace_back("--web.enable-lifecycle"); });
    check("command", [](auto& s) { s.command.clear(); });
    check("environment GOGC", [](auto& s) { s.environment["GOGC"] = "50"; });
    check("environment GOGC", [](auto& s) { s.environment.clear(); });
    check("environment TZ", [](auto& s) { s.environment["TZ"] = "UTC"; });
    check("mounts", [](auto& s) { s.mounts.front().readOnly = false; });
    check("ports", [](auto& s) { s.ports.clear(); });
    check("user", [](auto& s) { s.user = "1:1"; });
    check("restart policy", [](auto& s) { s.restart = "always"; });
    check("networks", [](auto& s) { s.hostNetwork = true; });
    check("capabilities", [](auto& s) { s.capabilities = {"NET_RAW"}; });
    check("content of its mounts", [](auto& s) { s.contentDigest = "new"; });
    check("label dev.vigie.config", [](auto& s) { s.devices = {"/dev/kmsg"}; });
}

TEST_CASE("offline, the diff of a recreated container shows both definitions", "[plan]") {
    auto after = prometheus();
    after.image = "prom/prometheus:v3.5.1";
    after.environment["GOGC"] = "50";
    CHECK(only({container(prometheus())}, {container(after)}).diff.text() ==
          "-image: prom/prometheus:v3.5.0\n+image: prom/prometheus:v3.5.1\n"
          "-environment GOGC: 75\n+environment GOGC: 50\n");
}

TEST_CASE("an offline plan recreates a container for a changed secret, but not for an unchanged sealed one",
          "[plan]") {
    const auto with = [](const std::string& id) {
        auto out = prometheus();
        out.secretEnvironment["PASSWORD"] = {id, nullptr};
        out.command = {render::Text("--password=").append({id, nullptr}, render::Encoding::raw)};
        return container(out);
    };
    CHECK(only({with("id-one")}, {with("id-one")}).action == Action::none);
    const auto change = only({with("id-one")}, {with("id-two")});
    CHECK(change.action == Action::recreate);
    CHECK(contains(change.reason, "command, environment PASSWORD"));
    CHECK_FALSE(contains(change.diff.text(), "id-one"));
    CHECK_FALSE(contains(change.diff.text(), "id-two"));
}

TEST_CASE("an offline plan does not recreate a container for ignored fields", "[plan]") {
    auto after = prometheus();
    after.image = "prom/prometheus:v3.5.1";
    Options options;
    options.ignored["compose:monitoring/prometheus"] = {"image"};
    CHECK(only({container(prometheus())}, {container(after)}, options).action == Action::none);
}

TEST_CASE("an offline plan does not recreate a container for other Compose arguments", "[plan]") {
    auto before = container(prometheus());
    std::get<render::ComposeService>(before.what).project.envFiles = {".env"};
    const auto change = only({before}, {container(prometheus())});
    CHECK(change.action == Action::none);
    CHECK(change.reason == "its container stays as it is");
}

TEST_CASE("a user's container is recreated or released, never created or deleted", "[plan]") {
    const auto gains = only({}, {container(backend(), false)});
    CHECK(gains.action == Action::recreate);
    CHECK(contains(gains.reason, "which is yours and is made anew; what it holds in memory is lost"));
    const auto loses = only({container(backend(), false)}, {});
    CHECK(loses.action == Action::release);
    CHECK(contains(loses.reason, "the container is yours and stays"));
    CHECK_FALSE(loses.reversible());
    CHECK(loses.diff.empty());
}

TEST_CASE("deleting vigie's own container is irreversible and says that memory is lost", "[plan]") {
    const auto change = only({container(prometheus())}, {});
    CHECK(change.action == Action::remove);
    CHECK_FALSE(change.reversible());
    CHECK(contains(change.reason, "what it holds in memory is lost"));
}

TEST_CASE("an offline plan without pruning keeps removed resources and names them in a note", "[plan]") {
    Options options;
    options.prune = false;
    const auto plan = compare({container(prometheus())}, {}, options);
    REQUIRE(plan.changes.size() == 1);
    CHECK(plan.changes.front().action == Action::none);
    CHECK(plan.changes.front().reason == "no longer in the document; kept (spec.prune)");
    CHECK(plan.notes == std::vector<std::string>{
                            "no longer in the document; kept (spec.prune): compose:monitoring/prometheus"});
    CHECK(plan.empty());
}

TEST_CASE("an offline plan releases a data directory and deletes a directory of rendered files", "[plan]") {
    const std::vector<Resource> base = {
        {"directory:/opt/m", render::Directory{"/opt/m", 0755, {}, false}, {}, "m"},
        {"directory:/opt/m/data", render::Directory{"/opt/m/data", 0755, {}, true}, {}, "data"},
        {"directory:/opt/m/rules", render::Directory{"/opt/m/rules", 0755, {}, false}, {}, "rules"},
        {"file:/opt/m/rules/r.yml", render::File{"/opt/m/rules/r.yml", "x\n", 0644, {}}, {}, "r"}};
    std::map<std::string, Action> seen;
    for (const auto& change : compare(base, {}).changes) {
        seen[change.id] = change.action;
    }
    CHECK(seen == std::map<std::string, Action>{{"directory:/opt/m", Action::release},
                                                {"directory:/opt/m/data", Action::release},
                                                {"directory:/opt/m/rules", Action::remove},
                                                {"file:/opt/m/rules/r.yml", Action::remove}});
}

TEST_CASE("a sysctl gone from the document is released, not deleted", "[plan]") {
    const auto change = only({{"sysctl:net.ipv4.ip_forward", render::Sysctl{"k", "1"}, {}, "s"}}, {});
    CHECK(change.action == Action::release);
    CHECK(contains(change.reason, "until the next boot"));
}

TEST_CASE("an offline plan with another compose file but the same containers recreates none of them",
          "[plan]") {
    std::size_t seen = 0;
    for (const auto& example : std::filesystem::directory_iterator(tests::sourcePath("examples"))) {
        const auto loaded = source::loadDirectory(example.path());
        for (const auto& host : loaded.document->stack.hosts) {
            for (auto resource : apply::makeSealedDesiredState(loaded, host.name).desired) {
                auto* compose = std::get_if<render::ComposeService>(&resource.what);
                if (compose == nullptr) {
                    continue;
                }
                INFO(example.path().string() + " " + resource.id);
                const auto before = resource;
                compose->project.files.emplace_back("another.yaml");  // so that the two are compared at all
                const auto change = only({before}, {resource});
                CHECK(change.reason == "its container stays as it is");
                ++seen;
            }
        }
    }
    CHECK(seen > 20);
}

}  // namespace
}  // namespace vigie::plan
