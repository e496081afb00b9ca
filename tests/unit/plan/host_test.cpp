// Tests plan/host: The firewall's rules, kernel settings and units of a host.

#include "plan/plan.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::plan {
namespace {

using tests::contains;

const Options kAll{Activation::all};

const std::string kWords = "allow in on wg0 to any port 9090 proto tcp";

render::Resource rule() {
    return {"firewall:" + kWords,
            render::FirewallRule{.interface = "wg0", .protocol = "tcp", .port = 9090, .comment = "vigie"},
            {},
            "lets it in"};
}

ObservedFirewall firewall(const std::string& tuples) {
    ObservedFirewall out;
    out.enabled = true;
    out.fallback = Verdict::refused;
    out.rules = readUfwRules(tuples, false);
    return out;
}

Change planRule(const std::optional<ObservedFirewall>& is, const state::Inventory& inventory = {}) {
    Observed observed;
    observed.firewall = is;
    return makePlan({rule()}, observed, inventory, kAll).changes.at(0);
}

TEST_CASE("a firewall rule that is missing is added", "[plan][host]") {
    const auto change = planRule(firewall("### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n"));
    CHECK(change.action == Action::create);
    CHECK(change.ownable);
    CHECK(change.reason == "lets it in: does not exist yet");
    CHECK(change.diff.text(Audience::terminal) == "+ufw " + kWords + "\n");
    CHECK(planRule(firewall(""), {{"firewall:" + kWords, {}}}).reason ==
          "lets it in: was removed on the host");
}

TEST_CASE("an existing firewall rule belongs to vigie only if vigie made it", "[plan][host]") {
    const auto is = firewall("### tuple ### allow tcp 9090 0.0.0.0/0 any 0.0.0.0/0 in_wg0 comment=41\n");
    const auto theirs = planRule(is);
    CHECK(theirs.action == Action::none);
    CHECK_FALSE(theirs.ownable);
    CHECK(theirs.reason == "was there before us; it stays whoever's it is");
    const auto ours = planRule(is, {{"firewall:" + kWords, {}}});
    CHECK(ours.action == Action::none);
    CHECK(ours.ownable);
    CHECK(ours.reason == "as it should be");
}

TEST_CASE("a firewall rule with another action for the same traffic is refused, not replaced",
          "[plan][host]") {
    for (const std::string action : {"deny", "reject", "limit", "allow_log"}) {
        INFO(action);
        const auto is = firewall("### tuple ### " + action + " tcp 9090 0.0.0.0/0 any 0.0.0.0/0 in_wg0\n");
        const auto change = planRule(is);
        CHECK(change.action == Action::refuse);
        CHECK(contains(change.reason, "delete that one first"));
    }
    CHECK(planRule(firewall("### tuple ### deny tcp 9090 0.0.0.0/0 any 0.0.0.0/0 in_eth0\n")).action ==
          Action::create);
}

TEST_CASE("an unknown firewall rule of the user does not prevent a new rule", "[plan][host]") {
    CHECK(planRule(firewall("### tuple ### whatever\n")).action == Action::create);
}

TEST_CASE("without ufw a firewall rule is refused", "[plan][host]") {
    ObservedFirewall is;
    is.problem = "ufw is missing";
    CHECK(planRule(is).action == Action::refuse);
    CHECK(planRule(is).reason == "ufw is missing");
    CHECK(planRule({}).action == Action::refuse);
}

TEST_CASE("a disabled ufw is noted and stays disabled", "[plan][host]") {
    Observed observed;
    observed.firewall = firewall("");
    CHECK(makePlan({rule()}, observed, {}, kAll).notes.empty());
    observed.firewall->enabled = false;
    const auto plan = makePlan({rule()}, observed, {}, kAll);
    CHECK(plan.changes.at(0).action == Action::create);
    REQUIRE(plan.notes.size() == 1);
    CHECK(contains(plan.notes.front(), "ufw is not enabled"));
}

Change planSetting(const std::string& is) {
    const render::Resource resource{
        "sysctl:net.ipv4.ip_forward", render::Sysctl{"net.ipv4.ip_forward", "1"}, {}, "the hub forwards"};
    Observed observed;
    observed.sysctls[resource.id] = is;
    return makePlan({resource}, observed, {}, kAll).changes.at(0);
}

TEST_CASE("a sysctl with another value is set", "[plan][host]") {
    CHECK(planSetting("1").action == Action::none);
    const auto change = planSetting("0");
    CHECK(change.action == Action::update);
    CHECK(change.reason == "the hub forwards");
    CHECK(change.diff.text(Audience::terminal) == "-net.ipv4.ip_forward = 0\n+net.ipv4.ip_forward = 1\n");
}

TEST_CASE("a sysctl that the kernel does not have is refused", "[plan][host]") {
    CHECK(planSetting("").action == Action::refuse);
    CHECK(planSetting("").reason == "this kernel has no net.ipv4.ip_forward");
}

TEST_CASE("a systemd unit is enabled only where systemd runs", "[plan][host]") {
    const render::Resource resource{"unit:wg-quick@wg0.service",
                                    render::Unit{"wg-quick@wg0.service"},
                                    {},
                                    "brings the tunnel up at the start"};
    Observed observed;
    const auto plan = [&] { return makePlan({resource}, observed, {}, kAll).changes.at(0); };
    CHECK(plan().action == Action::none);
    CHECK_FALSE(plan().ownable);
    observed.units[resource.id] = {false, true};
    CHECK(plan().action == Action::none);
    CHECK_FALSE(plan().ownable);
    observed.units[resource.id] = {true, false};
    CHECK(plan().action == Action::update);
    CHECK(plan().reason == "brings the tunnel up at the start: is not enabled");
    observed.units[resource.id] = {true, true};
    CHECK(plan().action == Action::none);
    CHECK(plan().ownable);
}

TEST_CASE("without activation a firewall rule is neither made nor compared", "[plan][host]") {
    for (const auto activation : {Activation::none, Activation::reload}) {
        const auto change = makePlan({rule()}, {}, {}, {activation}).changes.at(0);
        CHECK(change.action == Action::none);
        CHECK(change.reason == "not activated here: lets it in");
    }
}

}  // namespace
}  // namespace vigie::plan
