// Where hosts are dialled: endpoints that are wrong, that change, and names that come to mean something else.

#include "tests/property/world.hpp"
#include "tests/support/catch.hpp"

#include <iostream>

namespace vigie::tests {
namespace {

using rc::gen::arbitrary;
using rc::gen::element;

constexpr const char* kNobody = "203.0.113.99";

Habits punctual() {
    Habits out;
    out.interval = inRange(5, 60);
    out.phase = inRange(0, 60);
    out.guarded = *arbitrary<bool>();
    return out;
}

/// What the routers of those behind NAT let in by themselves: nothing, what was sent to a moment ago, or
/// whatever was ever sent to.
std::int64_t anyNat() {
    return *element<std::int64_t>(0, 45, Internet::kForEver);
}

bool forgot(const World& world) {
    return world.internet.natRemembers != Internet::kForEver;
}

/// Runs until `agent` has given up its change `times` times; a reason, should it be applied or take too long.
std::string givesUp(World& world, const Agent& agent, const std::string& wrong, int times) {
    for (int i = 0; i < kTwoHours && agent.expired < times; ++i) {
        world.tick();
        if (agent.store.lastAppliedRevision() == wrong) {
            return "an endpoint at which nobody is was confirmed";
        }
    }
    return agent.expired < times ? "it is never taken back" : std::string();
}

/// Runs until packets pass between both.
std::string meets(World& world, int within) {
    for (int i = 0; i < within; ++i) {
        world.tick();
        if (world.internet.traffic(world.agent("vps").host, world.agent("vm").host)) {
            return {};
        }
    }
    return "no packets pass between vps and vm";
}

/// An endpoint of `host` at which nobody is, dialled by `dialler`: taken back, told, and mended by a push.
void nobodyThere(const std::string& host, const std::string& dialler, const std::string& endpoint) {
    World world(bare(2, "5m"), *rc::gen::noShrink(arbitrary<std::uint32_t>()));
    world.internet.retryEvery = *element(1, 5);
    world.internet.natRemembers = anyNat();
    RC_LOG() << "routers remember for " << world.internet.natRemembers << " s\n";
    world.add("vps", punctual());
    world.add("vm", punctual());
    const auto right = world.newest();
    auto document = right;
    hostIn(document, host).endpoint = endpoint;
    world.publish(document, kSettled);
    world.run(kSettled);
    const auto& agent = world.agent(dialler);
    auto why = givesUp(world, agent, world.repository.newest(), 2);
    const auto told = agent.store.history(1);
    const bool roamed =
        !told.empty() && told.front().message.find("and not at its new endpoint") != std::string::npos;
    if (why.empty() && (told.empty() || told.front().result != state::AttemptResult::waitingForPeer)) {
        why = "history does not tell that the peer was waited for";
    }
    if (why.empty() && !forgot(world) && host == "vps" && !roamed) {
        why = "history does not tell where the peer was heard of: " + told.front().message;
    }
    why = why.empty() ? meets(world, 120) : why;  // by the old endpoint
    if (why.empty()) {
        world.publish(right, world.internet.seconds);
        why = world.settle();
    }
    if (!why.empty()) {
        RC_LOG() << world.story() << "\n";
        RC_FAIL(why);
    }
}

TEST_CASE("a new endpoint with no host behind it is rolled back, even if the peer calls through an open NAT",
          "[property][hosts][endpoint]") {
    holds([&] { nobodyThere("vps", "vm", kNobody); }, 30);
}

TEST_CASE("a new endpoint behind a NAT without port forwarding is rolled back by the host that dials it",
          "[property][hosts][endpoint]") {
    holds([&] { nobodyThere("vm", "vps", "198.51.100.2"); }, 30);
}

TEST_CASE("a new endpoint is confirmed only once the peer has moved to it", "[property][hosts][endpoint]") {
    holds(
        [&] {
            World world(bare(2, "10m"), *rc::gen::noShrink(arbitrary<std::uint32_t>()));
            world.internet.retryEvery = *element(1, 5);
            world.internet.natRemembers = anyNat();
            auto& vps = world.add("vps", punctual());
            auto& vm = world.add("vm", punctual());
            auto document = world.newest();
            hostIn(document, "vps").endpoint = "203.0.113.20";
            world.publish(document, kSettled);
            const int later = inRange(60, 500);
            world.run(kSettled + later);
            if (vm.store.lastAppliedRevision() == world.repository.newest()) {
                RC_LOG() << world.story() << "\n";
                RC_FAIL("it was confirmed before anybody was there");
            }
            world.internet.move(vps.host, "203.0.113.20");
            std::int64_t waited = 0;
            while (!vm.at(world.repository.newest()) && ++waited < 600) {
                world.tick();
            }
            const auto why = world.settle();
            // The window is still open: the next look after the move at which the peer is dialled is enough.
            const int enough = 2 * vm.habits.interval + 60;
            if (!why.empty() || (vm.expired == 0 && waited > enough)) {
                RC_LOG() << world.story() << "\n";
                RC_FAIL(why.empty() ? "it took " + std::to_string(waited) + " s" : why);
            }
        },
        50);
}

/// The vps as a name; where it moves, the name follows.
struct Named {
    World world;
    Agent& vps;
    Agent& vm;

    explicit Named(const std::function<Habits()>& habits)
        : world(document(), *rc::gen::noShrink(arbitrary<std::uint32_t>())),
          vps(world.add("vps", habits())),
          vm(world.add("vm", habits())) {
        world.internet.retryEvery = *element(1, 5);
        world.internet.natRemembers = anyNat();
        point("203.0.113.10");
    }
    static ModelStack document() {
        auto out = bare(2, "10m");
        hostIn(out, "vps").endpoint = "vps.example.org";
        return out;
    }
    void point(const std::string& address) {
        for (auto* each : {&vps, &vm}) {
            each->host.names.addresses["vps.example.org"] = {address};
        }
    }
    [[nodiscard]] bool passes() const { return world.internet.traffic(vps.host, vm.host); }
};

TEST_CASE("the tunnel reaches a peer again within four minutes after its DNS name changes to another address",
          "[property][hosts][endpoint]") {
    std::int64_t longest = 0;
    holds(
        [&] {
            Named named(punctual);
            auto& world = named.world;
            world.run(kSettled + inRange(0, 200));
            if (!named.passes()) {
                RC_FAIL("it never worked");
            }
            world.internet.move(named.vps.host, "203.0.113.20");
            named.point("203.0.113.20");
            std::int64_t silent = 0;
            while (!named.passes() && ++silent <= 600) {
                world.tick();
            }
            longest = std::max(longest, silent);
            const auto told = named.vm.store.history(1);
            if (silent > 250 || named.vm.expired != 0 || !named.vm.at("r0") ||
                (silent > 0 && told.front().result != state::AttemptResult::repaired)) {
                RC_LOG() << world.story() << "\n";
                RC_FAIL("no packets for " + std::to_string(silent) + " s");
            }
            const auto before = named.vm.host.mutations();
            world.run(900);
            if (named.vm.host.mutations() != before) {
                RC_FAIL("it is set again although nothing changed");
            }
        },
        50);
    std::cout << "a name that changed was followed after at most " << longest << " s\n";
}

TEST_CASE("an unanswering DNS resolver leaves the tunnel unchanged and is queried again later",
          "[property][hosts][endpoint]") {
    holds(
        [&] {
            Named named(punctual);
            auto& world = named.world;
            world.run(kSettled);
            named.vm.host.names.silent = true;
            const auto before = named.vm.host.mutations();
            world.run(400);
            if (!named.passes() || named.vm.host.mutations() != before) {
                RC_FAIL("a tunnel that works was touched");
            }
            world.internet.move(named.vps.host, "203.0.113.20");
            named.point("203.0.113.20");
            world.run(400);
            if (named.vm.store.journal() || named.vm.host.mutations() != before) {
                RC_FAIL("something was set that nobody knew");
            }
            named.vm.host.names.silent = false;
            if (const auto why = meets(world, 120); !why.empty()) {
                RC_LOG() << world.story() << "\n";
                RC_FAIL(why);
            }
        },
        30);
}

TEST_CASE("a WireGuard key replaced by hand in its file, or in the interface too, is repaired",
          "[property][hosts][endpoint]") {
    holds(
        [&] {
            World world(bare(2, "10m"), *rc::gen::noShrink(arbitrary<std::uint32_t>()));
            world.internet.natRemembers = anyNat();
            auto& vps = world.add("vps", punctual());
            auto& vm = world.add("vm", punctual());
            world.run(kSettled);
            Agent& victim = **element(&vps, &vm);
            const auto wrong = secrets::generateWireguardKey();
            victim.host.files.put("/etc/wireguard/wg0.key", std::string(view(wrong.privateKey)) + "\n", 0600);
            if (*arbitrary<bool>()) {  // with `wg set`, too
                auto& live = victim.host.tunnel.interfaces.at("wg0");
                live.privateKey = std::string(view(wrong.privateKey));
                live.publicKey = wrong.publicKey;
                for (auto& peer : live.peers) {
                    peer.session = false;
                }
                ++victim.host.tunnel.version;
            }
            world.run(120);
            if (!world.unsettled().empty() || victim.log.back().find("publicKey") != std::string::npos) {
                RC_LOG() << world.story() << "\n";
                RC_FAIL(world.unsettled());
            }
        },
        20);
}

}  // namespace
}  // namespace vigie::tests
