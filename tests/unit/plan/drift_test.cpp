// Tests what a plan does about drift, by the drift policy.

#include "plan/plan.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::plan {
namespace {

using tests::contains;

render::Resource file(const std::string& path, const std::string& text = "new\n") {
    return {"file:" + path, render::File{path, text, 0644, {}}, {}, "the purpose"};
}

render::Resource program() {
    return {"reload:prometheus",
            render::Reload{{render::Reload::Program::prometheus, "http://a", "new", {}, "/etc/p/p.yml"}},
            {},
            "the program"};
}

/// A host on which /etc/p/a and /etc/p/b were applied and edited, whose program has loaded what was applied.
struct Host {
    std::vector<render::Resource> desired{file("/etc/p/a"), file("/etc/p/b"), program()};
    Observed observed;
    state::Inventory inventory;
    Options options{Activation::all};

    Host() {
        for (const auto& resource : desired) {
            inventory[resource.id].digest = digestOf(resource);
            observed.files[resource.id] = {{FileInfo::Type::regular, 0644, {}, 7}, secureBytes("edited\n")};
        }
        observed.reloads["reload:prometheus"] = {true, "new", {}, ""};
    }
    [[nodiscard]] Plan plan() const { return makePlan(desired, observed, inventory, options); }
};

TEST_CASE("by default drift is repaired", "[plan][drift]") {
    const auto plan = Host().plan();
    CHECK(plan.count(Action::update) == 2);
    CHECK(plan.changes[2].action == Action::reload);
    CHECK_FALSE(plan.drifted());
}

TEST_CASE("with driftPolicy report, drift is reported and not repaired", "[plan][drift]") {
    Host host;
    host.options.drift = DriftPolicy::report;
    const auto plan = host.plan();
    CHECK(plan.count(Action::drift) == 2);
    CHECK(plan.drifted());
    CHECK(plan.empty());
    CHECK(plan.changes[0].reason == "the purpose: was edited on the host; only reported (driftPolicy)");
    CHECK(contains(plan.changes[0].diff.text(Audience::terminal), "-edited\n+new\n"));
    CHECK_FALSE(plan.changes[0].acts());
    CHECK(plan.changes[2].action == Action::none);  // no file of its is written, so it does not reload
}

TEST_CASE("with driftPolicy ignore, drift is neither repaired nor reported", "[plan][drift]") {
    Host host;
    host.options.drift = DriftPolicy::ignore;
    const auto plan = host.plan();
    CHECK(plan.count(Action::none) == 3);
    CHECK_FALSE(plan.drifted());
    CHECK(plan.empty());
    CHECK(plan.changes[0].diff.empty());
    CHECK(contains(plan.changes[0].reason, "; ignored (driftPolicy)"));
}

TEST_CASE("a resource's own drift policy overrides that of the document", "[plan][drift]") {
    using enum DriftPolicy;
    const auto shown = [](DriftPolicy policy) {
        return policy == repair ? Action::update : policy == report ? Action::drift : Action::none;
    };
    for (const auto all : {repair, report, ignore}) {
        for (const auto one : {repair, report, ignore}) {
            Host host;
            host.options.drift = all;
            host.options.driftOf["file:/etc/p/b"] = one;
            const auto plan = host.plan();
            CHECK(plan.changes[0].action == shown(all));
            CHECK(plan.changes[1].action == shown(one));
        }
    }
}

TEST_CASE("a changed document is applied under every drift policy", "[plan][drift]") {
    for (const auto policy : {DriftPolicy::report, DriftPolicy::ignore}) {
        Host host;
        host.options.drift = policy;
        host.desired[0] = file("/etc/p/a", "newer\n");
        host.desired.push_back(file("/etc/p/c"));
        const auto plan = host.plan();
        CHECK(plan.changes[0].action == Action::update);
        CHECK(plan.changes[1].acts() == false);
        CHECK(plan.changes[3].action == Action::create);
    }
}

TEST_CASE("a symbolic link in place of a file is refused under every drift policy", "[plan][drift]") {
    Host host;
    host.options.drift = DriftPolicy::ignore;
    host.observed.files["file:/etc/p/a"].info.type = FileInfo::Type::symlink;
    CHECK(host.plan().refused());
}

TEST_CASE("drift of a live tunnel follows the drift policy", "[plan][drift]") {
    render::WireguardInterface wireguard;
    wireguard.interface = "wg0";
    wireguard.listenPort = 51820;
    const render::Resource tunnel{"wireguard:wg0", wireguard, {}, "the tunnel"};
    Host host;
    host.desired = {tunnel};
    host.inventory = {{tunnel.id, {digestOf(tunnel), ""}}};
    host.observed.wireguard[tunnel.id].up = true;
    CHECK(host.plan().changes.at(0).action == Action::update);
    host.options.driftOf[tunnel.id] = DriftPolicy::report;
    CHECK(host.plan().changes.at(0).action == Action::drift);
    host.options.driftOf[tunnel.id] = DriftPolicy::ignore;
    CHECK(host.plan().changes.at(0).action == Action::none);
}

TEST_CASE("without pruning a resource gone from the document is kept and named", "[plan][drift]") {
    Host host;
    host.options.drift = DriftPolicy::ignore;
    host.desired.erase(host.desired.begin());
    const auto pruned = host.plan();
    CHECK(pruned.changes.back().id == "file:/etc/p/a");
    CHECK(pruned.changes.back().action == Action::remove);
    host.options.prune = false;
    const auto kept = host.plan();
    CHECK(kept.changes.back().id == "file:/etc/p/a");
    CHECK(kept.changes.back().action == Action::none);
    CHECK(kept.changes.back().reason == "no longer in the document; kept (spec.prune)");
    CHECK(kept.empty());
}

}  // namespace
}  // namespace vigie::plan
