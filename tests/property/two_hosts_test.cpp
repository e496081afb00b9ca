// Changes that several hosts must make together, over every order in which they may pull.

#include "tests/property/world.hpp"
#include "tests/support/catch.hpp"

#include <array>

namespace vigie::tests {
namespace {

using rc::gen::arbitrary;
using rc::gen::element;

enum class Change : std::uint8_t {
    rotate,
    abrupt,
    abruptInPlace,
    port,
    endpoint,
    address,
    third,
    keepalive,
    containers,
};
constexpr int kKinds = 9;
constexpr std::array<const char*, kKinds> kChanges = {
    "rotates its key", "has another key", "has another key in place",
    "another port",    "the vps moves",   "VPN address",
    "a third host",    "keepalive",       "other containers, too"};

/// The document changes at second `at`; `who` is the host that it is about.
void change(World& world, Change what, const std::string& who, std::int64_t at, std::int64_t gap) {
    auto document = world.newest();
    auto& host = hostIn(document, who);
    auto* machine = &world.agent(who).host;
    const auto key = secrets::generateWireguardKey();
    const std::string text = std::string(view(key.privateKey)) + "\n";
    switch (what) {
        case Change::rotate:
            world.later(at,
                        [machine, text] { machine->files.put("/etc/wireguard/wg0.next.key", text, 0600); });
            host.nextPublicKey = key.publicKey;
            world.publish(document, at);
            host.nextPublicKey.clear();
            host.publicKey = key.publicKey;
            world.publish(document, at + gap);
            world.afterwards.emplace_back([machine, text] {
                machine->files.put("/etc/wireguard/wg0.key", text, 0600);
                machine->files.entries.erase("/etc/wireguard/wg0.next.key");
            });
            return;
        case Change::abrupt:
            world.later(at,
                        [machine, text] { machine->files.put("/etc/wireguard/wg0.next.key", text, 0600); });
            host.publicKey = key.publicKey;
            break;
        case Change::abruptInPlace:
            world.later(at, [machine, text] {
                machine->files.put("/etc/wireguard/wg0.key", text, 0600);
                machine->files.entries.erase("/etc/wireguard/wg0.next.key");
            });
            host.publicKey = key.publicKey;
            break;
        case Change::port:
            document.stack.wireguard.listenPort += 1;
            break;
        case Change::endpoint: {
            const std::string address = "203.0.113." + std::to_string(20 + world.repository.revisions.size());
            hostIn(document, "vps").endpoint = address;
            auto* vps = &world.agent("vps").host;
            auto* internet = &world.internet;
            world.moved = std::max(world.moved + 1, at + gap - 300);
            world.later(world.moved, [internet, vps, address] { internet->move(*vps, address); });
            break;
        }
        case Change::address:
            host.vpnAddress = "10.66.66." + std::to_string(50 + world.repository.revisions.size());
            break;
        case Change::third:
            if (document.stack.host("laptop") == nullptr) {
                spec::Host laptop;
                laptop.name = "laptop";
                laptop.vpnAddress = "10.66.66.3";
                laptop.publicKey = document.keys["laptop"].publicKey;
                laptop.sealingKey = document.identities["laptop"].publicKey;
                document.stack.hosts.push_back(laptop);
            }
            break;
        case Change::keepalive:
            document.stack.wireguard.persistentKeepalive = 24;
            break;
        case Change::containers:
            if (document.stack.prometheus) {
                document.stack.prometheus->retention =
                    std::to_string(world.repository.revisions.size()) + "d";
                document.stack.alertmanager->route.groupWait = "3s";
            }
            break;
    }
    world.publish(document, at);
}

Habits habits() {
    Habits out;
    out.interval = inRange(30, 91);
    out.phase = inRange(0, 90);
    out.lag = *arbitrary<bool>() ? inRange(0, 900) : 0;
    out.mayBeKilled = *element(0, 0, 10, 30);
    out.guarded = *arbitrary<bool>();
    if (inRange(0, 4) == 0) {
        out.awayFrom = inRange(0, 1800);
        out.awayUntil = out.awayFrom + inRange(0, 3600);
    }
    return out;
}

TEST_CASE("hosts that pull random changes at random times end with a working tunnel", "[property][hosts]") {
    std::size_t expired = 0;
    std::size_t worlds = 0;
    holds(
        [&] {
            const auto window = *element<std::string>("5m", "10m");
            const int hosts = inRange(2, 4);
            const bool containers = inRange(0, 5) == 0;
            World world(containers ? full(window) : bare(hosts, window),
                        *rc::gen::noShrink(arbitrary<std::uint32_t>()));
            world.internet.retryEvery = *element(1, 5, 25);
            world.internet.natRemembers = *element<std::int64_t>(0, 45, Internet::kForEver);
            RC_LOG() << "routers remember for " << world.internet.natRemembers << " s\n";
            world.add("vps", habits());
            world.add("vm", habits());
            if (hosts == 3 && !containers) {
                world.add("laptop", habits());
            }
            std::int64_t at = kSettled;
            const int changes = inRange(1, 4);
            for (int i = 0; i < changes; ++i) {
                const auto what = static_cast<Change>(inRange(0, kKinds));
                const std::string who = *element<std::string>("vps", "vm");
                RC_LOG() << at << " s: " << kChanges.at(static_cast<std::size_t>(what)) << " (" << who
                         << ")\n";
                if (what == Change::third && !world.has("laptop")) {
                    auto late = habits();
                    late.phase = static_cast<int>(at) + inRange(0, 1200);
                    world.add("laptop", late);
                }
                change(world, what, who, at, inRange(0, 900));
                at = std::max(at, world.repository.revisions.back().at) + inRange(0, 1200);
            }
            auto why = world.settle();
            for (const auto& what : world.afterwards) {
                what();
            }
            if (why.empty() && !world.afterwards.empty()) {
                world.run(kSettled);
                why = world.unsettled();
            }
            for (const auto& each : {"vps", "vm"}) {
                expired += static_cast<std::size_t>(world.agent(each).expired);
            }
            ++worlds;
            if (!why.empty()) {
                RC_LOG() << world.story() << "\n";
                RC_FAIL(why);
            }
        },
        200);
    std::cout << worlds << " worlds came to rest; changes were taken back and tried again " << expired
              << " times\n";
}

TEST_CASE("an announced tunnel key is changed with at most one reconcile interval of interruption",
          "[property][hosts]") {
    std::int64_t longest = 0;
    holds(
        [&] {
            World world(bare(2, "10m"), *rc::gen::noShrink(arbitrary<std::uint32_t>()));
            for (const std::string name : {"vps", "vm"}) {
                Habits punctual;
                punctual.interval = inRange(30, 91);
                punctual.phase = inRange(0, 90);
                world.add(name, punctual);
            }
            world.internet.retryEvery = *element(1, 5);
            const std::string who = *element<std::string>("vps", "vm");
            const int gap = inRange(200, 600);  // the operator waits until every host has announced it
            change(world, Change::rotate, who, kSettled + inRange(0, 90), gap);
            Outage outage(world);
            world.onSecond = [&] { outage.look(); };
            world.run(kSettled + gap + 900);
            longest = std::max(longest, outage.longest);
            const int look = std::max(world.agent("vps").habits.interval, world.agent("vm").habits.interval);
            if (outage.longest > look + world.internet.retryEvery + 2 || !world.unsettled().empty()) {
                RC_LOG() << world.story() << "\n";
                RC_FAIL("no packets for " + std::to_string(outage.longest) + " s; " + world.unsettled());
            }
        },
        200);
    std::cout << "the longest pause of a key that was announced: " << longest << " s\n";
}

TEST_CASE("a 30 s tunnelWindow suffices when both hosts pull a change within seconds: no window expires",
          "[property][hosts]") {
    holds(
        [&] {
            World world(bare(2, "30s"), *rc::gen::noShrink(arbitrary<std::uint32_t>()));
            for (const std::string name : {"vps", "vm"}) {
                Habits quick;
                quick.interval = inRange(2, 6);
                world.add(name, quick);
            }
            world.internet.retryEvery = *element(1, 5);
            const auto what = *element(Change::abrupt, Change::port, Change::address, Change::endpoint);
            const std::string who = *element<std::string>("vps", "vm");
            RC_LOG() << kChanges.at(static_cast<std::size_t>(what)) << " (" << who << ")\n";
            change(world, what, who, kSettled, 300);
            constexpr int kEnough = 45;
            world.run(kSettled + kEnough);
            const int expired = world.agent("vps").expired + world.agent("vm").expired;
            if (expired != 0 || !world.unsettled().empty()) {
                RC_LOG() << world.story() << "\n";
                RC_FAIL(world.unsettled() + "; taken back " + std::to_string(expired) + " times");
            }
        },
        50);
}

TEST_CASE("a host whose peer never follows a change rolls back by itself, and the tunnel works again",
          "[property][hosts]") {
    std::size_t worlds = 0;
    holds(
        [&] {
            World world(bare(2, "5m"), *rc::gen::noShrink(arbitrary<std::uint32_t>()));
            auto& vps = world.add("vps", habits());
            auto& vm = world.add("vm", habits());
            world.internet.retryEvery = *element(1, 5);
            const auto what = *element(Change::abrupt, Change::abruptInPlace, Change::port, Change::rotate);
            const std::string who = *element<std::string>("vps", "vm");
            auto& lazy = *element(&vps, &vm) == &vps ? vps : vm;
            RC_LOG() << kChanges.at(static_cast<std::size_t>(what)) << " (" << who << "), " << lazy.name
                     << " never follows\n";
            for (auto* each : {&vps, &vm}) {
                each->habits.mayBeKilled = each->habits.lag = 0;
                each->habits.awayUntil = 0;
            }
            change(world, what, who, kSettled, 400);
            world.run(kSettled - 1);
            lazy.habits.pulls = false;
            // Whenever the other one is not trying, the tunnel works.
            constexpr std::int64_t kWindow = 300;
            Agent& other = &lazy == &vps ? vm : vps;
            std::int64_t trying = 0;
            std::int64_t broken = 0;
            std::int64_t worked = 0;
            const int patience = other.habits.interval + 10;
            for (int i = 0; i < 2'000; ++i) {
                const int expired = other.expired;
                world.tick();
                trying = other.open && other.expired == expired ? trying + 1 : 0;
                const bool works = world.internet.traffic(vps.host, vm.host);
                broken = works || other.open ? 0 : broken + 1;
                worked += works ? 1 : 0;
                if (trying > kWindow + patience || broken > world.internet.retryEvery + 20) {
                    RC_LOG() << world.story() << "\n";
                    RC_FAIL(trying > kWindow + patience ? "it tries for too long"
                                                        : "it does not try, and the tunnel does not work");
                }
            }
            ++worlds;
            if (worked == 0) {
                RC_FAIL("it never worked");
            }
        },
        100);
    std::cout << worlds << " hosts waited for a peer that never came\n";
}

}  // namespace
}  // namespace vigie::tests
