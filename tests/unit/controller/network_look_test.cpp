// Tests controller/network_look: what can be seen of a network that joins the hosts and is not vigie's own.

#include "controller/network_look.hpp"

#include "base/error.hpp"
#include "controller/conditions.hpp"
#include "system/memory_processes.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::controller {
namespace {

struct Lan {
    Lan() {
        for (const std::string name : {"a", "b", "c"}) {
            spec::Host host;
            host.name = name;
            host.address = "192.168.1." + std::to_string(stack.hosts.size() + 1);
            stack.hosts.push_back(host);
        }
        stack.network.interface = "tailscale0";
        processes.answer = [this](const system::Command& command) {
            CHECK(command.argv == std::vector<std::string>{"ip", "-json", "address"});
            return system::ProcessResult{.exitCode = 0, .out = said, .err = {}};
        };
    }
    std::string missing() { return missingAddress(stack, stack.hosts[0], processes); }

    static AskedHost answer(const std::string& host, const std::string& problem = {}) {
        AskedHost out;
        out.status.host = host;
        out.status.answered = problem.empty();
        out.status.problem = problem;
        return out;
    }

    std::string said = R"([{"ifname":"lo","addr_info":[{"local":"127.0.0.1"}]},)"
                       R"({"ifname":"tailscale0","addr_info":[{"local":"192.168.1.1"}]}])";
    spec::Stack stack;
    system::MemoryProcesses processes;
};

Condition conditionOf(const NetworkReport& report) {
    Findings findings;
    findings.health.network = report;
    const auto conditions = conditionsFor(findings, {}, 1);
    const auto* found = find(conditions, ConditionType::networkReady);
    REQUIRE(found != nullptr);
    return *found;
}

}  // namespace

TEST_CASE("an address is there when `ip` shows it on the interface of the document",
          "[controller][network]") {
    Lan lan;
    CHECK(lan.missing().empty());
    lan.said = R"([{"ifname":"eth0","addr_info":[{"local":"192.168.1.1"}]}])";
    CHECK(lan.missing() ==
          "this host has no address 192.168.1.1 on tailscale0; it is on eth0: is the network up?");
    lan.stack.network = {"", "192.168.1.0/24"};
    CHECK(lan.missing().empty());
    lan.said = "[]";
    CHECK(lan.missing() == "this host has no address 192.168.1.1: is the network up?");
    lan.said = "nonsense";
    CHECK_THROWS_AS(lan.missing(), Error);
}

TEST_CASE("IPv6 addresses are compared as addresses", "[controller][network]") {
    Lan lan;
    lan.stack.hosts[0].address = "FD66:0::1";
    lan.said = R"([{"ifname":"tailscale0","addr_info":[{"local":"fd66::1"}]}])";
    CHECK(lan.missing().empty());
}

TEST_CASE("the condition of a network claims no more than was seen", "[controller][network]") {
    NetworkReport report{.known = true, .address = "192.168.1.1"};
    CHECK(conditionOf(report).status == ConditionStatus::unknown);
    report.answered = "b at 192.168.1.2";
    CHECK(conditionOf(report).status == ConditionStatus::yes);
    CHECK(conditionOf(report).reason == Reason::peersAnswer);
    report.silent = "c does not answer: connection refused";
    CHECK(conditionOf(report).status == ConditionStatus::no);
    CHECK(conditionOf(report).reason == Reason::peersSilent);
    report.missing = "this host has no address";
    CHECK(conditionOf(report).reason == Reason::addressMissing);
    CHECK(find(conditionsFor({}, {}, 1), ConditionType::networkReady) == nullptr);
}

TEST_CASE("answers of other hosts are told with their addresses, silence with its reason",
          "[controller][network]") {
    Lan lan;
    NetworkReport report;
    noteAnswers(lan.stack, {Lan::answer("b"), Lan::answer("c", "connection refused"), Lan::answer("gone")},
                report);
    CHECK(report.answered == "b at 192.168.1.2");
    CHECK(report.silent == "c does not answer: connection refused");
}

}  // namespace vigie::controller
