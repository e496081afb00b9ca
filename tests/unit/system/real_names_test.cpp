// Tests system/real_names: Names of hosts through `getent`, a process that can be killed.

#include "system/real_names.hpp"

#include "base/error.hpp"
#include "system/memory_processes.hpp"
#include "system/real_processes.hpp"
#include "system/stop.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::system {
namespace {

using Texts = std::vector<std::string>;

ResolvedName answered(ProcessResult result) {
    MemoryProcesses processes;
    processes.answer = [&](const Command&) { return result; };
    auto out = RealNames(processes).resolve("vps.example.org");
    CHECK(processes.commands ==
          std::vector<Texts>{{"getent", "--no-addrconfig", "ahosts", "vps.example.org"}});
    CHECK(out.addresses.empty() != out.problem.empty());
    return out;
}

TEST_CASE("each address of a DNS name is listed once, in the resolver's order", "[system][names]") {
    const auto name =
        answered({0,
                  false,
                  "2001:db8::5     STREAM vps.example.org\n2001:db8::5     DGRAM  \n"
                  "203.0.113.5     STREAM \nfe80::1%eth0     STREAM \n203.0.113.5     RAW    \n",
                  {}});
    CHECK(name.addresses == Texts{"2001:db8::5", "203.0.113.5"});
}

TEST_CASE("a DNS name without an address is distinguished from a resolver that does not answer",
          "[system][names]") {
    CHECK(tests::contains(answered({2, false, {}, {}}).problem, "has no address"));
    CHECK(tests::contains(answered({-1, true, {}, {}}).problem, "did not answer within 8 s"));
}

TEST_CASE("a DNS query that cannot be made is a problem in its result", "[system][names]") {
    MemoryProcesses processes;
    processes.answer = [](const Command&) -> ProcessResult { throw Error("getent is missing"); };
    CHECK(RealNames(processes).resolve("vps.example.org").problem == "getent is missing");
    processes.commands.clear();
    CHECK_FALSE(RealNames(processes).resolve("--help").problem.empty());
    CHECK(processes.commands.empty());
    processes.answer = [](const Command&) -> ProcessResult { throw Interrupted{}; };
    CHECK_THROWS_AS(RealNames(processes).resolve("vps.example.org"), Interrupted);
}

TEST_CASE("the machine's resolver resolves localhost", "[system][names]") {
    const Stop stop;
    RealProcesses processes(stop);
    const auto name = RealNames(processes).resolve("localhost");
    CHECK(std::count(name.addresses.begin(), name.addresses.end(), "127.0.0.1") == 1);
    CHECK_FALSE(RealNames(processes).resolve("no-such-name.invalid").problem.empty());
}

}  // namespace
}  // namespace vigie::system
