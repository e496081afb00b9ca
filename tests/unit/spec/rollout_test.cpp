// Tests spec/rollout: The order in which hosts follow a revision.

#include "spec/rollout.hpp"

#include "tests/support/catch.hpp"

namespace vigie::spec {
namespace {

using Names = std::vector<std::string>;

Stack stackOf(const Names& hosts, const Names& rollout = {}) {
    Stack out;
    for (const auto& name : hosts) {
        Host host;
        host.name = name;
        out.hosts.push_back(host);
    }
    out.rollout = rollout;
    return out;
}

TEST_CASE("a host waits for its predecessor in the rollout and for its dependencies", "[spec]") {
    auto stack = stackOf({"a", "b", "c", "d"}, {"c", "a", "b"});
    stack.hosts[1].dependsOn = {"d", "a"};
    CHECK(waitsFor(stack, stack.hosts[2]).empty());
    CHECK(waitsFor(stack, stack.hosts[0]) == Names{"c"});
    CHECK(waitsFor(stack, stack.hosts[1]) == Names{"d", "a"});
    CHECK(waitsFor(stack, stack.hosts[3]).empty());
    CHECK(waitingCycle(stack).empty());
}

TEST_CASE("a cycle of hosts that wait for each other is found", "[spec]") {
    auto stack = stackOf({"a", "b", "c"}, {"a", "b", "c"});
    stack.hosts[0].dependsOn = {"c"};
    CHECK(waitingCycle(stack) == Names{"a", "c", "b", "a"});
    stack.rollout = {};
    CHECK(waitingCycle(stack).empty());
    stack.hosts[1].dependsOn = {"b"};
    CHECK(waitingCycle(stack) == Names{"b", "b"});
}

TEST_CASE("an unknown name in the rollout is waited for and forms no cycle", "[spec]") {
    auto stack = stackOf({"a"}, {"nobody", "a", "nobody"});
    CHECK(waitsFor(stack, stack.hosts[0]) == Names{"nobody"});
    CHECK(waitingCycle(stack).empty());
}

}  // namespace
}  // namespace vigie::spec
