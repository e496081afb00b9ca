#include "apply/target.hpp"

#include "system/memory_files.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::apply {
namespace {

/// examples/moments, changed by the test, on one host.
Target target(const std::function<void(spec::Stack&)>& change, const std::string& host = "vm") {
    auto loaded = source::loadDirectory(tests::sourcePath("examples/moments"));
    REQUIRE(loaded.usable());
    change(loaded.document->stack);
    return makeSealedTarget(loaded, host);
}

TEST_CASE("a host's own settings reach its target and no other's", "[apply][target]") {
    const auto change = [](spec::Stack& stack) {
        stack.hosts[1].driftPolicy = "report";
        stack.hosts[1].prune = false;
        stack.hosts[1].timeout = "5m";
        stack.hosts[1].suspend = true;
    };
    const auto vm = target(change);
    CHECK(vm.options.drift == plan::DriftPolicy::report);
    CHECK_FALSE(vm.options.prune);
    CHECK(vm.timeout == std::chrono::minutes(5));
    CHECK_FALSE(vm.options.suspended.empty());
    const auto vps = target(change, "vps");
    CHECK(vps.options.drift == plan::DriftPolicy::repair);
    CHECK(vps.options.prune);
    CHECK(vps.timeout.count() == 0);
    CHECK(vps.options.suspended.empty());
}

TEST_CASE("health checks are those of the host's own containers, and of the addresses it asks",
          "[apply][target]") {
    const auto change = [](spec::Stack& stack) {
        stack.healthChecks.resize(3);
        stack.healthChecks[0].project = "moments";
        stack.healthChecks[0].service = "backend";
        stack.healthChecks[1].url = "http://all";
        stack.healthChecks[2].url = "http://vps";
        stack.healthChecks[2].host = "vps";
    };
    CHECK(target(change, "vps").healthChecks.size() == 3);
    REQUIRE(target(change, "vm").healthChecks.size() == 1);
    CHECK(target(change, "vm").healthChecks[0].url == "http://all");
}

TEST_CASE("a program is not asked to prove a configuration that is ignored", "[apply][target]") {
    const std::string file = "file:/opt/monitoring/prometheus/prometheus.yml";
    for (const auto& fields : {std::vector<std::string>{}, {"content"}}) {
        const auto ignoring = target([&](spec::Stack& stack) { stack.ignore = {{file, fields}}; });
        CHECK(ignoring.options.leavesAlone("reload:prometheus"));
        CHECK_FALSE(ignoring.options.leavesAlone("reload:alertmanager"));
        CHECK(ignoring.options.leavesAlone(file) == fields.empty());
    }
    const auto mode = target([&](spec::Stack& stack) { stack.ignore = {{file, {"mode"}}}; });
    CHECK_FALSE(mode.options.leavesAlone("reload:prometheus"));
}

TEST_CASE("another file of the project says nothing about a single file of the host's own",
          "[apply][target]") {
    const auto ignoring = target([](spec::Stack& stack) {
        stack.alertmanager->configFile = "own.yml";
        stack.ignore = {{"file:/opt/monitoring/compose.yaml", {}}};
    });
    CHECK_FALSE(ignoring.options.leavesAlone("reload:alertmanager"));
}

TEST_CASE("what one can go back to is the document and the files that it names", "[apply]") {
    auto loaded = source::loadDirectory(tests::sourcePath("examples/moments"));
    REQUIRE(loaded.sources.size() > 1);  // facts are read too, and are no part of it
    const system::MemoryFiles files;
    const auto target = makeTarget(loaded, {"vm", "", "/var/lib/vigie", true, {}}, files);
    std::vector<std::string> names;
    for (const auto& [name, text] : target.bundle) {
        names.push_back(name);
    }
    CHECK(names ==
          std::vector<std::string>{"rules/alerting-rules.yml", "rules/recording-rules.yml", "stack.yaml"});
}

}  // namespace
}  // namespace vigie::apply
