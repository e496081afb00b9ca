// A host of 0.1, on which all programs run as one user, becomes one on which each has its own.

#include "apply/inputs/users.hpp"

#include "apply/inputs/desired_state.hpp"
#include "apply/transaction/recover.hpp"
#include "base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/model_stack.hpp"

namespace vigie::apply {
namespace {

using tests::ModelHost;
using tests::ModelStack;

const std::string kAlertmanager = "compose:monitoring/alertmanager";
const std::string kData = "/opt/monitoring/alertmanager-data";
constexpr unsigned kFormer = 65534;
constexpr unsigned kOwn = 65520;

/// Host `vm` of examples/moments as vigie 0.1 left it.
struct Machine {
    explicit Machine(const ModelStack& given) : document(given) {
        tests::installHost(host, document, "vm");
        settings.stateDirectory = ModelHost::kState;
        settings.reloadTimeout = std::chrono::seconds(1);
        settings.settle = std::chrono::seconds(1);
        apply(tests::formerTargetOn(host, document, "vm", "first"));
        host.files.put(kData + "/deep/file", "of Alertmanager", 0640, {kFormer, kFormer});
        host.files.put(kData + "/deep/root", "of somebody else", 0640, {0, 0});
    }
    DesiredState target(const std::string& revision) {
        return tests::targetOn(host, document, "vm", revision, store.inventory());
    }
    plan::Plan plan(const DesiredState& to) { return planFor(to, store.inventory(), host.system()); }
    void apply(const DesiredState& to) { apply::apply(to, plan(to), store, settings, host.system()); }
    [[nodiscard]] unsigned owner(const std::string& path) const {
        return host.files.entries.at(path).info.owner.uid;
    }
    std::string user() { return host.engine.find("monitoring", "alertmanager")->user; }
    [[nodiscard]] std::set<unsigned> ownersOfData() const {
        return {owner(kData), owner(kData + "/nflog"), owner(kData + "/deep/file")};
    }

    ModelStack document;
    ModelHost host;
    state::Store store = state::Store::open(":memory:");
    Settings settings;
};

plan::Action actionOf(const plan::Plan& plan, const std::string& id) {
    for (const auto& change : plan.changes) {
        if (change.id == id) {
            return change.action;
        }
    }
    return plan::Action::none;
}

TEST_CASE("containers of a host set up by 0.1 keep their user, and the plan notes it", "[apply][users]") {
    Machine machine(tests::exampleStack("moments"));
    const auto target = machine.target("second");
    CHECK(target.keptUsers.count("monitoring/alertmanager") == 1);
    const auto plan = machine.plan(target);
    CHECK(plan.empty());
    REQUIRE_FALSE(plan.notes.empty());
    CHECK(plan.notes.front().find("monitoring/alertmanager") != std::string::npos);
    CHECK(plan.notes.front().find("uids: separate") != std::string::npos);
}

TEST_CASE("a recreated container gets its own user, and its data get the same owner", "[apply][users]") {
    Machine machine(tests::exampleStack("moments"));
    machine.document.stack.alertmanager->image = "prom/alertmanager:v0.27.0";
    machine.host.engine.addImage("prom/alertmanager:v0.27.0");
    const auto target = machine.target("second");
    CHECK(actionOf(machine.plan(target), kAlertmanager) == plan::Action::recreate);
    machine.apply(target);
    CHECK(machine.user() == "65520:65520");
    CHECK(machine.ownersOfData() == std::set<unsigned>{kOwn});
    CHECK(machine.owner(kData + "/deep/root") == 0);
    CHECK(machine.host.files.entries.at(kData + "/deep/file").info.mode == 0640);
    CHECK(machine.host.programs.lostSnapshots == 0);
    CHECK(machine.host.engine.find("monitoring", "prometheus")->user == "65534:65534");
    CHECK(machine.plan(machine.target("second")).empty());
    CHECK(machine.target("second").keptUsers.count("monitoring/alertmanager") == 0);
}

TEST_CASE("a removed container comes back with its own user", "[apply][users]") {
    Machine machine(tests::exampleStack("moments"));
    auto& containers = machine.host.engine.containers;
    auto* gone = machine.host.engine.find("monitoring", "alertmanager");
    machine.host.engine.stop(*gone);
    containers.erase(containers.begin() + (gone - containers.data()));
    machine.apply(machine.target("second"));
    CHECK(machine.user() == "65520:65520");
    CHECK(machine.ownersOfData() == std::set<unsigned>{kOwn});
}

TEST_CASE("data over a gibibyte keep their owner, and the container its user", "[apply][users]") {
    Machine machine(tests::exampleStack("moments"));
    machine.host.files.entries[kData + "/deep/file"].info.size = (1ULL << 30U) + 1;
    machine.document.stack.alertmanager->image = "prom/alertmanager:v0.27.0";
    machine.host.engine.addImage("prom/alertmanager:v0.27.0");
    const auto target = machine.target("second");
    const auto plan = machine.plan(target);
    REQUIRE_FALSE(plan.notes.empty());
    CHECK(plan.notes.front().find("1024 MiB") != std::string::npos);
    CHECK(plan.notes.front().find("uids: separate") != std::string::npos);
    machine.apply(target);
    CHECK(machine.user() == "65534:65534");
    CHECK(machine.ownersOfData() == std::set<unsigned>{kFormer});

    machine.document.stack.uids = "separate";
    machine.apply(machine.target("third"));
    CHECK(machine.user() == "65520:65520");
    CHECK(machine.ownersOfData() == std::set<unsigned>{kOwn});
}

TEST_CASE("with `uids: separate` Alertmanager is recreated with its own user and loses no snapshot",
          "[apply][users]") {
    Machine machine(tests::exampleStack("moments"));
    machine.document.stack.uids = "separate";
    const auto target = machine.target("second");
    CHECK(target.keptUsers.empty());
    const auto plan = machine.plan(target);
    CHECK(actionOf(plan, kAlertmanager) == plan::Action::recreate);
    CHECK(actionOf(plan, "compose:monitoring/prometheus") == plan::Action::none);
    CHECK(actionOf(plan, "directory:" + kData) == plan::Action::update);
    machine.apply(target);
    CHECK(machine.ownersOfData() == std::set<unsigned>{kOwn});
    CHECK(machine.host.programs.lostSnapshots == 0);
    CHECK(machine.plan(machine.target("second")).empty());
}

TEST_CASE("a change of users that fails or is killed at any step leaves the old or the new owner of all data",
          "[apply][users]") {
    auto document = tests::exampleStack("moments");
    std::size_t steps = 0;
    for (int at = 1; at < 200; ++at) {
        for (const bool killed : {false, true}) {
            Machine machine(document);
            machine.document.stack.uids = "separate";
            const auto target = machine.target("second");
            (killed ? machine.host.fuse.dieAt : machine.host.fuse.failAt) = at;
            bool done = false;
            try {
                machine.apply(target);
                done = true;
            } catch (const Error&) {
                CHECK_FALSE(killed);
            } catch (const tests::Killed&) {
                machine.host.revive();
                recoverOpen(machine.store, machine.settings, machine.host.system());
            }
            if (done) {
                CHECK(steps > 10);
                return;
            }
            ++steps;
            INFO("step " << at << (killed ? ", killed" : ", failed"));
            const bool moved = machine.owner(kData) == kOwn;  // killed when all was done
            CHECK(machine.ownersOfData() == std::set<unsigned>{moved ? kOwn : kFormer});
            CHECK(machine.user() == (moved ? "65520:65520" : "65534:65534"));
            CHECK(machine.host.engine.find("monitoring", "alertmanager")->state == "running");
        }
    }
    FAIL("the apply never ended");
}

TEST_CASE("an offline plan takes from the facts which containers keep the user of 0.1", "[apply][users]") {
    auto loaded = source::loadDirectory(tests::sourcePath("examples/moments"));
    const auto userIn = [](const DesiredState& target, const std::string& id) {
        for (const auto& resource : target.desired) {
            if (resource.id == id) {
                return std::get<render::ComposeService>(resource.what).service.user;
            }
        }
        return std::string("nothing");
    };
    CHECK(userIn(makeSealedDesiredState(loaded, "vm"), kAlertmanager) == "65520:65520");
    loaded.facts["vm"].users = {{"/opt/monitoring/compose.yaml", {{"alertmanager", "65534:65534"}}}};
    const auto before = makeSealedDesiredState(loaded, "vm");
    CHECK(userIn(before, kAlertmanager) == "65534:65534");
    auto& alertmanager = *loaded.document->stack.alertmanager;
    alertmanager.route.groupWait = "7s";
    CHECK(userIn(makeSealedDesiredState(loaded, "vm", before.desired), kAlertmanager) == "65534:65534");
    alertmanager.image = "prom/alertmanager:v0.27.0";
    CHECK(userIn(makeSealedDesiredState(loaded, "vm", before.desired), kAlertmanager) == "65520:65520");
    CHECK(userIn(makeSealedDesiredState(loaded, "vm", {}), kAlertmanager) == "65520:65520");
}

TEST_CASE("users are read only from compose files that vigie has written", "[apply][users]") {
    ModelHost host;
    const std::string ours =
        "# Written by vigie from the MonitoringStack document. Changes made here are undone.\n";
    host.files.put("/opt/a/compose.yaml", ours + "services:\n  a:\n    user: \"1:2\"\n");
    host.files.put("/opt/b/compose.yaml", "services:\n  a:\n    user: \"1:2\"\n");
    host.files.put("/opt/c/compose.yaml", ours + "services:\n  a:\n    user: \"1:2\"\n");
    host.files.put("/opt/d/rules.yml", ours + "groups: []\n");
    const state::Inventory inventory{{"file:/opt/a/compose.yaml", {}},
                                     {"file:/opt/b/compose.yaml", {}},
                                     {"file:/opt/d/rules.yml", {}},
                                     {"file:/opt/gone.yaml", {}},
                                     {"compose:a/a", {}}};
    CHECK(usersWritten(inventory, host.files) == spec::UsersWritten{{"/opt/a/compose.yaml", {{"a", "1:2"}}}});
}

}  // namespace
}  // namespace vigie::apply
