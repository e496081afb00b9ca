// The tables of the kinds: their orders are data, and the safety of putting back is one of them.

#include "base/error.hpp"
#include "base/hash.hpp"
#include "kinds/firewall/provider.hpp"
#include "kinds/hosts.hpp"
#include "render/host.hpp"
#include "spec/format.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace vigie::kinds {
namespace {

using Words = std::vector<std::string>;

TEST_CASE("everything is put back in one order, whatever kind it is of", "[kinds]") {
    Words out;
    for (const auto& step : undoSteps()) {
        out.push_back(std::string(step.image) + (step.direction == Direction::backward ? " backward" : ""));
    }
    CHECK(out == Words{"compose",
                       "firewall",
                       "origin",
                       "file backward",
                       "attached backward",
                       "attached-path backward",
                       "tree",
                       "",
                       "sysctl",
                       "guests",
                       "wireguard",
                       "unit",
                       "firewall",
                       "compose",
                       "mount",
                       "reload",
                       "signal",
                       "silence",
                       "wireguard",
                       "guests"});
}

TEST_CASE("what goes leaves in one order, and what lets somebody in comes last", "[kinds]") {
    std::multimap<RemovalTurn, std::string> out;
    for (const auto kind : kKindNames) {
        out.emplace(traitsOf(std::string_view(kind)).removalTurn, std::string(kind));
    }
    Words order;
    for (const auto& [turn, kind] : out) {
        order.push_back(kind);
    }
    // Reloads and signals are nobody's, so that nothing of them ever goes: they share a turn.
    CHECK(order == Words{"silence", "attached", "reload", "signal", "rebuild", "compose", "unit", "wireguard",
                         "file", "directory", "guests", "sysctl", "firewall"});
    CHECK(traitsOf(std::string_view("of-another-version:x")).removalTurn > RemovalTurn::entrances);
}

TEST_CASE("a plan is looked through again in one order", "[kinds]") {
    std::vector<FollowUpTurn> turns;
    for (const auto& each : followUps()) {
        turns.push_back(each.turn);
    }
    CHECK(std::is_sorted(turns.begin(), turns.end()));
    // Whoever reloads and whoever is told know nothing of each other.
    CHECK(std::set<FollowUpTurn>(turns.begin(), turns.end()).size() == 6);
    CHECK(turns.size() == 7);
}

TEST_CASE("an id names a kind and a thing", "[kinds]") {
    CHECK(kindOf("compose:m/web") == Kind::compose);
    CHECK_FALSE(kindOf("of-another-version:x"));
    CHECK(kindNameOf("of-another-version:x") == "of-another-version");
    CHECK(nameOf("file:/a:b") == "/a:b");
    CHECK(serviceOf("compose:m/web") == std::pair<std::string, std::string>("m", "web"));
    CHECK(idOf(Kind::file, "/a") == "file:/a");
}

TEST_CASE("a document may name a resource of every kind", "[kinds]") {
    for (const auto kind : kKindNames) {
        INFO(kind);
        const auto problem = spec::checkFormat("resource-id", std::string(kind) + ":%");
        REQUIRE(problem);  // nothing of any kind is called so
        CHECK(tests::contains(problem->message, std::string(kind)));
    }
}

TEST_CASE("a firewall rule has the words that ufw always had", "[kinds][firewall]") {
    using Direction = render::FirewallRule::Direction;
    const std::vector<std::pair<render::FirewallRule, std::string>> cases = {
        {{.protocol = "tcp", .port = 443}, "allow 443/tcp"},
        {{.protocol = "udp", .port = 51820}, "allow 51820/udp"},
        {{.interface = "wg0", .protocol = "tcp", .port = 9090}, "allow in on wg0 to any port 9090 proto tcp"},
        {{.protocol = "tcp", .port = 9100, .from = "172.16.0.0/12", .to = "10.66.66.1"},
         "allow from 172.16.0.0/12 to 10.66.66.1 port 9100 proto tcp"},
        {{.direction = Direction::forward, .interface = "wg0", .to = "192.168.1.0/24"},
         "route allow in on wg0 to 192.168.1.0/24"},
        {{.direction = Direction::forward, .interface = "wg0", .outInterface = "wg0"},
         "route allow in on wg0 out on wg0"}};
    for (const auto& [rule, words] : cases) {
        INFO(words);
        const render::Resource resource{"firewall:x", rule, {}, ""};
        CHECK(firewallProvider("ufw").words(rule) == words);
        CHECK(describe(resource) == "ufw " + words + "\n");
        CHECK(digestOf(resource) == sha256Hex("10:firewall:x" + std::to_string(words.size()) + ":" + words));
        const auto normalised = firewallProvider("ufw").normalised(rule);
        const auto parsed = plan::parseUfwRule(words);
        REQUIRE(normalised);
        REQUIRE(parsed);
        CHECK(sameRule(*normalised, *parsed));
    }
    CHECK_THROWS_AS(firewallProvider("nobody's"), Error);
}

TEST_CASE("every rendered rule is one that its firewall takes", "[kinds][firewall]") {
    const auto stack = tests::moments();
    std::size_t rules = 0;
    for (const auto& host : stack.hosts) {
        for (const auto& resource : render::renderHost(stack, host, {})) {
            if (const auto* rule = std::get_if<render::FirewallRule>(&resource.what)) {
                INFO(describe(resource));
                CHECK(firewallProvider(rule->provider).normalised(*rule));
                ++rules;
            }
        }
    }
    CHECK(rules != 0);
}

}  // namespace
}  // namespace vigie::kinds
