// Tests render/gate: What a host becomes that has to wait for another one.

#include "render/gate.hpp"

#include "render/host.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>
#include <set>

namespace vigie::render {
namespace {

std::vector<Resource> rendered(const spec::Stack& stack, const char* host) {
    return renderHost(stack, *stack.host(host), {});
}

const Resource* find(const std::vector<Resource>& resources, const std::string& id) {
    const auto it =
        std::find_if(resources.begin(), resources.end(), [&](const auto& each) { return each.id == id; });
    return it == resources.end() ? nullptr : &*it;
}

TEST_CASE("a host that waits for another gets the new tunnel and keeps the rest of its old resources",
          "[render]") {
    const auto before = tests::moments();
    auto after = before;
    after.wireguard.mtu = 1400;
    after.prometheus->scrapeInterval = "42s";
    after.jaeger.reset();
    const auto old = rendered(before, "vm");
    const auto next = rendered(after, "vm");
    const auto gated = onlyTheTunnel(next, old);

    const auto same = [&](const std::vector<Resource>& as, const std::string& id) {
        REQUIRE(find(gated, id) != nullptr);
        REQUIRE(find(as, id) != nullptr);
        return digestOf(*find(gated, id)) == digestOf(*find(as, id));
    };
    CHECK(same(next, "wireguard:wg0"));
    CHECK(same(next, "file:/etc/wireguard/wg0.conf"));
    CHECK(same(old, "file:/opt/monitoring/prometheus/prometheus.yml"));
    CHECK(same(old, "compose:monitoring/jaeger"));
    CHECK(same(old, "reload:prometheus"));
    std::set<std::string> made;
    for (const auto& resource : gated) {
        for (const auto& id : resource.dependsOn) {
            CAPTURE(resource.id, id);
            CHECK(made.count(id) != 0);
        }
        CHECK(made.insert(resource.id).second);
    }
    for (const auto& resource : old) {
        if (std::holds_alternative<FirewallRule>(resource.what)) {
            CHECK(made.count(resource.id) != 0);
        }
    }
}

TEST_CASE("a host that waits at the applied revision keeps all its resources", "[render]") {
    for (const char* host : {"vps", "vm"}) {
        auto old = rendered(tests::moments(), host);
        auto gated = onlyTheTunnel(old, old);
        const auto byId = [](const Resource& a, const Resource& b) { return a.id < b.id; };
        std::sort(old.begin(), old.end(), byId);
        std::sort(gated.begin(), gated.end(), byId);
        CHECK(digestOf(gated) == digestOf(old));
    }
}

TEST_CASE("a new host that waits for another gets only its tunnel", "[render]") {
    const auto gated = onlyTheTunnel(rendered(tests::moments(), "vm"), {});
    CHECK(find(gated, "wireguard:wg0") != nullptr);
    CHECK(find(gated, "reload:prometheus") == nullptr);
}

TEST_CASE("a host that waits keeps its tunnel where the next document has another network", "[render]") {
    auto after = tests::moments();
    after.wireguard = {};
    after.network.interface = "tailscale0";
    for (auto& host : after.hosts) {
        host.address = host.name == "vps" ? "100.64.0.1" : "100.64.0.2";
    }
    const auto old = rendered(tests::moments(), "vm");
    const auto gated = onlyTheTunnel(rendered(after, "vm"), old);
    for (const auto& resource : old) {
        CAPTURE(resource.id);
        REQUIRE(find(gated, resource.id) != nullptr);
        CHECK(digestOf(*find(gated, resource.id)) == digestOf(resource));
    }
    CHECK(find(gated, "firewall:tailscale0/tcp/9090") == nullptr);  // nobody asks it over the network yet
}

}  // namespace
}  // namespace vigie::render
