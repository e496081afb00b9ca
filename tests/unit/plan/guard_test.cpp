// Tests plan/guard: What a host must not lose by accident: a whole server, or the tunnel.

#include "plan/guard.hpp"

#include "base/fields.hpp"
#include "kinds/models.hpp"
#include "plan/compare.hpp"
#include "render/host.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>

namespace vigie::plan {
namespace {

using render::Resource;

/// Host `vm` of examples/moments: Prometheus, Alertmanager, Jaeger and the tunnel.
std::vector<Resource> rendered(const std::function<void(spec::Stack&)>& change = {}) {
    auto stack = tests::moments();
    if (change) {
        change(stack);
    }
    return render::renderHost(stack, *stack.host("vm"), {});
}

/// As an apply leaves it.
state::Inventory owned(const std::vector<Resource>& resources, Activation activation) {
    state::Inventory out;
    for (const auto& resource : resources) {
        const bool file = std::holds_alternative<render::File>(resource.what) ||
                          std::holds_alternative<render::Directory>(resource.what);
        if (file || activation == Activation::all) {
            out[resource.id] = {digestOf(resource), "", kinds::recordOf(resource)};
        }
    }
    return out;
}

/// The ids of what is refused when `before` becomes `after`.
std::vector<std::string> refused(const std::vector<Resource>& before, const std::vector<Resource>& after,
                                 const std::set<std::string>& allowed = {},
                                 Activation activation = Activation::none) {
    Options options;
    options.activation = activation;
    options.masked = true;
    options.allowRemoval = allowed;
    std::vector<std::string> out;
    for (const auto& change : makePlan(after, {}, owned(before, activation), options).changes) {
        if (change.action == Action::refuse && tests::contains(change.reason, "VG0604")) {
            out.push_back(change.id);
        }
    }
    return out;
}

using Ids = std::vector<std::string>;

TEST_CASE("a plan refuses to remove each server of a project that loses its host", "[plan][guard]") {
    const auto before = rendered();
    const auto after = rendered([](spec::Stack& stack) { stack.projects[1].host = ""; });
    CHECK(refused(before, after) == Ids{"file:/opt/monitoring/prometheus/prometheus.yml",
                                        "file:/opt/monitoring/alertmanager/alertmanager.yml"});
    const auto live = refused(before, after, {}, Activation::all);
    for (const char* id :
         {"compose:monitoring/prometheus", "compose:monitoring/alertmanager", "compose:monitoring/jaeger"}) {
        INFO(id);
        CHECK(std::find(live.begin(), live.end(), id) != live.end());
    }
}

TEST_CASE("a plan refuses to remove a server that loses its project and names allowRemoval",
          "[plan][guard]") {
    const auto before = rendered();
    const auto after = rendered([](spec::Stack& stack) { stack.alertmanager->project = ""; });
    CHECK(refused(before, after) == Ids{"file:/opt/monitoring/alertmanager/alertmanager.yml"});
    CHECK(refused(before, after, {"prometheus", ""}).size() == 1);
    CHECK(refused(before, after, {"alertmanager"}).empty());
    Options options;
    options.masked = true;
    const auto plan = makePlan(after, {}, owned(before, Activation::none), options);
    const auto it = std::find_if(plan.changes.begin(), plan.changes.end(),
                                 [](const Change& each) { return tests::contains(each.reason, "VG0604"); });
    REQUIRE(it != plan.changes.end());
    CHECK(tests::contains(it->reason, "would remove Alertmanager from this host"));
    CHECK(tests::contains(it->reason, "`allowRemoval: [alertmanager]`"));
    CHECK(it->diff.empty());
}

TEST_CASE("a plan refuses to remove each guarded component until allowRemoval names it", "[plan][guard]") {
    struct Case {
        std::string name;
        std::function<void(spec::Stack&)> change;
    };
    const std::vector<Case> cases = {
        {"prometheus", [](spec::Stack& stack) { stack.prometheus.reset(); }},
        {"alertmanager", [](spec::Stack& stack) { stack.alertmanager.reset(); }},
        {"jaeger", [](spec::Stack& stack) { stack.jaeger.reset(); }},
        {"grafana", [](spec::Stack& stack) { stack.grafana.reset(); }},
        {"wireguard", [](spec::Stack& stack) { stack.wireguard = {}; }},
    };
    CHECK(cases.size() == guardedComponents().size());
    const auto withGrafana = [](spec::Stack& stack) {
        stack.grafana.emplace();
        stack.grafana->project = "monitoring";
    };
    const auto before = rendered(withGrafana);
    for (const auto& each : cases) {
        INFO(each.name);
        const auto after = rendered([&](spec::Stack& stack) {
            withGrafana(stack);
            each.change(stack);
        });
        CHECK_FALSE(refused(before, after, {}, Activation::all).empty());
        CHECK(refused(before, after, {each.name}, Activation::all).empty());
    }
}

TEST_CASE("exporters, applications, rules and files are removed without allowRemoval", "[plan][guard]") {
    auto stack = tests::moments();
    const auto before = render::renderHost(stack, *stack.host("vps"), {});
    stack.exporters.clear();
    stack.applications.clear();
    CHECK(refused(before, render::renderHost(stack, *stack.host("vps"), {}), {}, Activation::all).empty());
    const auto vm = rendered();
    CHECK(refused(vm, rendered([](spec::Stack& s) { s.prometheus->ruleFiles.clear(); })).empty());
}

TEST_CASE("a project with another directory is a replacement and needs no allowRemoval", "[plan][guard]") {
    const auto before = rendered();
    const auto after = rendered([](spec::Stack& stack) { stack.projects[1].directory = "/srv/monitoring"; });
    CHECK(refused(before, after).empty());
    CHECK(refused(before, after, {}, Activation::all).empty());
    const auto renamed = rendered([](spec::Stack& stack) { stack.wireguard.interface = "wg1"; });
    CHECK(refused(before, renamed, {}, Activation::all).empty());
}

TEST_CASE("a container with a server's name but another image is not guarded", "[plan][guard]") {
    render::ComposeService exporter;
    exporter.project = {"app", "/opt/app", {"a.yml"}, {}, false};
    exporter.service.name = "grafana";
    exporter.service.image = "own/grafana-exporter:1";
    const std::vector<Resource> before = {{"compose:app/grafana", exporter, {}, ""}};
    CHECK(refused(before, {}, {}, Activation::all).empty());
}

TEST_CASE("servers in an inventory of vigie 0.1 are guarded", "[plan][guard]") {
    const auto detail = [](const char* whose) {
        SecureBytes out;
        for (const char* field : {whose, "/opt/monitoring", "compose.yaml", ""}) {
            packField(out, field);
        }
        return std::string(view(out));
    };
    Options options;
    options.activation = Activation::all;
    const state::Inventory inventory = {{"compose:monitoring/prometheus", {"", "", detail("whole")}},
                                        {"compose:shop/grafana", {"", "", detail("part")}},
                                        {"compose:shop/jaeger", {"", "", ""}},
                                        {"compose:shop/node", {"", "", detail("whole")}}};
    std::size_t count = 0;
    for (const auto& change : makePlan({}, {}, inventory, options).changes) {
        const bool refuses = change.action == Action::refuse;
        CHECK(refuses == (change.id == "compose:monitoring/prometheus"));
        count += refuses ? 1U : 0U;
    }
    CHECK(count == 1);
}

TEST_CASE("without pruning the removal guard refuses nothing", "[plan][guard]") {
    const auto before = rendered();
    Options options;
    options.masked = true;
    options.prune = false;
    CHECK_FALSE(makePlan({}, {}, owned(before, Activation::none), options).refused());
}

TEST_CASE("an offline plan shows which removals would be refused", "[plan][guard]") {
    const auto before = rendered();
    const auto after = rendered([](spec::Stack& stack) { stack.alertmanager.reset(); });
    Options options;
    CHECK(compare(before, after, options).refused());
    options.allowRemoval = {"alertmanager"};
    CHECK_FALSE(compare(before, after, options).refused());
}

TEST_CASE("allowRemoval accepts exactly the guarded components", "[plan][guard]") {
    std::string text = tests::readSource("examples/moments/stack.yaml");
    const auto findings = [&](const std::string& names) {
        spec::Diagnostics diagnostics;
        static_cast<void>(
            spec::loadStack(text + "  allowRemoval: [" + names + "]\n", "stack.yaml", "0.1.0", diagnostics));
        return diagnostics.errors();
    };
    for (const auto& name : everyGuardedComponent()) {
        INFO(name);
        CHECK(findings(name) == 0);
    }
    CHECK(findings("\"\"") == 1);
    CHECK(findings("everything") == 1);
}

}  // namespace
}  // namespace vigie::plan
