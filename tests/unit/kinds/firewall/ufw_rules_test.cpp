// Tests plan/ufw.
#include "kinds/firewall/ufw_rules.hpp"

#include "tests/support/catch.hpp"

#include <random>

namespace vigie::plan {
namespace {

// What ufw 0.36.2 wrote for the command that stands before it.
struct Written {
    std::string command;
    std::string rules;   // the tuple in user.rules; empty: none
    std::string rules6;  // in user6.rules
};

const std::vector<Written> kWritten = {
    {"allow 51820/udp", "allow udp 51820 0.0.0.0/0 any 0.0.0.0/0 in", "allow udp 51820 ::/0 any ::/0 in"},
    {"allow in on wg0 to any port 9090 proto tcp", "allow tcp 9090 0.0.0.0/0 any 0.0.0.0/0 in_wg0",
     "allow tcp 9090 ::/0 any ::/0 in_wg0"},
    {"allow in on wg0 to any port 9091 proto tcp",
     "allow tcp 9091 0.0.0.0/0 any 0.0.0.0/0 in_wg0 comment=76696769653a2050726f6d657468657573206f6e20687562",
     "allow tcp 9091 ::/0 any ::/0 in_wg0 comment=76696769653a2050726f6d657468657573206f6e20687562"},
    {"allow in on wg0 from any to any port 81 proto tcp", "allow tcp 81 0.0.0.0/0 any 0.0.0.0/0 in_wg0",
     "allow tcp 81 ::/0 any ::/0 in_wg0"},
    {"allow proto tcp to any port 82 from any", "allow tcp 82 0.0.0.0/0 any 0.0.0.0/0 in",
     "allow tcp 82 ::/0 any ::/0 in"},
    {"allow to any proto tcp port 83", "allow tcp 83 0.0.0.0/0 any 0.0.0.0/0 in",
     "allow tcp 83 ::/0 any ::/0 in"},
    {"allow from 172.16.0.0/12 to 10.66.66.2 port 9469 proto tcp",
     "allow tcp 9469 10.66.66.2 any 172.16.0.0/12 in", ""},
    {"allow in on wg+ to any port 84 proto tcp", "allow tcp 84 0.0.0.0/0 any 0.0.0.0/0 in_wg+",
     "allow tcp 84 ::/0 any ::/0 in_wg+"},
    {"allow in on wg0", "allow any any 0.0.0.0/0 any 0.0.0.0/0 in_wg0", "allow any any ::/0 any ::/0 in_wg0"},
    {"allow in on wg0 proto tcp", "allow tcp any 0.0.0.0/0 any 0.0.0.0/0 in_wg0",
     "allow tcp any ::/0 any ::/0 in_wg0"},
    {"allow in 25/tcp", "allow tcp 25 0.0.0.0/0 any 0.0.0.0/0 in", "allow tcp 25 ::/0 any ::/0 in"},
    {"allow 53", "allow any 53 0.0.0.0/0 any 0.0.0.0/0 in", "allow any 53 ::/0 any ::/0 in"},
    {"allow to any", "allow any any 0.0.0.0/0 any 0.0.0.0/0 in", "allow any any ::/0 any ::/0 in"},
    {"allow 443,80/tcp", "allow tcp 80,443 0.0.0.0/0 any 0.0.0.0/0 in", "allow tcp 80,443 ::/0 any ::/0 in"},
    {"allow 443,443,80/tcp", "allow tcp 80,443,443 0.0.0.0/0 any 0.0.0.0/0 in",
     "allow tcp 80,443,443 ::/0 any ::/0 in"},
    {"allow 8100:8200,8000:8010,80/udp", "allow udp 80,8000:8010,8100:8200 0.0.0.0/0 any 0.0.0.0/0 in",
     "allow udp 80,8000:8010,8100:8200 ::/0 any ::/0 in"},
    {"allow 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15/tcp",
     "allow tcp 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 0.0.0.0/0 any 0.0.0.0/0 in",
     "allow tcp 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 ::/0 any ::/0 in"},
    {"limit 27/tcp", "limit tcp 27 0.0.0.0/0 any 0.0.0.0/0 in", "limit tcp 27 ::/0 any ::/0 in"},
    {"deny from 203.0.113.7", "deny any any 0.0.0.0/0 any 203.0.113.7 in", ""},
    {"reject from 198.51.100.77/24 to any port 25 proto tcp",
     "reject tcp 25 0.0.0.0/0 any 198.51.100.0/24 in", ""},
    {"allow from 10.0.0.1/32", "allow any any 0.0.0.0/0 any 10.0.0.1 in", ""},
    {"allow from any port 67 to any port 68 proto udp", "allow udp 68 0.0.0.0/0 67 0.0.0.0/0 in",
     "allow udp 68 ::/0 67 ::/0 in"},
    {"allow to 192.0.2.10 port 80 proto tcp", "allow tcp 80 192.0.2.10 any 0.0.0.0/0 in", ""},
    // Only in one family: an address is named, or the protocol has no other.
    {"allow from 0.0.0.0/0 to any port 77", "allow any 77 0.0.0.0/0 any 0.0.0.0/0 in", ""},
    {"allow from ::/0 to any port 78", "", "allow any 78 ::/0 any ::/0 in"},
    {"allow proto igmp from any", "allow igmp any 0.0.0.0/0 any 0.0.0.0/0 in", ""},
    {"allow proto esp from any to any", "allow esp any 0.0.0.0/0 any 0.0.0.0/0 in",
     "allow esp any ::/0 any ::/0 in"},
    {"allow to 2001:db8::10 port 80 proto tcp", "", "allow tcp 80 2001:db8::10 any ::/0 in"},
    {"allow from 2001:DB8::0001 to any port 5000", "", "allow any 5000 ::/0 any 2001:db8::1 in"},
    {"allow from 2001:db8:0:0:1:0:0:1", "", "allow any any ::/0 any 2001:db8::1:0:0:1 in"},
    {"allow from 2001:db8::5/64", "", "allow any any ::/0 any 2001:db8::5/64 in"},
    {"allow from 2001:db8::5/128", "", "allow any any ::/0 any 2001:db8::5 in"},
    {"allow from ::ffff:10.0.0.1", "", "allow any any ::/0 any ::ffff:10.0.0.1 in"},
    {"allow log 2222/tcp", "allow_log tcp 2222 0.0.0.0/0 any 0.0.0.0/0 in",
     "allow_log tcp 2222 ::/0 any ::/0 in"},
    {"allow log-all 2223/tcp", "allow_log-all tcp 2223 0.0.0.0/0 any 0.0.0.0/0 in",
     "allow_log-all tcp 2223 ::/0 any ::/0 in"},
    {"allow in on eth0 log to any port 2224 proto tcp", "allow_log tcp 2224 0.0.0.0/0 any 0.0.0.0/0 in_eth0",
     "allow_log tcp 2224 ::/0 any ::/0 in_eth0"},
    {"limit log from 192.0.2.1 to any port 2225 proto tcp", "limit_log tcp 2225 0.0.0.0/0 any 192.0.2.1 in",
     ""},
    {"allow out 123/udp", "allow udp 123 0.0.0.0/0 any 0.0.0.0/0 out", "allow udp 123 ::/0 any ::/0 out"},
    {"deny out on eth1 to any port 25 proto tcp", "deny tcp 25 0.0.0.0/0 any 0.0.0.0/0 out_eth1",
     "deny tcp 25 ::/0 any ::/0 out_eth1"},
    {"allow out from 192.0.2.3", "allow any any 0.0.0.0/0 any 192.0.2.3 out", ""},
    {"route allow in on wg0 out on wg0",
     "route:allow any any 0.0.0.0/0 any 0.0.0.0/0 in_wg0!out_wg0 comment=76696769653a207468652068756220666f72"
     "7761726473206265747765656e206974732073706f6b6573",
     "route:allow any any ::/0 any ::/0 in_wg0!out_wg0 comment=76696769653a207468652068756220666f727761726473"
     "206265747765656e206974732073706f6b6573"},
    {"route allow in on eth0 out on wg0 to 10.0.0.5 port 80 proto tcp",
     "route:allow tcp 80 10.0.0.5 any 0.0.0.0/0 in_eth0!out_wg0", ""},
    {"route allow out on b in on a log to any port 85 proto tcp",
     "route:allow_log tcp 85 0.0.0.0/0 any 0.0.0.0/0 in_a!out_b",
     "route:allow_log tcp 85 ::/0 any ::/0 in_a!out_b"},
    {"route deny in on eth0", "route:deny any any 0.0.0.0/0 any 0.0.0.0/0 in_eth0",
     "route:deny any any ::/0 any ::/0 in_eth0"},
    {"route reject out on eth0 log", "route:reject_log any any 0.0.0.0/0 any 0.0.0.0/0 out_eth0",
     "route:reject_log any any ::/0 any ::/0 out_eth0"},
    {"route allow 80/tcp", "route:allow tcp 80 0.0.0.0/0 any 0.0.0.0/0 in",
     "route:allow tcp 80 ::/0 any ::/0 in"},
};

std::vector<UfwRule> read(const std::vector<std::string>& tuples, bool v6 = false) {
    std::string file = "*filter\n:ufw-user-input - [0:0]\n### RULES ###\n";
    for (const auto& tuple : tuples) {
        file += "\n### tuple ### " + tuple + "\n-A ufw-user-input -j ACCEPT\n";
    }
    return readUfwRules(file + "\n### END RULES ###\n\n### LOGGING ###\n### END LOGGING ###\nCOMMIT\n", v6);
}

UfwRule one(const std::string& tuple, bool v6 = false) {
    const auto rules = read({tuple}, v6);
    REQUIRE(rules.size() == 1);
    return rules.front();
}

/// The rules of a host on which these commands were given.
std::vector<UfwRule> given(const std::vector<std::string>& commands) {
    std::vector<UfwRule> out;
    for (const auto& command : commands) {
        INFO(command);
        const auto rule = parseUfwRule(command);
        REQUIRE(rule);
        out.push_back(*rule);
    }
    return out;
}

const std::string kAnywhere;  // an interface that no rule names

Verdict tunnelPort(const std::vector<UfwRule>& rules, bool v6 = false) {
    return inbound(rules, 51820, "udp", kAnywhere, Verdict::refused, v6);
}

TEST_CASE("a ufw command equals the rule that ufw writes for it", "[ufw]") {
    for (const auto& written : kWritten) {
        INFO(written.command);
        const auto command = parseUfwRule(written.command);
        REQUIRE(command);
        CHECK(command->v4 == !written.rules.empty());
        CHECK(command->v6 == !written.rules6.empty());
        CHECK((written.rules.empty() || sameRule(one(written.rules), *command)));
        CHECK((written.rules6.empty() || sameRule(one(written.rules6, true), *command)));
    }
}

TEST_CASE("a ufw rule with prefix length 0 means any address", "[ufw]") {
    const auto rule = parseUfwRule("allow from 10.0.0.1/0");
    REQUIRE(rule);
    CHECK(sameRule(*rule, one("allow any any 0.0.0.0/0 any 0.0.0.0/0 in")));
    CHECK_FALSE(rule->v6);
}

TEST_CASE("different ufw rules do not compare equal", "[ufw]") {
    for (const auto& a : kWritten) {
        for (const auto& b : kWritten) {
            INFO(a.command << " / " << b.command);
            CHECK(sameRule(*parseUfwRule(a.command), *parseUfwRule(b.command)) == (&a == &b));
        }
    }
    CHECK_FALSE(sameRule(*parseUfwRule("allow 22/tcp"), *parseUfwRule("limit 22/tcp")));
    CHECK_FALSE(sameRule(*parseUfwRule("allow 22/tcp"), *parseUfwRule("allow log 22/tcp")));
    CHECK_FALSE(sameRule(*parseUfwRule("allow 22/tcp"), *parseUfwRule("allow out 22/tcp")));
    CHECK_FALSE(sameRule(*parseUfwRule("allow 22/tcp"), *parseUfwRule("route allow 22/tcp")));
    CHECK_FALSE(sameRule(*parseUfwRule("allow 22/tcp"), *parseUfwRule("allow 22")));
}

TEST_CASE("every field of a ufw tuple is parsed", "[ufw]") {
    const auto rule = one(kWritten[2].rules);
    CHECK(rule.action == "allow");
    CHECK(rule.log.empty());
    CHECK_FALSE(rule.route);
    CHECK_FALSE(rule.outgoing);
    CHECK(rule.protocol == "tcp");
    CHECK(rule.toPort == "9091");
    CHECK(rule.to == "any");
    CHECK(rule.fromPort == "any");
    CHECK(rule.from == "any");
    CHECK(rule.inInterface == "wg0");
    CHECK(rule.outInterface.empty());
    CHECK(rule.v4);
    CHECK_FALSE(rule.v6);
    CHECK(rule.comment == "vigie: Prometheus on hub");
    const auto route = one("route:reject_log any any ::/0 any ::/0 in_a_b!out_eth0", true);
    CHECK(route.route);
    CHECK(route.log == "log");
    CHECK(route.inInterface == "a_b");
    CHECK(route.outInterface == "eth0");
    CHECK_FALSE(route.outgoing);
    CHECK(route.v6);
}

TEST_CASE("a ufw rule's comment is decoded and does not affect its equality", "[ufw]") {
    const std::string tuple = "allow tcp 9000 0.0.0.0/0 any 0.0.0.0/0 in";
    CHECK(one(tuple + " comment=7a61c5bcc3b3c582c487203130302520636f6d6d656e743d").comment ==
          "zażółć 100% comment=");
    CHECK(one(tuple + " comment=616").comment == "a");
    CHECK(one(tuple + " comment=nothex").comment.empty());
    CHECK(sameRule(one(tuple), one(tuple + " comment=61 comment=62")));
}

TEST_CASE(
    "a ufw rule of an application profile differs from one with the same port and admits the same traffic",
    "[ufw]") {
    const auto rules = read({"allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 OpenSSH - in",
                             "allow udp 137,138 0.0.0.0/0 any 0.0.0.0/0 CIFS - in",
                             "allow tcp 80 0.0.0.0/0 any 0.0.0.0/0 WWW%20Full - in_eth0"});
    REQUIRE(rules.size() == 3);
    CHECK(rules[0].toApplication == "OpenSSH");
    CHECK(rules[0].fromApplication.empty());
    CHECK(rules[2].toApplication == "WWW Full");
    CHECK(rules[2].inInterface == "eth0");
    // `ufw delete allow 22/tcp` does not delete it.
    CHECK_FALSE(sameRule(rules[0], *parseUfwRule("allow 22/tcp")));
    CHECK(inbound(rules, 22, "tcp", kAnywhere, Verdict::refused) == Verdict::accepted);
    CHECK(inbound(rules, 138, "udp", kAnywhere, Verdict::refused) == Verdict::accepted);
    CHECK(inbound(rules, 138, "tcp", kAnywhere, Verdict::refused) == Verdict::refused);
}

TEST_CASE("ufw tuples of old versions are parsed without a direction", "[ufw]") {
    CHECK(sameRule(one("allow tcp 25 0.0.0.0/0 any 0.0.0.0/0"), *parseUfwRule("allow 25/tcp")));
    CHECK(one("allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 OpenSSH -").toApplication == "OpenSSH");
}

TEST_CASE("a rule that ufw refuses is refused", "[ufw]") {
    const std::string command = GENERATE(
        "", "allow", "allow in", "allow any", "permit 22/tcp", "ALLOW 22/tcp", "allow 22/TCP", "allow 0/tcp",
        "allow 65536/tcp", "allow 80,443", "allow 9100:9200", "allow 90:80/tcp", "allow 80:80/tcp",
        "allow 80,/tcp", "allow ,80/tcp", "allow 80/tcp/udp", "allow 80/esp", "allow -1/tcp",
        "allow 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16/tcp", "allow in on wg0 80/tcp", "allow in on",
        "allow in on wg0:1 to any", "allow in on averyveryverylongname",
        "allow in on to to any port 82 proto tcp", "allow in on a out on b", "route allow in 80/tcp",
        "allow proto tcp", "allow proto sctp to any port 9", "allow port 80", "allow to any port any",
        "allow to any port", "allow from", "allow from any to", "allow to any proto",
        "allow proto tcp proto from any", "allow from any port 80,81", "allow from 10.0.0.1 to 2001:db8::1",
        "allow from 010.1.2.3", "allow from 10.0.0.0/33", "allow from 10.0.0.0/", "allow from 1.2.3",
        "allow from 2001:db8::/129", "allow proto igmp from 2001:db8::1", "allow to any port 80 log");
    INFO(command);
    CHECK_FALSE(parseUfwRule(command));
}

TEST_CASE("a ufw command with names that only the host can resolve is refused", "[ufw]") {
    CHECK_FALSE(parseUfwRule("allow ssh"));      // /etc/services
    CHECK_FALSE(parseUfwRule("allow OpenSSH"));  // a profile
    CHECK_FALSE(parseUfwRule("allow to any app OpenSSH"));
    CHECK_FALSE(parseUfwRule("allow 22/tcp comment 'hello'"));  // not ours to render
    CHECK_FALSE(parseUfwRule("delete allow 22/tcp"));
}

TEST_CASE("a netmask that is no prefix is refused", "[ufw]") {
    CHECK_FALSE(parseUfwRule("allow from 10.1.2.3/255.0.255.0"));
    CHECK(one("allow any any 0.0.0.0/0 any 10.0.2.0/255.0.255.0 in").action.empty());
}

TEST_CASE("a port with a leading zero is refused, since iptables reads it as octal", "[ufw]") {
    CHECK_FALSE(parseUfwRule("allow 0022/tcp"));
    CHECK(one("allow tcp 0022 0.0.0.0/0 any 0.0.0.0/0 in").action.empty());
}

TEST_CASE("the first matching ufw rule decides", "[ufw]") {
    CHECK(tunnelPort({}) == Verdict::refused);
    CHECK(inbound({}, 51820, "udp", kAnywhere, Verdict::accepted) == Verdict::accepted);
    CHECK(inbound({}, 51820, "udp", kAnywhere, Verdict::unknown) == Verdict::unknown);
    CHECK(tunnelPort(given({"allow 51820/udp"})) == Verdict::accepted);
    CHECK(tunnelPort(given({"limit 51820/udp"})) == Verdict::accepted);
    CHECK(tunnelPort(given({"allow log 51820"})) == Verdict::accepted);
    CHECK(tunnelPort(given({"allow 51820/tcp"})) == Verdict::refused);
    CHECK(tunnelPort(given({"deny 51820/udp", "allow 51820/udp"})) == Verdict::refused);
    CHECK(tunnelPort(given({"reject log to any", "allow 51820/udp"})) == Verdict::refused);
    CHECK(tunnelPort(given({"allow 51820/udp", "deny from any"})) == Verdict::accepted);
    CHECK(tunnelPort(given({"deny 53", "allow 22/tcp", "allow 443,51000:52000/udp"})) == Verdict::accepted);
    CHECK(tunnelPort(given({"allow 443,51821:52000/udp"})) == Verdict::refused);
}

TEST_CASE("outgoing and routed ufw rules do not affect incoming traffic", "[ufw]") {
    CHECK(tunnelPort(given({"allow out 51820/udp", "allow out on eth0", "route allow in on wg0 out on wg0",
                            "route allow 51820/udp"})) == Verdict::refused);
}

TEST_CASE("a ufw rule for an interface affects that interface only", "[ufw]") {
    const auto rules = given({"allow in on wg0 to any port 9090 proto tcp"});
    CHECK(inbound(rules, 9090, "tcp", "wg0", Verdict::refused) == Verdict::accepted);
    CHECK(inbound(rules, 9090, "tcp", "wg01", Verdict::refused) == Verdict::refused);
    CHECK(inbound(rules, 9090, "tcp", kAnywhere, Verdict::refused) == Verdict::refused);
    CHECK(tunnelPort(given({"deny in on wg0", "allow 51820/udp"})) == Verdict::accepted);
    const auto wildcard = given({"allow in on wg+"});
    CHECK(inbound(wildcard, 9090, "tcp", "wg7", Verdict::refused) == Verdict::accepted);
    CHECK(inbound(wildcard, 9090, "tcp", "eth0", Verdict::refused) == Verdict::refused);
    CHECK(inbound(wildcard, 9090, "tcp", kAnywhere, Verdict::refused) == Verdict::refused);
    CHECK(tunnelPort(given({"allow in on +"})) == Verdict::accepted);
}

TEST_CASE("a ufw rule for some sources makes the verdict unknown where it could change it", "[ufw]") {
    CHECK(tunnelPort(given({"deny from 203.0.113.7", "allow 51820/udp"})) == Verdict::unknown);
    CHECK(tunnelPort(given({"allow 51820/udp", "deny from 203.0.113.7"})) == Verdict::accepted);
    CHECK(tunnelPort(given({"allow from 10.0.0.0/8", "allow 51820/udp"})) == Verdict::accepted);
    CHECK(tunnelPort(given({"allow from 10.0.0.0/8"})) == Verdict::unknown);
    CHECK(tunnelPort(given({"deny from 10.0.0.0/8"})) == Verdict::refused);
    CHECK(tunnelPort(given({"deny from 203.0.113.7 to any port 22", "allow 51820/udp"})) ==
          Verdict::accepted);
    CHECK(tunnelPort(given({"allow from any port 500 to any port 51820 proto udp"})) == Verdict::unknown);
    CHECK(tunnelPort(given({"allow to 192.0.2.10 port 51820 proto udp"})) == Verdict::unknown);
}

TEST_CASE("a connection is judged by ufw rules of its IP family", "[ufw]") {
    const auto rules = given({"deny from 2001:db8::/32", "allow from 0.0.0.0/0 to any port 51820 proto udp"});
    CHECK(tunnelPort(rules) == Verdict::accepted);
    CHECK(tunnelPort(rules, true) == Verdict::refused);
    auto both = read({kWritten[0].rules});
    CHECK(tunnelPort(both, true) == Verdict::refused);
    both.push_back(one(kWritten[0].rules6, true));
    CHECK(tunnelPort(both, true) == Verdict::accepted);
}

TEST_CASE("an unknown ufw tuple equals no rule and makes later verdicts unknown", "[ufw]") {
    const std::string tuple = GENERATE(
        "", "allow", "allow udp 51820 0.0.0.0/0 any", "frobnicate udp 51820 0.0.0.0/0 any 0.0.0.0/0 in",
        "allow_shout udp 51820 0.0.0.0/0 any 0.0.0.0/0 in", "path:allow udp 51820 0.0.0.0/0 any 0.0.0.0/0 in",
        "allow udq 51820 0.0.0.0/0 any 0.0.0.0/0 in", "allow udp 51820: 0.0.0.0/0 any 0.0.0.0/0 in",
        "allow udp 99999999999999999999 0.0.0.0/0 any 0.0.0.0/0 in",
        "allow udp 51820 nowhere any 0.0.0.0/0 in", "allow udp 51820 2001:db8::1 any 0.0.0.0/0 in",
        "allow udp 51820 0.0.0.0/0 any 10.0.0.0/08 in", "allow udp 51820 0.0.0.0/0 any 0.0.0.0/0 sideways",
        "allow udp 51820 0.0.0.0/0 any 0.0.0.0/0 in_", "allow udp 51820 0.0.0.0/0 any 0.0.0.0/0 in_a!in_b",
        "allow udp 51820 0.0.0.0/0 any 0.0.0.0/0 out_a!in_b",
        "allow udp 51820 0.0.0.0/0 any 0.0.0.0/0 in_a!out_b", "allow any 80,443 0.0.0.0/0 any 0.0.0.0/0 in",
        "allow udp 51820 0.0.0.0/0 any 0.0.0.0/0 a b in more");
    INFO(tuple);
    const auto rule = one(tuple);
    CHECK(rule.action.empty());
    CHECK_FALSE(sameRule(rule, rule));
    CHECK_FALSE(sameRule(rule, UfwRule{}));
    CHECK(tunnelPort({rule, *parseUfwRule("allow 51820/udp")}) == Verdict::unknown);
    CHECK(tunnelPort({*parseUfwRule("allow 51820/udp"), rule}) == Verdict::accepted);
}

TEST_CASE("only tuple lines of ufw's rule files are read", "[ufw]") {
    CHECK(readUfwRules("", false).empty());
    CHECK(readUfwRules("### tuple", false).empty());
    CHECK(readUfwRules(" ### tuple ### allow udp 1 0.0.0.0/0 any 0.0.0.0/0 in\n", false).empty());
    CHECK(readUfwRules("# allow udp 1 0.0.0.0/0 any 0.0.0.0/0 in\n-A ufw-user-input -j ACCEPT\n", false)
              .empty());
    const auto rules = readUfwRules("### tuple ###\tallow udp 51820  0.0.0.0/0 any 0.0.0.0/0 in\r", false);
    REQUIRE(rules.size() == 1);
    CHECK(sameRule(rules.front(), *parseUfwRule("allow 51820/udp")));
}

TEST_CASE("a truncated or altered ufw rule file is read without a crash", "[ufw]") {
    std::string file;
    for (const auto& written : kWritten) {
        file += written.rules.empty() ? "" : "### tuple ### " + written.rules + "\n";
    }
    const auto read = [](const std::string& text) {
        const auto rules = readUfwRules(text, false);
        tunnelPort(rules);
        for (const auto& rule : rules) {
            CHECK(sameRule(rule, rule) == !rule.action.empty());
        }
        parseUfwRule(text);
    };
    for (std::size_t size = 0; size < file.size(); size += 7) {
        read(file.substr(0, size));
    }
    std::mt19937 random(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same bytes in every run
    for (int i = 0; i < 300; ++i) {
        std::string changed = file;
        for (int k = 0; k < 50; ++k) {
            changed[random() % changed.size()] = static_cast<char>(random() % 256);
        }
        read(changed);
    }
}

TEST_CASE("a NUL byte does not end an address in a ufw rule", "[ufw]") {
    using namespace std::string_view_literals;
    CHECK(
        readUfwRules("### tuple ### deny udp 1 10.0.0.1\0x any 0.0.0.0/0 in"sv, false).at(0).action.empty());
    CHECK_FALSE(parseUfwRule("allow from 10.0.0.1\0"sv));
}

TEST_CASE("ufw's settings are read as the shell reads them", "[ufw]") {
    CHECK(ufwEnabled(
        "# /etc/ufw/ufw.conf\n#\n\n# Set to yes to start on boot.\nENABLED=yes\n\nLOGLEVEL=low\n"));
    CHECK(ufwEnabled("ENABLED=\"yes\""));
    CHECK(ufwEnabled("ENABLED=no\nENABLED=YES\r\n"));
    CHECK_FALSE(ufwEnabled("ENABLED=no\n"));
    CHECK_FALSE(ufwEnabled("#ENABLED=yes\nNOTENABLED=yes\nENABLED2=yes\nENABLED\nENABLED="));
    CHECK_FALSE(ufwEnabled(""));

    const std::string defaults =
        "# Set the default input policy to ACCEPT, DROP, or REJECT. Please note that if\nIPV6=yes\n"
        "DEFAULT_INPUT_POLICY=\"DROP\"\nDEFAULT_OUTPUT_POLICY=\"ACCEPT\"\nDEFAULT_FORWARD_POLICY=\"DROP\"\n";
    CHECK(ufwDefaultInput(defaults) == Verdict::refused);
    CHECK(ufwDefaultInput("DEFAULT_INPUT_POLICY=\"REJECT\"\n") == Verdict::refused);
    CHECK(ufwDefaultInput("DEFAULT_INPUT_POLICY='ACCEPT'\n") == Verdict::accepted);
    CHECK(ufwDefaultInput("DEFAULT_INPUT_POLICY=\"DRO") == Verdict::unknown);
    CHECK(ufwDefaultInput("DEFAULT_OUTPUT_POLICY=\"ACCEPT\"\n") == Verdict::unknown);
    CHECK(ufwIpv6(defaults));
    CHECK_FALSE(ufwIpv6("IPV6=no\n"));
}

}  // namespace
}  // namespace vigie::plan
