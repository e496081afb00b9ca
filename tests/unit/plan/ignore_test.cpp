// Tests what `spec.ignore` takes out of a plan.

#include "plan/compare.hpp"
#include "plan/plan.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::plan {
namespace {

using tests::contains;

render::Resource file(const std::string& path) {
    return {"file:" + path, render::File{path, "new\n", 0644, {}}, {}, "the purpose"};
}

/// A host on which one file differs in everything that is compared.
struct Host {
    std::vector<render::Resource> desired{file("/etc/a")};
    Observed observed;
    state::Inventory inventory;
    Options options{Activation::all};

    Host() {
        inventory["file:/etc/a"].digest = digestOf(desired[0]);
        observed.files["file:/etc/a"] = {{FileInfo::Type::regular, 0600, {7, 7}, 7}, secureBytes("edited\n")};
    }
    [[nodiscard]] Plan plan() const { return makePlan(desired, observed, inventory, options); }
};

TEST_CASE("a resource that is ignored is neither made, changed nor removed, and the plan says so",
          "[plan][ignore]") {
    for (const bool there : {true, false}) {
        for (const bool wanted : {true, false}) {
            for (const bool ours : {true, false}) {
                Host host;
                host.options.ignored["file:/etc/a"];
                if (!there) {
                    host.observed.files["file:/etc/a"] = {};
                }
                if (!wanted) {
                    host.desired.clear();
                }
                if (!ours) {
                    host.inventory.clear();
                }
                const auto plan = host.plan();
                CHECK(plan.empty());
                CHECK_FALSE(plan.drifted());
                for (const auto& change : plan.changes) {
                    CHECK(change.reason == "ignored (spec.ignore)");
                    CHECK_FALSE(change.ownable);
                }
                CHECK(plan.changes.size() == (wanted || ours ? 1 : 0));
            }
        }
    }
}

TEST_CASE("of a file, each field can be ignored alone", "[plan][ignore]") {
    const auto reasonWith = [](const std::set<std::string>& fields) {
        Host host;
        if (!fields.empty()) {
            host.options.ignored["file:/etc/a"] = fields;
        }
        const auto change = host.plan().changes.at(0);
        return change.acts() ? change.reason : "";
    };
    CHECK(contains(reasonWith({}), "was edited on the host; mode is 0600, wanted 0644; owner is 7:7"));
    CHECK_FALSE(contains(reasonWith({"content"}), "edited"));
    CHECK(contains(reasonWith({"content"}), "mode is 0600"));
    CHECK_FALSE(contains(reasonWith({"mode"}), "mode"));
    CHECK_FALSE(contains(reasonWith({"owner"}), "owner"));
    CHECK(reasonWith({"content", "mode", "owner"}).empty());
}

TEST_CASE("a missing file whose content is ignored is created", "[plan][ignore]") {
    Host host;
    host.options.ignored["file:/etc/a"] = {"content"};
    host.observed.files["file:/etc/a"] = {};
    CHECK(host.plan().changes.at(0).action == Action::create);
}

render::Resource container() {
    render::ComposeService compose;
    compose.project = {"monitoring", "/opt/monitoring", {"compose.yaml"}, {}, true};
    compose.service.name = "web";
    compose.service.image = "web:2";
    compose.service.restart = "unless-stopped";
    compose.service.environment = {{"A", "1"}};
    return {"compose:monitoring/web", compose, {}, "the container"};
}

Change planned(const std::set<std::string>& ignored) {
    const auto resource = container();
    Observed observed;
    ObservedContainer is;
    is.service = "web";
    is.state = "running";
    is.image = "web:1";
    is.restart = "no";
    is.networks = {"monitoring_default"};
    is.labels = {{render::kConfigLabel, "of another document"}};
    observed.projects["monitoring"].containers.push_back(is);
    Options options{Activation::all};
    if (!ignored.empty()) {
        options.ignored[resource.id] = ignored;
    }
    return makePlan({resource}, observed, {}, options).changes.at(0);
}

TEST_CASE("fields of a container that are ignored do not recreate it", "[plan][ignore]") {
    CHECK(contains(planned({}).reason, "image, restart policy, environment A"));
    CHECK_FALSE(contains(planned({"image"}).reason, "image"));
    CHECK(planned({"image"}).action == Action::recreate);
    CHECK_FALSE(contains(planned({"image", "environment"}).diff.text(Audience::terminal), "environment"));
    const auto none = planned({"image", "restart", "environment"});
    CHECK(none.action == Action::none);  // also the label that stands for all of them says nothing
    CHECK(none.diff.empty());
}

TEST_CASE("a plan names what it ignores, also if nothing changes", "[plan][ignore]") {
    Host host;
    host.options.ignored["file:/etc/a"];
    host.options.ignored["file:/etc/nowhere"];
    CHECK(host.plan().notes == std::vector<std::string>{"ignored (spec.ignore): file:/etc/a"});
    host.options.ignored["file:/etc/a"] = {"mode", "content"};
    CHECK(host.plan().notes ==
          std::vector<std::string>{"not compared of file:/etc/a (spec.ignore): content, mode"});
}

TEST_CASE("an offline plan leaves out ignored resources", "[plan][ignore]") {
    Options options;
    options.ignored["file:/etc/a"];
    CHECK(compare({}, {file("/etc/a")}, options).empty());
    CHECK(compare({file("/etc/a")}, {}, options).empty());
    CHECK_FALSE(compare({}, {file("/etc/a")}).empty());
}

TEST_CASE("a suspended host has a plan that names the reason of the suspension", "[plan][ignore]") {
    Host host;
    host.options.suspended = "`spec.suspend: true`";
    const auto plan = host.plan();
    CHECK(plan.count(Action::update) == 1);
    CHECK(plan.notes == std::vector<std::string>{"suspended: nothing is changed here as long as the document "
                                                 "says `spec.suspend: true`"});
}

}  // namespace
}  // namespace vigie::plan
