// Tests plan/plan.

#include "plan/plan.hpp"

#include "plan/compare.hpp"
#include "plan/print.hpp"
#include "render/host.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <nlohmann/json.hpp>

namespace vigie::plan {
namespace {

using render::Resource;

Resource file(const std::string& path, const render::Text& text, unsigned mode = 0644, Owner owner = {}) {
    return {"file:" + path, render::File{path, text, mode, owner}, {}, "the purpose"};
}

Resource directory(const std::string& path, bool exact) {
    return {"directory:" + path, render::Directory{path, 0700, {}, exact}, {}, "the purpose"};
}

Resource prometheus() {
    return {"reload:prometheus",
            render::Reload{{render::Reload::Program::prometheus, "http://a", "new", {"j"}, "/p.yml"}},
            {},
            "the purpose"};
}

ObservedFile there(const std::string& text, unsigned mode = 0644, Owner owner = {}) {
    return {{FileInfo::Type::regular, mode, owner, text.size()}, secureBytes(text)};
}

ObservedFile thing(FileInfo::Type type, unsigned mode = 0755) {
    return {{type, mode, {}, 0}, {}};
}

Change one(const Resource& resource, const ObservedFile& is, const state::Inventory& inventory = {},
           const Options& options = {}, bool canChown = true) {
    Observed observed;
    observed.canChown = canChown;
    observed.files[resource.id] = is;
    return makePlan({resource}, observed, inventory, options).changes.at(0);
}

state::Inventory owning(const Resource& resource, const std::string& digest = "older") {
    return {{resource.id, {digest, ""}}};
}

TEST_CASE("a file that is missing is created", "[plan]") {
    const auto change = one(file("/a", "x\n"), {});
    CHECK(change.action == Action::create);
    CHECK(change.reason == "the purpose: does not exist yet");
    CHECK(change.diff.text(Audience::terminal) == "--- /dev/null\n+++ /a\n@@ -0,0 +1 @@\n+x\n");
}

TEST_CASE("a missing file of vigie is reported as removed on the host", "[plan]") {
    CHECK(one(file("/a", "x"), {}, owning(file("/a", "x"))).reason == "the purpose: was removed on the host");
}

TEST_CASE("a file that matches the document is left alone", "[plan]") {
    const auto change = one(file("/a", "x\n"), there("x\n"), owning(file("/a", "x\n")));
    CHECK(change.action == Action::none);
    CHECK(change.diff.empty());
}

TEST_CASE("drift and a changed document have different reasons", "[plan]") {
    const auto wanted = file("/a", "new\n");
    const auto drift = one(wanted, there("edited\n"), owning(wanted, digestOf(wanted)));
    CHECK(drift.action == Action::update);
    CHECK(drift.reason == "the purpose: was edited on the host");
    const auto changed = one(wanted, there("old\n"), owning(wanted));
    CHECK(changed.action == Action::update);
    CHECK(changed.reason == "the purpose: changed in the document");
    CHECK(tests::contains(changed.diff.text(Audience::terminal), "-old\n+new\n"));
}

TEST_CASE("mode and owner are compared, and named in the reason", "[plan]") {
    const auto wanted = file("/a", "x", 0400, {65534, 65534});
    const auto change = one(wanted, there("x", 0644), owning(wanted));
    CHECK(change.action == Action::update);
    CHECK(change.reason == "the purpose: mode is 0644, wanted 0400; owner is 0:0, wanted 65534:65534");
    CHECK(change.diff.empty());
}

TEST_CASE("without the right to change owners they are not compared, and a note says so", "[plan]") {
    const auto wanted = file("/a", "x", 0644, {65534, 65534});
    CHECK(one(wanted, there("x"), owning(wanted), {}, false).action == Action::none);
    Observed observed;
    CHECK(makePlan({}, observed, {}, {}).notes.empty());
    observed.canChown = false;
    CHECK(makePlan({}, observed, {}, {}).notes.size() == 1);
}

TEST_CASE("a user's file is refused until it is named for adoption", "[plan]") {
    const auto wanted = file("/a", "new\n");
    const auto refused = one(wanted, there("theirs\n"));
    CHECK(refused.action == Action::refuse);
    CHECK(tests::contains(refused.diff.text(Audience::terminal), "-theirs\n"));
    const auto adopted = one(wanted, there("theirs\n"), {}, {Activation::none, {"file:/a"}, false});
    CHECK(adopted.action == Action::adopt);
    CHECK(adopted.reason == "the purpose: taken over; a backup is kept");
    CHECK(one(wanted, there("theirs\n"), {}, {Activation::none, {"file:/b"}, false}).action ==
          Action::refuse);
}

TEST_CASE("an identical file is adopted silently", "[plan]") {
    const auto change = one(file("/a", "x\n"), there("x\n"));
    CHECK(change.action == Action::adopt);
    CHECK(change.diff.empty());
}

TEST_CASE("a symbolic link or directory in place of a file is refused, even if adopted or owned", "[plan]") {
    const auto wanted = file("/a", "x");
    for (const auto type : {FileInfo::Type::symlink, FileInfo::Type::directory, FileInfo::Type::other}) {
        CHECK(one(wanted, thing(type)).action == Action::refuse);
        CHECK(one(wanted, thing(type), owning(wanted), {Activation::none, {"file:/a"}, false}).action ==
              Action::refuse);
    }
    CHECK(one(directory("/d", false), thing(FileInfo::Type::symlink)).action == Action::refuse);
    CHECK(
        tests::contains(one(wanted, thing(FileInfo::Type::symlink)).reason, "a symbolic link is in the way"));
}

TEST_CASE("a directory's mode matters only where it must be exact", "[plan]") {
    CHECK(one(directory("/d", true), {}).action == Action::create);
    CHECK(one(directory("/d", true), thing(FileInfo::Type::directory)).action == Action::update);
    CHECK(one(directory("/d", true), thing(FileInfo::Type::directory, 0700)).action == Action::none);
    CHECK(one(directory("/d", false), thing(FileInfo::Type::directory)).action == Action::none);
}

TEST_CASE("a change of a secret alone is mentioned and not shown", "[plan]") {
    render::Text text("key = ");
    text.append({"id", std::make_shared<const SecureBytes>(secureBytes("new"))}, render::Encoding::raw)
        .append("\n");
    const auto change = one(file("/a", text), there("key = old\n"), owning(file("/a", text)));
    CHECK(change.action == Action::update);
    CHECK(change.diff.text(Audience::terminal) == "a secret in it differs; it is not shown\n");
}

Change reloading(const ObservedReload& is, Activation activation = Activation::reload) {
    Observed observed;
    observed.reloads["reload:prometheus"] = is;
    return makePlan({prometheus()}, observed, {}, {activation, {}, false}).changes.at(0);
}

TEST_CASE("a program is reloaded when what it has loaded differs", "[plan]") {
    CHECK(reloading({true, "new", {"j"}, ""}).action == Action::none);
    CHECK(reloading({true, "old", {"j"}, ""}).reason == "has loaded another configuration");
    CHECK(reloading({true, "", {"j"}, ""}).reason == "has loaded a configuration that is not ours");
    CHECK(reloading({true, "new", {"k"}, ""}).reason == "has loaded our rules, but other scrape jobs");
    CHECK(reloading({true, "new", {"k"}, ""}).action == Action::reload);
    CHECK(reloading({false, "", {}, "refused"}).action == Action::none);
    CHECK(reloading({true, "old", {}, ""}, Activation::none).action == Action::none);
}

TEST_CASE("removals come last: files first, then directories from the inside", "[plan]") {
    state::Inventory inventory;
    for (const char* id :
         {"directory:/d", "directory:/d/e", "directory:/d-", "file:/d/e/f", "file:/a", "file:/keep"}) {
        inventory[id] = {};
    }
    const auto plan = makePlan({file("/keep", "x")}, {}, inventory, {});
    std::vector<std::string> removed;
    for (const auto& change : plan.changes) {
        if (change.action == Action::remove) {
            removed.push_back(change.id);
        }
    }
    CHECK(plan.changes.front().id == "file:/keep");
    CHECK(removed == std::vector<std::string>{"file:/d/e/f", "file:/a", "directory:/d/e", "directory:/d-",
                                              "directory:/d"});
}

TEST_CASE("equal plans have equal digests, and every compared input changes the digest", "[plan]") {
    Observed observed;
    observed.files["file:/a"] = there("old\n");
    const auto digest = [&](const std::string& text) {
        return makePlan({file("/a", text)}, observed, owning(file("/a", "")), {}).digest;
    };
    const auto first = digest("new\n");
    CHECK(digest("new\n") == first);
    CHECK(digest("newer\n") != first);
    observed.files["file:/a"].info.size = 99;  // not compared
    CHECK(digest("new\n") == first);
    observed.files["file:/a"].info.mode = 0600;
    CHECK(digest("new\n") != first);
}

TEST_CASE("a changed secret changes the digest of a plan that does not show it", "[plan]") {
    Observed observed;
    observed.files["file:/a"] = there("key = x\n");
    const auto digest = [&](const char* id, const char* value) {
        render::Text text("key = ");
        text.append({id, std::make_shared<const SecureBytes>(secureBytes(value))}, render::Encoding::raw)
            .append("\n");
        return makePlan({file("/a", text)}, observed, {{"file:/a", {}}}, {}).digest;
    };
    CHECK(digest("one", "1") != digest("two", "2"));
}

TEST_CASE("an offline plan creates, updates, deletes or leaves each file by comparing two renders",
          "[plan]") {
    const auto plan = compare(
        {file("/same", "x\n"), file("/changed", "old\n"), file("/mode", "x", 0644), file("/gone", "x\n")},
        {file("/same", "x\n"), file("/changed", "new\n"), file("/mode", "x", 0600), file("/new", "x\n")});
    std::vector<std::string> seen;
    for (const auto& change : plan.changes) {
        seen.push_back(std::string(toText(change.action)) + " " + change.id);
    }
    CHECK(seen == std::vector<std::string>{"none file:/same", "update file:/changed", "update file:/mode",
                                           "create file:/new", "delete file:/gone"});
    CHECK(tests::contains(plan.changes[1].diff.text(Audience::terminal), "-old\n+new\n"));
    CHECK(plan.changes[2].diff.text(Audience::terminal) == "a secret, the mode or the owner changes\n");
    CHECK(plan.changes[4].diff.text(Audience::terminal) == "--- /gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n");
}

TEST_CASE("an offline plan of a document against itself is empty, against nothing it creates everything",
          "[plan]") {
    const spec::Stack stack = tests::moments();
    const auto resources = render::renderHost(stack, stack.hosts[0], {});
    CHECK(compare(resources, resources).empty());
    const auto first = compare({}, resources);
    CHECK(first.count(Action::create) + first.count(Action::recreate) == resources.size());
    CHECK(first.count(Action::recreate) == 1);  // the user's own container
    const auto gone = compare(resources, {});
    CHECK(gone.count(Action::remove) + gone.count(Action::release) + gone.count(Action::refuse) ==
          resources.size());
    CHECK(gone.count(Action::release) == 1);
    CHECK(gone.refused());  // its tunnel
}

TEST_CASE("an empty plan says so, another plan counts its changes", "[plan]") {
    Plan plan;
    plan.host = "vm";
    CHECK(plan.empty());
    CHECK(tests::contains(toText(plan, false), "nothing to do"));
    plan.changes = {{"file:/a", Action::create, "why", {}},
                    {"file:/b", Action::none, "", {}},
                    {"file:/c", Action::create, "", {}}};
    CHECK(summary(plan) == "2 to create, 1 unchanged");
    CHECK_FALSE(plan.empty());
    CHECK_FALSE(plan.refused());
}

TEST_CASE("a plan with invalid bytes in a diff is valid JSON and harmless text", "[plan]") {
    Plan plan;
    plan.changes = {{"file:/a", Action::update, "why \"x\"", Diff::ofFacts("-\xff\n+\x1b\n")}};
    const auto json = nlohmann::json::parse(toJson({plan}));
    CHECK(json["version"] == 1);
    CHECK(json["hosts"][0]["changes"][0]["kind"] == "file");
    CHECK(json["hosts"][0]["changes"][0]["action"] == "update");
    CHECK_FALSE(tests::contains(toText(plan, false), "\x1b"));
}

/// Alertmanager in its container, with a configuration that is the host's own.
struct HostsOwn {
    explicit HostsOwn(render::ConfigOwner hosts) {
        render::ComposeService compose;
        compose.project = {"m", "/opt/m", {"compose.yaml"}, {}, true};
        compose.service.name = "alertmanager";
        compose.service.image = "a:1";
        desired.push_back({"compose:m/alertmanager", compose, {}, "the container"});
        render::Reload reload;
        reload.program = render::Reload::Program::alertmanager;
        reload.configPath = "/opt/m/a/alertmanager.yml";
        reload.owner = hosts;
        desired.push_back({"reload:alertmanager", reload, {"compose:m/alertmanager"}, "has loaded it"});
        ObservedContainer is;
        is.service = "alertmanager";
        is.state = "running";
        is.image = "a:1";
        is.networks = {"m_default"};
        is.labels = compose.service.labels();
        observed.projects["m"].containers.push_back(is);
        seen().answered = true;
        seen().wanted = "1";
        seen().digest = "1";
    }
    ObservedReload& seen() { return observed.reloads["reload:alertmanager"]; }
    [[nodiscard]] Plan plan() const { return makePlan(desired, observed, inventory, {Activation::all}); }

    std::vector<render::Resource> desired;
    Observed observed;
    state::Inventory inventory;
};

TEST_CASE("a user's own configuration directory is reloaded when it changes and never written", "[plan]") {
    HostsOwn host(render::ConfigOwner::userDirectory);
    CHECK(host.plan().empty());
    host.seen().wanted = "2";
    const auto plan = host.plan();
    CHECK(plan.changes[0].action == Action::none);
    CHECK(plan.changes[1].action == Action::reload);
    CHECK(plan.changes[1].reason == "/opt/m/a/alertmanager.yml is another than the one it has loaded");
}

TEST_CASE("a changed single configuration file of the user restarts its container", "[plan]") {
    HostsOwn host(render::ConfigOwner::userFile);
    CHECK(host.plan().empty());
    host.seen().wanted = "2";
    const auto plan = host.plan();
    CHECK(plan.changes[0].action == Action::restart);
    CHECK(plan.changes[1].action == Action::reload);  // the proof only: it has just been started
}

TEST_CASE("a missing configuration of the user is refused before it is first used", "[plan]") {
    HostsOwn host(render::ConfigOwner::userDirectory);
    host.seen().wanted.clear();
    CHECK(host.plan().refused());
    host.observed.projects["m"].containers.clear();  // also where the container is still to be started
    CHECK(host.plan().refused());
}

TEST_CASE("a user's configuration that goes missing later is reported and refuses nothing", "[plan]") {
    HostsOwn host(render::ConfigOwner::userFile);
    host.seen().wanted.clear();
    host.inventory["compose:m/alertmanager"].digest = digestOf(host.desired[0]);
    CHECK_FALSE(host.plan().refused());
    CHECK(host.plan().changes[1].action == Action::drift);
    host.observed.projects["m"].containers.clear();  // and nothing starts without it
    CHECK_FALSE(host.plan().refused());
    CHECK(host.plan().changes[0].action == Action::drift);
}

TEST_CASE("a user's single configuration file is not reloaded for another file of the project", "[plan]") {
    for (const auto hosts : {render::ConfigOwner::userFile, render::ConfigOwner::userDirectory}) {
        HostsOwn host(hosts);
        const std::string path = "/opt/m/a/prometheus.yml";
        host.desired.push_back({"file:" + path, render::File{path, "x", 0644, {}}, {}, "x"});
        const bool reloads = hosts == render::ConfigOwner::userDirectory;
        CHECK(host.plan().changes[1].action == (reloads ? Action::reload : Action::none));
    }
}

TEST_CASE("a file of vigie that becomes the user's own is released and kept", "[plan]") {
    HostsOwn host(render::ConfigOwner::userDirectory);
    host.inventory["file:/opt/m/a/alertmanager.yml"];
    host.inventory["file:/opt/m/a/other"];
    const auto plan = host.plan();
    REQUIRE(plan.changes.size() == 4);
    for (const auto& change : plan.changes) {
        CHECK(change.action == (change.id == "file:/opt/m/a/alertmanager.yml" ? Action::release
                                : change.id == "file:/opt/m/a/other"          ? Action::remove
                                                                              : Action::none));
    }
}

}  // namespace
}  // namespace vigie::plan
