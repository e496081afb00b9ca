// Look-ups in a document.
#include "spec/stack.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::spec {
namespace {

TEST_CASE("a host's own setting overrides that of the stack", "[spec]") {
    Stack stack = tests::moments();
    stack.driftPolicy = DriftPolicy::repair;
    stack.timeout = "90s";
    const auto& vm = *stack.host("vm");
    CHECK(stack.driftPolicyOn(vm) == DriftPolicy::repair);
    CHECK(stack.firewallProviderOn(vm) == FirewallProvider::ufw);
    CHECK(stack.timeoutOn(vm) == "90s");
    CHECK(stack.prunedOn(vm));
    CHECK(stack.suspendedBy(vm).empty());
    auto& host = stack.hosts[1];
    host.driftPolicy = DriftPolicy::report;
    host.firewallProvider = FirewallProvider::none;
    host.timeout = "5m";
    host.prune = false;
    host.suspend = true;
    CHECK(stack.driftPolicyOn(host) == DriftPolicy::report);
    CHECK(stack.firewallProviderOn(host) == FirewallProvider::none);
    CHECK(stack.timeoutOn(host) == "5m");
    CHECK_FALSE(stack.prunedOn(host));
    CHECK(stack.suspendedBy(host) == "`suspend: true` of host `vm`");
    CHECK(stack.suspendedBy(stack.hosts[0]).empty());
}

TEST_CASE("a host can be exempt from the suspension of the stack", "[spec]") {
    Stack stack = tests::moments();
    stack.suspend = true;
    stack.hosts[1].suspend = false;
    CHECK(stack.suspendedBy(stack.hosts[0]) == "`spec.suspend: true`");
    CHECK(stack.suspendedBy(stack.hosts[1]).empty());
}

TEST_CASE("Jaeger's major version follows from its image unless it is set", "[spec]") {
    const auto first = [](const char* image, const char* version = "") {
        Jaeger jaeger;
        jaeger.image = image;
        jaeger.version = version;
        return jaeger.first();
    };
    CHECK(first("jaegertracing/all-in-one:1.57"));
    CHECK(first("registry.example.org:5000/jaegertracing/all-in-one@sha256:00"));
    CHECK_FALSE(first("jaegertracing/jaeger:2.9.0"));
    CHECK_FALSE(first("registry.example.org:5000/jaeger"));
    CHECK(first("registry.example.org/tracing:1", "v1"));
    CHECK_FALSE(first("jaegertracing/all-in-one:1.57", "v2"));
}

}  // namespace
}  // namespace vigie::spec
