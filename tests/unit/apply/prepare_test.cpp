#include "apply/prepare.hpp"

#include "base/error.hpp"
#include "system/memory_files.hpp"
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

    void prepare() { apply::prepare(target, plan, {}, settings, {files, transaction, http, http, clock}); }

    system::MemoryFiles files;
    system::MemoryProcesses transaction;
    tests::FakeHttp http;
    tests::FakeClock clock;
    Target target;
    plan::Plan plan;
    Settings settings;
};

bool pulled(const system::MemoryProcesses& processes) {
    return !processes.commands.empty() &&
           processes.commands.back() == Words{"docker", "pull", "--quiet", "prom/prometheus:v3.5.0"};
}

TEST_CASE("images are pulled like everything else, unless told otherwise", "[apply][prepare]") {
    Situation now;
    now.prepare();
    CHECK(pulled(now.transaction));
}

TEST_CASE("a stop interrupts a pull, and nothing is left of it", "[apply][prepare]") {
    Situation now;
    system::MemoryProcesses interruptible;
    interruptible.answer = [](const system::Command&) -> system::ProcessResult { throw Interrupted{}; };
    const system::System patient{now.files, interruptible, now.http, now.http, now.clock};
    now.settings.imagesWith = &patient;
    CHECK_THROWS_AS(now.prepare(), Interrupted);
    CHECK(pulled(interruptible));
    CHECK_FALSE(pulled(now.transaction));
    CHECK_FALSE(now.files.inspect("/state/staging").exists());
}

}  // namespace
}  // namespace vigie::apply
