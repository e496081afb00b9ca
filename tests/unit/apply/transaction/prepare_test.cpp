// Tests apply/prepare.
#include "apply/transaction/prepare.hpp"

#include "base/error.hpp"
#include "system/memory_attach.hpp"
#include "system/memory_files.hpp"
#include "system/memory_names.hpp"
#include "system/memory_processes.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::apply {
namespace {

using Words = std::vector<std::string>;

/// A service of ours whose image is not here yet.
struct Situation {
    Situation() {
        settings.stateDirectory = "/state";
        target.options.activation = plan::Activation::all;
        render::ComposeService compose;
        compose.project = {"monitoring", "/opt/monitoring", {"compose.yaml"}, {}, false};
        compose.service.image = "prom/prometheus:v3.5.0";
        compose.login = true;
        render::Resource resource;
        resource.id = "compose:monitoring/prometheus";
        resource.what = compose;
        target.desired = {resource};
        plan::Change change;
        change.id = resource.id;
        change.action = plan::Action::create;
        plan.changes = {change};
        transaction.answer = [](const system::Command&) {
            return system::ProcessResult{0, false, "2.30.0", ""};
        };
    }

    void prepare() {
        apply::prepare(target, plan, {}, settings, {files, transaction, http, http, clock, names, attach});
    }

    system::MemoryFiles files;
    system::MemoryProcesses transaction;
    tests::FakeHttp http;
    tests::FakeClock clock;
    system::MemoryNames names;
    system::MemoryAttach attach;
    DesiredState target;
    plan::Plan plan;
    Settings settings;
};

bool pulled(const system::MemoryProcesses& processes) {
    return !processes.commands.empty() &&
           processes.commands.back() == Words{"docker", "pull", "--quiet", "prom/prometheus:v3.5.0"};
}

TEST_CASE("images are pulled by default before an apply", "[apply][prepare]") {
    Situation now;
    now.prepare();
    CHECK(pulled(now.transaction));
}

TEST_CASE("an interrupted pull ends the preparation and leaves no staging directory", "[apply][prepare]") {
    Situation now;
    system::MemoryProcesses interruptible;
    interruptible.answer = [](const system::Command&) -> system::ProcessResult { throw Interrupted{}; };
    const system::System patient{now.files, interruptible, now.http,  now.http,
                                 now.clock, now.names,     now.attach};
    now.settings.imagesWith = &patient;
    CHECK_THROWS_AS(now.prepare(), Interrupted);
    CHECK(pulled(interruptible));
    CHECK_FALSE(pulled(now.transaction));
    CHECK_FALSE(now.files.inspect("/state/staging").exists());
}

/// The container is as it should be; a file of its configuration changes.
struct OnlyConfiguration : Situation {
    OnlyConfiguration() {
        auto& compose = std::get<render::ComposeService>(target.desired[0].what);
        compose.project.ours = true;
        compose.service.mounts = {{"./prometheus", "/etc/prometheus", true}};
        plan.changes[0].action = plan::Action::none;
        const std::string path = "/opt/monitoring/prometheus/prometheus.yml";
        target.desired.push_back({"file:" + path, render::File{path, "a: 1\n", 0644, {}}, {}, ""});
        render::Reload reload;
        reload.configPath = path;
        target.desired.push_back({"reload:prometheus", reload, {}, ""});
        plan::Change change;
        change.id = "file:" + path;
        change.action = plan::Action::update;
        plan.changes.push_back(change);
        system::makeParents(files, "/state/x");
    }
    void answersPing() {
        http.answer = [](const system::HttpRequest& request) {
            return system::HttpResponse{request.url == "http://docker/_ping" ? 200 : 404, ""};
        };
    }
};

TEST_CASE("a missing image is pulled first so that its checker can be run", "[apply][prepare]") {
    OnlyConfiguration now;
    now.answersPing();
    now.prepare();
    REQUIRE(now.transaction.commands.size() == 2);
    CHECK(now.transaction.commands[0] == Words{"docker", "pull", "--quiet", "prom/prometheus:v3.5.0"});
    CHECK(now.transaction.commands[1][1] == "run");
}

TEST_CASE("without a running engine or without activation, the checker of the host is run",
          "[apply][prepare]") {
    OnlyConfiguration dead;
    dead.prepare();
    REQUIRE(dead.transaction.commands.size() == 1);
    CHECK(dead.transaction.commands[0][0] == "promtool");

    OnlyConfiguration files;
    files.answersPing();
    files.target.options.activation = plan::Activation::none;
    files.prepare();
    REQUIRE(files.transaction.commands.size() == 1);
    CHECK(files.transaction.commands[0][0] == "promtool");
}

}  // namespace
}  // namespace vigie::apply
