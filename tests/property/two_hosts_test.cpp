// Changes that several hosts must make together, over every order in which they may pull.

#include "base/text.hpp"
#include "tests/property/agent.hpp"
#include "tests/property/holds.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <memory>

namespace vigie::tests {
namespace {

using rc::gen::arbitrary;
using rc::gen::element;

/// Out of the whole range, also in the first cases.
int inRange(int from, int to) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(from, to));
}

constexpr std::int64_t kSettled = 300;     ///< seconds until the first change
constexpr std::int64_t kTwoHours = 7'200;  ///< in which everything must have come to rest

/// Two hosts, or three; nothing but the tunnel and its firewall rules.
ModelStack bare(int hosts, const std::string& window) {
    ModelStack out;
    out.stack.name = "bare";
    out.stack.wireguard = {"wg0", "10.66.66.0/24", 51820, 25, 0, window};
    out.stack.firewallProvider = "ufw";
    out.stack.prune = true;
    out.stack.driftPolicy = "repair";
    const std::vector<std::string> names{"vps", "vm", "laptop"};
    for (int i = 0; i < 3; ++i) {
        const auto& name = names[static_cast<std::size_t>(i)];
        out.identities[name] = secrets::generateIdentity();
        out.keys[name] = secrets::generateWireguardKey();
        if (i < hosts) {
            spec::Host host;
            host.name = name;
            host.endpoint = i == 0 ? "203.0.113.10" : "";
            host.vpnAddress = "10.66.66." + std::to_string(i + 1);
            host.publicKey = out.keys[name].publicKey;
            host.sealingKey = out.identities[name].publicKey;
            out.stack.hosts.push_back(host);
        }
    }
    return out;
}

/// examples/moments with room for a third host: containers that are watched for a while, programs that
/// reload.
ModelStack full(const std::string& window) {
    auto out = exampleStack("moments");
    out.stack.wireguard.network = "10.66.66.0/24";
    out.stack.wireguard.tunnelWindow = window;
    out.identities["laptop"] = secrets::generateIdentity();
    out.keys["laptop"] = secrets::generateWireguardKey();
    return out;
}

/// Hosts, the internet between them, and a repository.
class World {
public:
    World(const ModelStack& document, std::uint32_t seed) : random_(seed) { publish(document, 0); }

    Agent& add(const std::string& name, const Habits& habits) {
        agents_.push_back(std::make_unique<Agent>(newest(), name, habits, random_()));
        auto& agent = *agents_.back();
        const bool nat = newest().stack.host(name) == nullptr || newest().stack.host(name)->endpoint.empty();
        agent.host.clock.onSleep = [this](std::chrono::milliseconds time) {
            for (auto left = time.count(); left > 0; left -= ModelClock::kMilliseconds) {
                second();
            }
        };
        agent.host.clock.milliseconds +=
            internet.seconds * 1000 + static_cast<std::int64_t>(random_() % 100'000);
        internet.join(agent.host, nat ? "198.51.100." + std::to_string(agents_.size()) : "203.0.113.10",
                      nat ? Internet::Reached::behindNat : Internet::Reached::directly);
        return agent;
    }
    [[nodiscard]] Agent& agent(const std::string& name) const {
        for (const auto& each : agents_) {
            if (each->name == name) {
                return *each;
            }
        }
        throw std::logic_error("no agent " + name);
    }
    [[nodiscard]] bool has(const std::string& name) const {
        return std::any_of(agents_.begin(), agents_.end(),
                           [&](const auto& each) { return each->name == name; });
    }

    void publish(const ModelStack& document, std::int64_t at) {
        repository.revisions.push_back({document, at});
    }
    [[nodiscard]] const ModelStack& newest() const { return repository.revisions.back().document; }
    /// Does something at that second.
    void later(std::int64_t at, std::function<void()> what) { events_.emplace_back(at, std::move(what)); }

    /// One second passes, in which nobody looks: somebody may be waiting in the middle of an apply.
    void second() {
        internet.tick();
        if (onSecond) {
            onSecond();
        }
        for (auto& [at, what] : events_) {
            if (at <= internet.seconds && what) {
                what();
                what = nullptr;
            }
        }
    }
    void tick() {
        second();
        for (const auto& each : agents_) {
            each->tick(repository, internet.seconds);
        }
    }
    void run(std::int64_t seconds) {
        for (std::int64_t i = 0; i < seconds; ++i) {
            tick();
        }
    }

    /// Every host is at the newest revision, and whoever are peers reach each other.
    [[nodiscard]] std::string unsettled() const {
        for (const auto& each : agents_) {
            if (!each->at(repository.newest())) {
                return each->name + " is at " + each->store.lastAppliedRevision() +
                       (each->store.journal() ? ", with an open transaction" : "");
            }
            if (!each->host.processes.unknown.empty()) {
                return "the model does not know: " + each->host.processes.unknown.front();
            }
        }
        for (const auto& each : agents_) {
            if (each->name != "vps" && !internet.traffic(agent("vps").host, each->host)) {
                return "no packets pass between vps and " + each->name;
            }
        }
        return {};
    }
    /// Runs until everything has been at rest for a while; returns what is not, two hours after the last
    /// change.
    std::string settle() {
        constexpr int kWhile = 200;
        std::string why = "it never began";
        int quiet = 0;
        auto last = std::max(repository.revisions.back().at, lastEvent());
        for (const auto& each : agents_) {
            last = std::max(last, each->habits.awayUntil);
        }
        while (internet.seconds < last + kTwoHours) {
            tick();
            if (internet.seconds < last) {
                continue;
            }
            why = unsettled();
            quiet = why.empty() ? quiet + 1 : 0;
            if (quiet >= kWhile) {
                return {};
            }
        }
        return why.empty() ? "it does not stay at rest" : why;
    }
    [[nodiscard]] std::string story() const {
        std::vector<std::string> lines;
        for (const auto& each : agents_) {
            lines.insert(lines.end(), each->log.begin(), each->log.end());
        }
        std::stable_sort(lines.begin(), lines.end(), [](const std::string& a, const std::string& b) {
            return std::stol(a) < std::stol(b);
        });
        return join(lines, "\n");
    }

    Internet internet;
    Repository repository;
    std::int64_t moved = 0;  ///< when the vps moves for the last time
    std::function<void()> onSecond;
    /// What the operators do when everything is at rest: `vigie keys rotate --finish`.
    std::vector<std::function<void()>> afterwards;

private:
    [[nodiscard]] std::int64_t lastEvent() const {
        std::int64_t out = 0;
        for (const auto& [at, what] : events_) {
            out = std::max(out, at);
        }
        return out;
    }

    std::minstd_rand random_;
    std::vector<std::unique_ptr<Agent>> agents_;
    std::vector<std::pair<std::int64_t, std::function<void()>>> events_;
};

spec::Host& hostIn(ModelStack& document, const std::string& name) {
    for (auto& each : document.stack.hosts) {
        if (each.name == name) {
            return each;
        }
    }
    throw std::logic_error("no host " + name);
}

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

TEST_CASE("whatever changes and whoever pulls when, the hosts meet again", "[property][hosts]") {
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

/// The longest time in seconds in which no packets passed between two hosts, once they had passed.
class Outage {
public:
    explicit Outage(const World& world) : world_(world) {}
    void look() {
        const bool up = world_.internet.traffic(world_.agent("vps").host, world_.agent("vm").host);
        began_ = began_ || up;
        now_ = up || !began_ ? 0 : now_ + 1;
        longest = std::max(longest, now_);
    }
    std::int64_t longest = 0;

private:
    const World& world_;
    bool began_ = false;
    std::int64_t now_ = 0;
};

TEST_CASE("a key that is announced is changed with no more than one look's pause", "[property][hosts]") {
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

TEST_CASE("where both follow at once a short window is enough: nobody waits for a session to end",
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

TEST_CASE("a host whose peer never follows goes back by itself, and the tunnel works again",
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
