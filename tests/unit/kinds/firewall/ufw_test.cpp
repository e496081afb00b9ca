// Tests apply/firewall.
#include "kinds/firewall/ufw.hpp"

#include "base/error.hpp"
#include "kinds/firewall/entrances.hpp"
#include "system/memory_attach.hpp"
#include "system/memory_files.hpp"
#include "system/memory_names.hpp"
#include "system/memory_processes.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::apply {
namespace {

using plan::UfwRule;
using plan::Verdict;
using Words = std::vector<std::string>;

const char* const kConfig = "/etc/ssh/sshd_config";
const char* const kMore = "/etc/ssh/sshd_config.d";

/// A host that has ufw and nothing else.
struct Host {
    system::MemoryFiles files;
    system::MemoryProcesses processes;
    tests::FakeHttp http;
    tests::FakeClock clock;
    system::MemoryNames names;
    system::MemoryAttach attach;
    system::System system{files, processes, http, http, clock, names, attach};

    void write(const std::string& path, const std::string& text) {
        makeParents(files, path);
        files.write(path, text, 0644, {});
    }
    [[nodiscard]] std::vector<int> ports() const {
        std::vector<int> out;
        for (const auto& entrance : sshEntrances(files)) {
            CHECK(entrance.protocol == "tcp");
            CHECK(entrance.what == "sshd");
            out.push_back(entrance.port);
        }
        return out;
    }
    Words lastCommand() { return processes.commands.back(); }
};

TEST_CASE("without a configured port, sshd's port is 22", "[apply][firewall]") {
    Host host;
    CHECK(host.ports() == std::vector{22});
    host.write(kConfig, "#Port 2222\nPermitRootLogin no\nPortal 5\n");
    CHECK(host.ports() == std::vector{22});
    CHECK(host.processes.commands.empty());
}

TEST_CASE("every spelling of sshd's Port setting is understood", "[apply][firewall]") {
    for (const char* line : {"Port 2222", "  port\t2222  ", "PORT 2222 # not 22", "Port=2222", "Port = 2222",
                             "Port \"2222\"", "Port 2222\r"}) {
        INFO(line);
        Host host;
        host.write(kConfig, std::string("UsePAM yes\n") + line + "\n");
        CHECK(host.ports() == std::vector{2222});
    }
}

TEST_CASE("all ports of sshd count, also those in included files", "[apply][firewall]") {
    Host host;
    host.write(kConfig, "Include /etc/ssh/sshd_config.d/*.conf\nPort 22\nPort 2222\n");
    host.write(std::string(kMore) + "/10-a.conf", "Port 2223\n");
    host.write(std::string(kMore) + "/20-b.conf", "Port 2224\n");
    CHECK(host.ports() == std::vector{22, 2222, 2223, 2224});
}

TEST_CASE("a file that sshd does not include adds no port", "[apply][firewall]") {
    Host host;
    host.write(std::string(kMore) + "/10-a.conf.bak", "Port 2223\n");
    CHECK(host.ports() == std::vector{22});
}

TEST_CASE("an invalid port in sshd's configuration is ignored", "[apply][firewall]") {
    for (const char* line : {"Port x", "Port 0", "Port", "Port -5", "Port 70000", "Port 99999999999"}) {
        INFO(line);
        Host host;
        host.write(kConfig, line);
        CHECK(host.ports() == std::vector{22});
    }
}

plan::Plan planning(const std::string& words, plan::Action action) {
    plan::Plan out;
    out.changes.push_back({"firewall:" + words, action, "", {}});
    return out;
}

const std::vector<Entrance> kSsh{{22, "tcp", "sshd"}};

plan::ObservedFirewall closedBut(const std::string& tuples) {
    plan::ObservedFirewall out;
    out.enabled = true;
    out.fallback = Verdict::refused;
    out.rules = plan::readUfwRules(tuples, false);
    return out;
}

const std::string kOpenSsh = "### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n";

TEST_CASE("removing the only firewall rule that admits SSH is reported as closing it", "[apply][firewall]") {
    const state::Inventory inventory{{"firewall:allow 22/tcp", {"", "", "allow 22/tcp"}}};
    const auto plan = planning("allow 22/tcp", plan::Action::remove);
    CHECK(entrancesClosed(closedBut(kOpenSsh), plan, {}, inventory, kSsh) == Words{"sshd on port 22/tcp"});
    const std::string another = "### tuple ### allow any 22 0.0.0.0/0 any 0.0.0.0/0 in\n";
    CHECK(entrancesClosed(closedBut(kOpenSsh + another), plan, {}, inventory, kSsh).empty());
    CHECK(entrancesClosed(closedBut(kOpenSsh), plan, {}, inventory, {{2222, "tcp", "sshd"}}).empty());
    CHECK(entrancesClosed(closedBut(""), plan, {}, inventory, kSsh).empty());  // it is closed already
    auto open = closedBut(kOpenSsh);
    open.fallback = Verdict::accepted;
    CHECK(entrancesClosed(open, plan, {}, inventory, kSsh).empty());
}

TEST_CASE("a deny rule appended after an allow rule does not close the allowed port", "[apply][firewall]") {
    const state::Inventory deny{{"firewall:deny 22/tcp", {"", "", "deny 22/tcp"}}};
    const auto plan = planning("deny 22/tcp", plan::Action::create);
    CHECK(entrancesClosed(closedBut(kOpenSsh), plan, {}, deny, kSsh).empty());
    auto open = closedBut("");
    open.fallback = Verdict::accepted;
    CHECK(entrancesClosed(open, plan, {}, deny, kSsh) == Words{"sshd on port 22/tcp"});
}

TEST_CASE("a firewall rule that the plan leaves unchanged closes no port", "[apply][firewall]") {
    const state::Inventory inventory{{"firewall:allow 22/tcp", {"", "", "allow 22/tcp"}}};
    for (const auto action : {plan::Action::none, plan::Action::drift, plan::Action::refuse}) {
        CHECK(entrancesClosed(closedBut(kOpenSsh), planning("allow 22/tcp", action), {}, inventory, kSsh)
                  .empty());
    }
}

TEST_CASE("a firewall rule is passed to ufw word for word, with its comment", "[apply][firewall]") {
    Host host;
    addUfwRule("allow in on wg0 to any port 9090 proto tcp", "vigie: Prometheus on hub", host.system);
    CHECK(host.lastCommand() == Words{"ufw", "allow", "in", "on", "wg0", "to", "any", "port", "9090", "proto",
                                      "tcp", "comment", "vigie: Prometheus on hub"});
    addUfwRule("route allow in on wg0 out on wg0", "c", host.system);
    CHECK(host.lastCommand() ==
          Words{"ufw", "route", "allow", "in", "on", "wg0", "out", "on", "wg0", "comment", "c"});
    addUfwRule("allow  22/tcp", "", host.system);
    CHECK(host.lastCommand() == Words{"ufw", "allow", "22/tcp"});
}

TEST_CASE("a firewall rule is deleted by its text, never by its number", "[apply][firewall]") {
    Host host;
    deleteUfwRule("allow 22/tcp", host.system);
    CHECK(host.lastCommand() == Words{"ufw", "delete", "allow", "22/tcp"});
    deleteUfwRule("route allow in on wg0 out on wg0", host.system);
    CHECK(host.lastCommand() ==
          Words{"ufw", "route", "delete", "allow", "in", "on", "wg0", "out", "on", "wg0"});
}

TEST_CASE("a firewall rule is reinserted at its old position, or appended after all others",
          "[apply][firewall]") {
    Host host;
    host.write("/etc/ufw/user.rules", kOpenSsh + kOpenSsh);
    host.write("/etc/ufw/user6.rules", "### tuple ### allow tcp 22 ::/0 any ::/0 in\n");
    insertUfwRule(2, 0, "allow 80/tcp", "c", host.system);
    CHECK(host.lastCommand() == Words{"ufw", "insert", "2", "allow", "80/tcp", "comment", "c"});
    insertUfwRule(1, 0, "route allow in on a", "", host.system);
    CHECK(host.lastCommand() == Words{"ufw", "route", "insert", "1", "allow", "in", "on", "a"});
    // Of both families: each half to its own place.
    host.processes.commands.clear();
    insertUfwRule(1, 1, "allow in on wg0 to any port 80 proto tcp", "c", host.system);
    REQUIRE(host.processes.commands.size() == 2);
    CHECK(host.processes.commands[0] == Words{"ufw", "insert", "1", "allow", "in", "on", "wg0", "from",
                                              "0.0.0.0/0", "to", "0.0.0.0/0", "port", "80", "proto", "tcp",
                                              "comment", "c"});
    CHECK(host.processes.commands[1] == Words{"ufw", "insert", "3", "allow", "in", "on", "wg0", "from",
                                              "::/0", "to", "::/0", "port", "80", "proto", "tcp", "comment",
                                              "c"});
    for (const std::size_t place : {0U, 3U, 4U}) {
        insertUfwRule(place, 0, "allow 80/tcp", "c", host.system);
        CHECK(host.lastCommand() == Words{"ufw", "allow", "80/tcp", "comment", "c"});
    }
    // One of IPv6 alone: ufw counts those behind the two for IPv4.
    insertUfwRule(0, 1, "allow from fd00::/8", "", host.system);
    CHECK(host.lastCommand() == Words{"ufw", "insert", "3", "allow", "from", "fd00::/8"});
    insertUfwRule(0, 2, "allow from fd00::/8", "", host.system);
    CHECK(host.lastCommand() == Words{"ufw", "allow", "from", "fd00::/8"});
}

TEST_CASE("a failing ufw command is an error", "[apply][firewall]") {
    Host host;
    host.processes.answer = [](const system::Command&) {
        return system::ProcessResult{1, false, "", "ERROR: Invalid syntax\n"};
    };
    CHECK_THROWS_AS(addUfwRule("allow 22/tcp", "", host.system), Error);
    CHECK_THROWS_AS(deleteUfwRule("allow 22/tcp", host.system), Error);
}

TEST_CASE("when iptables is busy, adding a ufw rule is retried after a reload, and fails in the end",
          "[apply][firewall]") {
    Host host;
    int busy = 2;
    host.processes.answer = [&](const system::Command& command) {
        const bool fails = command.argv.at(1) != "reload" && busy-- > 0;
        return fails ? system::ProcessResult{1, false, "", "ERROR: problem running\n"}
                     : system::ProcessResult{0, false, "Skipping adding existing rule\n", ""};
    };
    addUfwRule("allow 22/tcp", "", host.system);
    CHECK(std::count(host.processes.commands.begin(), host.processes.commands.end(),
                     Words{"ufw", "reload"}) == 2);
    CHECK(host.lastCommand() == Words{"ufw", "allow", "22/tcp"});
    busy = 100;
    CHECK_THROWS_AS(addUfwRule("allow 22/tcp", "", host.system), Error);
}

TEST_CASE("firewall rules are read from ufw's files without running ufw", "[apply][firewall]") {
    Host host;
    CHECK_FALSE(observeUfw(host.system).enabled);
    host.write("/etc/ufw/ufw.conf", "ENABLED=yes\n");
    host.write("/etc/default/ufw", "DEFAULT_INPUT_POLICY=\"DROP\"\n");
    host.write("/etc/ufw/user.rules", kOpenSsh);
    host.write("/etc/ufw/user6.rules", "### tuple ### allow tcp 22 ::/0 any ::/0 in\n");
    host.files.mutations.clear();
    const auto firewall = observeUfw(host.system);
    CHECK(firewall.problem.empty());
    CHECK(firewall.enabled);
    CHECK(firewall.fallback == Verdict::refused);
    REQUIRE(firewall.rules.size() == 2);
    CHECK(firewall.rules[0].v4);
    CHECK(firewall.rules[1].v6);
    CHECK(host.processes.commands.empty());
    CHECK(host.files.mutations.empty());
}

}  // namespace
}  // namespace vigie::apply
