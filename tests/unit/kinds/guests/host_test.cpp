// Tests kinds/guests: rules are set at once, known again, and put back.

#include "kinds/guests/host.hpp"

#include "base/error.hpp"
#include "plan/context.hpp"
#include "plan/plan.hpp"
#include "secrets/storage.hpp"
#include "system/memory_attach.hpp"
#include "system/memory_files.hpp"
#include "system/memory_names.hpp"
#include "system/memory_processes.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/model_tables.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>

namespace vigie::kinds {
namespace {

using tests::contains;
using Words = std::vector<std::string>;

const std::string kChain = "VIGIE-GUESTS-wg0";
const std::string kJump = "-i wg0 -j " + kChain;

/// A host with a packet filter, to which somebody else has added a rule.
struct Host {
    Host() {
        processes.answer = [this](const system::Command& command) {
            if (command.argv[0].starts_with("ip6") && !v6) {
                return system::ProcessResult{3, false, {}, "ip6tables: no such table\n"};
            }
            return tables.run(command);
        };
        tables.tables[false]["PREROUTING"] = {"-i eth0 -j ACCEPT"};
    }

    tests::Fuse fuse;
    tests::ModelTables tables{fuse};
    bool v6 = true;
    system::MemoryFiles files;
    system::MemoryProcesses processes;
    tests::FakeHttp http;
    tests::FakeClock clock;
    system::MemoryNames names;
    system::MemoryAttach attach;
    system::System system{files, processes, http, http, clock, names, attach};
    std::vector<render::Resource> desired{
        {"guests:wg0",
         render::GuestRules{"wg0", {"-s 10.0.0.0/24 -j DROP"}, {"-s fd00::/64 -j DROP"}},
         {},
         "rules"}};
    plan::Plan plan;
    plan::Options options{.activation = plan::Activation::all};
    state::Inventory inventory;
    SecureBytes key = secureBytes(std::string(32, 'k'));

    plan::Change difference() {
        plan::Observed observed;
        GuestsHost::observe(
            {.desired = desired, .inventory = inventory, .options = options, .system = system}, observed);
        plan::Change out;
        out.id = "guests:wg0";
        const plan::Context context{observed, inventory, options};
        GuestsModel::difference(context, desired[0], rules(), out);
        return out;
    }
    const render::GuestRules& rules() { return std::get<render::GuestRules>(desired[0].what); }
    Transaction transaction() {
        return {.desired = desired,
                .plan = plan,
                .options = options,
                .stateDirectory = "/",
                .timeout = std::chrono::milliseconds(1),
                .progress = {},
                .system = system,
                .before = {}};
    }
    void make() {
        auto all = transaction();
        GuestsHost::make(all, {}, desired[0], rules());
    }
    [[nodiscard]] const Words& chain(bool ofV6, const std::string& name = kChain) {
        return tables.tables[ofV6][name];
    }
};

TEST_CASE("rules for guests are made in one step for each family, and are then as they should be",
          "[kinds][guests]") {
    Host host;
    CHECK(host.difference().action == plan::Action::create);
    host.make();
    CHECK(host.fuse.mutations.size() == 2);
    CHECK(host.chain(false) == Words{"-s 10.0.0.0/24 -j DROP"});
    CHECK(host.chain(true) == Words{"-s fd00::/64 -j DROP"});
    // Before whatever somebody else lets through.
    CHECK(host.chain(false, "PREROUTING") == Words{kJump, "-i eth0 -j ACCEPT"});
    CHECK(host.difference().action == plan::Action::none);
    host.make();
    CHECK(host.fuse.mutations.size() == 2);
}

TEST_CASE("drift of rules for guests is named and repaired", "[kinds][guests]") {
    Host host;
    host.make();
    SECTION("flushed") {
        host.tables.tables[false][kChain].clear();
    }
    SECTION("no jump") {
        host.tables.tables[true]["PREROUTING"].clear();
    }
    SECTION("two jumps") {
        host.tables.tables[true]["PREROUTING"].push_back(kJump);
    }
    SECTION("a rule of somebody else") {
        auto& chain = host.tables.tables[false][kChain];
        chain.insert(chain.begin(), "-m comment --comment hunter2 -j RETURN");
    }
    const auto change = host.difference();
    CHECK(change.action == plan::Action::update);
    CHECK_FALSE(change.diff.empty());
    CHECK_FALSE(contains(change.diff.text(), "hunter2"));  // words of somebody else, for root's eyes only
    host.make();
    CHECK(host.difference().action == plan::Action::none);
    CHECK(host.chain(false, "PREROUTING") == Words{kJump, "-i eth0 -j ACCEPT"});
}

TEST_CASE("rules for guests go with their jump, and nobody else's do", "[kinds][guests]") {
    Host host;
    host.make();
    auto all = host.transaction();
    plan::Change change;
    change.id = "guests:wg0";
    GuestsHost::remove(all, change, {});
    CHECK(host.tables.tables[false].count(kChain) == 0);
    CHECK(host.tables.tables[true].count(kChain) == 0);
    CHECK(host.chain(false, "PREROUTING") == Words{"-i eth0 -j ACCEPT"});
}

TEST_CASE("a host without IPv6 needs no rules of it", "[kinds][guests]") {
    Host host;
    host.v6 = false;
    const auto refused = host.difference();
    CHECK(refused.action == plan::Action::refuse);
    CHECK(contains(refused.reason, "ip6tables-save"));
    std::get<render::GuestRules>(host.desired[0].what).rules6.clear();
    CHECK(host.difference().action == plan::Action::create);
    host.make();
    CHECK(host.difference().action == plan::Action::none);
}

std::string image(Host& host) {
    BeforeImages images(host.key, host.system);
    plan::Change change;
    change.id = "guests:wg0";
    GuestsHost::capture({.change = change, .before = {}, .options = host.options, .system = host.system},
                        &host.rules(), images);
    const auto taken = images.take();
    REQUIRE(taken.size() == 1);
    CHECK(taken[0].kind == "guests");
    return std::string(view(secrets::decrypt(taken[0].data, host.key)));
}

void undo(Host& host, const std::string& data) {
    Restored restored;
    Undoing undoing{.system = host.system, .timeout = std::chrono::milliseconds(1), .out = restored};
    for (const auto& step : GuestsHost::undo) {
        step.one(undoing, "wg0", data);
    }
}

TEST_CASE("rules for guests are put back as they were, also when there were none", "[kinds][guests]") {
    Host host;
    const auto untouched = host.tables.tables;
    const auto none = image(host);
    host.make();
    const auto made = host.tables.tables;
    const auto some = image(host);
    undo(host, none);
    CHECK(host.tables.tables == untouched);
    undo(host, some);
    CHECK(host.tables.tables == made);
    host.tables.tables[false][kChain] = {"-s 10.0.0.0/8 -j DROP"};
    undo(host, some);
    CHECK(host.tables.tables == made);
    const auto mutations = host.fuse.mutations.size();
    undo(host, some);
    CHECK(host.fuse.mutations.size() == mutations);  // what is as it was is not touched
}

}  // namespace
}  // namespace vigie::kinds
