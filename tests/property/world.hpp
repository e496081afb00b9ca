// Hosts with their agents, the internet between them, and a repository: one world that a test runs by the
// second.
#pragma once

#include "base/text.hpp"
#include "tests/property/agent.hpp"
#include "tests/property/holds.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace vigie::tests {

/// Out of the whole range, also in the first cases.
inline int inRange(int from, int to) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(from, to));
}

constexpr std::int64_t kSettled = 300;     ///< seconds until the first change
constexpr std::int64_t kTwoHours = 7'200;  ///< in which everything must have come to rest

/// Two hosts, or three; nothing but the tunnel and its firewall rules.
inline ModelStack bare(int hosts, const std::string& window) {
    ModelStack out;
    out.stack.name = "bare";
    out.stack.wireguard = {"wg0", "10.66.66.0/24", 51820, 25, 0, window};
    out.stack.firewallProvider = spec::FirewallProvider::ufw;
    out.stack.prune = true;
    out.stack.driftPolicy = spec::DriftPolicy::repair;
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
inline ModelStack full(const std::string& window) {
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

inline spec::Host& hostIn(ModelStack& document, const std::string& name) {
    for (auto& each : document.stack.hosts) {
        if (each.name == name) {
            return each;
        }
    }
    throw std::logic_error("no host " + name);
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

}  // namespace vigie::tests
