// Every single place at which an apply can be killed or can fail, on one realistic document.

#include "base/text.hpp"
#include "secrets/sealing.hpp"
#include "tests/property/holds.hpp"
#include "tests/property/subject.hpp"
#include "tests/support/catch.hpp"

#include <functional>
#include <iostream>
#include <vector>

namespace vigie::tests {
namespace {

/// examples/moments with room for a third host.
ModelStack moments() {
    auto out = exampleStack("moments");
    out.stack.wireguard.network = "10.66.66.0/29";
    out.stack.wireguard.persistentKeepalive = 0;
    return out;
}

/// Something of every kind of resource is other than in `moments`.
ModelStack changed(const ModelStack& document) {
    auto out = document;
    auto& stack = out.stack;
    stack.wireguard.listenPort = 51821;
    stack.wireguard.mtu = 1380;
    stack.wireguard.persistentKeepalive = 25;
    stack.hosts[0].vpnAddress = "10.66.66.4";
    spec::Host third{"laptop", "", "10.66.66.3", secrets::generateWireguardKey().publicKey, "", ""};
    stack.hosts.push_back(third);
    stack.applications[0].metrics->port = 8001;
    stack.applications[0].traces.reset();
    stack.jaeger.reset();
    stack.prometheus->retention = "30d";
    stack.prometheus->ruleFiles = {"rules/alerting-rules.yml", "more/other.yml"};
    out.files["rules/alerting-rules.yml"] = "groups: []\n";
    out.files["more/other.yml"] = "groups: []\n";
    stack.alertmanager->route.groupBy = {"alertname", "instance"};
    for (auto& secret : stack.secrets) {
        for (auto& [host, ciphertext] : secret.sealed) {
            ciphertext = secrets::seal("another password", {stack.name, secret.name, host},
                                       stack.host(host)->sealingKey);
        }
    }
    return out;
}

/// A host before something is applied to it.
struct Scenario {
    std::string what;
    Subject subject;
    std::optional<apply::DesiredState> applied;  ///< what it is now; nothing: never applied
    apply::DesiredState target;
    plan::Plan pending;
    std::map<std::string, std::string> before;

    Scenario(std::string what_, const Subject& from, std::optional<apply::DesiredState> is,
             const ModelStack& wanted)
        : what(std::move(what_)),
          subject(from),
          applied(std::move(is)),
          target(subject.target(wanted, "wanted")),
          pending(subject.plan(target)),
          before(subject.host.snapshot()) {}
};

/// For each host, one of them with systemd (both in a long run): the first install, and a change of
/// everything.
std::vector<std::unique_ptr<Scenario>> scenarios() {
    std::vector<std::unique_ptr<Scenario>> out;
    const auto old = moments();
    const auto wanted = changed(old);
    for (const std::string name : {"vps", "vm"}) {
        for (const auto init : {ModelHost::Init::none, ModelHost::Init::systemd}) {
            if (!longRun() && (name == "vps") != (init == ModelHost::Init::systemd)) {
                continue;
            }
            const std::string on = name + (init == ModelHost::Init::systemd ? " with systemd" : "");
            Subject subject(old, name, init);
            out.push_back(std::make_unique<Scenario>("first install of " + on, subject, std::nullopt, old));
            const auto is = subject.target(old, "old");
            subject.apply(is);
            REQUIRE(subject.unsettled(is) == "");
            out.push_back(std::make_unique<Scenario>("change of " + on, subject, is, wanted));
        }
    }
    return out;
}

/// Stops after the first few mistakes: one cause makes many.
class Mistakes {
public:
    [[nodiscard]] bool enough() const { return count_ >= 2; }
    void check(const Scenario& scenario, const std::string& where, const std::string& problem,
               const Subject& subject) {
        if (!problem.empty()) {
            ++count_;
            FAIL_CHECK(scenario.what << ", " << where << ": " << problem << "\nwhat was done:\n  "
                                     << join(subject.host.fuse.mutations, "\n  "));
        }
    }

private:
    int count_ = 0;
};

/// Applies, and says why it did not go through; empty when it did.
std::string failure(Subject& subject, const apply::DesiredState& target) {
    try {
        static_cast<void>(subject.apply(target));
        return {};
    } catch (const Killed&) {
        return "killed";
    } catch (const Error& error) {
        return error.what();
    }
}

/// After whatever happened: all old, or all new when it was committed; and then it can be applied.
std::string outcome(Subject& subject, const Scenario& scenario) {
    if (!subject.committed(scenario.target)) {
        const auto problem = subject.notAsBefore(scenario.before, scenario.target, scenario.pending);
        if (!problem.empty()) {
            return problem;
        }
        const auto why = failure(subject, scenario.target);
        if (!why.empty()) {
            return "it cannot be applied any more: " + why;
        }
    }
    return subject.unsettled(scenario.target);
}

/// Tries `arm(fuse, n)` for n = 1, 2, … until the apply goes through untouched; returns how many were tried.
std::size_t everyPoint(const Scenario& scenario, Mistakes& mistakes, int step,
                       const std::function<void(Fuse&, int)>& arm) {
    std::size_t tried = 0;
    for (int n = 1; !mistakes.enough(); n += step) {
        Subject subject(scenario.subject);
        arm(subject.host.fuse, n);
        const bool through = failure(subject, scenario.target).empty();
        const bool dead = subject.host.fuse.dead();
        const bool burnt = dead || !through;
        subject.host.revive();
        if (!burnt) {
            mistakes.check(scenario, "untouched", subject.unsettled(scenario.target), subject);
            break;
        }
        ++tried;
        if (dead) {
            static_cast<void>(subject.recoverOpen());
        }
        mistakes.check(scenario, "point " + std::to_string(n), outcome(subject, scenario), subject);
    }
    return tried;
}

void tell(std::size_t points, const std::string& what) {
    std::cout << points << " " << what << "\n";
}

TEST_CASE("killed at any mutation, an apply leaves the host entirely old or entirely new", "[faults]") {
    std::size_t points = 0;
    Mistakes mistakes;
    for (const auto& scenario : scenarios()) {
        points += everyPoint(*scenario, mistakes, 1, [](Fuse& fuse, int n) { fuse.dieAt = n; });
        points += everyPoint(*scenario, mistakes, 1, [](Fuse& fuse, int n) { fuse.dieAfter = n; });
    }
    tell(points, "kill points tried, nothing lost");
    CHECK(points > 300);
}

TEST_CASE("killed at any operation, an apply leaves the host entirely old or entirely new", "[faults]") {
    constexpr int kEvery = 37;
    std::size_t points = 0;
    Mistakes mistakes;
    for (const auto& scenario : scenarios()) {
        points += everyPoint(*scenario, mistakes, longRun() ? 1 : kEvery,
                             [](Fuse& fuse, int n) { fuse.dieAtOperation = n; });
    }
    tell(points, "kill points between mutations tried, nothing lost");
    CHECK(points > 20);
}

TEST_CASE("when any mutation of an apply fails, the apply is rolled back at once", "[faults]") {
    std::size_t points = 0;
    Mistakes mistakes;
    for (const auto& scenario : scenarios()) {
        points += everyPoint(*scenario, mistakes, 1, [](Fuse& fuse, int n) { fuse.failAt = n; });
    }
    tell(points, "failing mutations tried, nothing lost");
    CHECK(points > 100);
}

TEST_CASE(
    "when files turn read-only during an apply, the rollback restores the rest once they are writable again",
    "[faults]") {
    std::size_t points = 0;
    Mistakes mistakes;
    for (const auto& scenario : scenarios()) {
        for (int n = 1; !mistakes.enough(); ++n) {
            Subject subject(scenario->subject);
            subject.host.fuse.readOnlyFrom = n;
            const bool through = failure(subject, scenario->target).empty();
            if (through) {
                break;
            }
            ++points;
            const std::string where = "read-only from " + std::to_string(n);
            // Before anything below was made, nothing there needs to be put back.
            const bool open = subject.store.journal().has_value();
            mistakes.check(*scenario, where, n == 1 && open ? "a transaction is open over nothing" : "",
                           subject);
            subject.host.revive();
            static_cast<void>(subject.recoverOpen());
            mistakes.check(*scenario, where, outcome(subject, *scenario), subject);
        }
    }
    tell(points, "points at which files turned read-only tried, nothing lost");
    CHECK(points > 20);
}

TEST_CASE("when any tool hangs during an apply, the apply is rolled back at once", "[faults]") {
    std::size_t points = 0;
    Mistakes mistakes;
    for (const auto& scenario : scenarios()) {
        points += everyPoint(*scenario, mistakes, 1, [](Fuse& fuse, int n) { fuse.hangAt = n; });
    }
    tell(points, "hanging tools tried, nothing lost");
    CHECK(points > 100);
}

/// Kills the apply at `n`, and does `arm(fuse, m)` to the rollback for m = 1, 2, …
std::size_t everyPointOfRollback(const Scenario& scenario, Mistakes& mistakes, int n,
                                 const std::function<void(Fuse&, int)>& arm) {
    const std::string reload = "POST http://";
    std::size_t tried = 0;
    for (int m = 1; !mistakes.enough(); ++m) {
        Subject subject(scenario.subject);
        subject.host.fuse.dieAt = n;
        static_cast<void>(failure(subject, scenario.target));
        subject.host.revive();
        arm(subject.host.fuse, m);
        bool burnt = false;
        try {
            static_cast<void>(subject.recoverOpen());
        } catch (const Killed&) {
            burnt = true;
        } catch (const Error&) {
            burnt = true;
        }
        subject.host.revive();
        if (burnt) {
            ++tried;
            static_cast<void>(subject.recoverOpen());
        }
        if (subject.host.fuse.burnt.compare(0, reload.size(), reload) == 0 && scenario.applied) {
            // A rollback does not insist on a program that does not answer: it is reloaded as drift.
            static_cast<void>(subject.apply(*scenario.applied));
        }
        mistakes.check(scenario, "killed at " + std::to_string(n) + ", rollback " + std::to_string(m),
                       outcome(subject, scenario), subject);
        if (!burnt) {
            break;
        }
    }
    return tried;
}

std::size_t mutationsOf(const Scenario& scenario) {
    Subject subject(scenario.subject);
    static_cast<void>(failure(subject, scenario.target));
    return subject.host.mutations();
}

TEST_CASE("a rollback that is killed or fails at any mutation is finished by the next start", "[faults]") {
    std::size_t points = 0;
    Mistakes mistakes;
    for (const auto& scenario : scenarios()) {
        const auto all = static_cast<int>(mutationsOf(*scenario));
        std::vector<int> at{all / 2, all * 3 / 4, all};
        if (longRun()) {
            at.clear();
            for (int n = 1; n <= all; ++n) {
                at.push_back(n);
            }
        }
        for (const int n : at) {
            points += everyPointOfRollback(*scenario, mistakes, n, [](Fuse& fuse, int m) { fuse.dieAt = m; });
            points +=
                everyPointOfRollback(*scenario, mistakes, n, [](Fuse& fuse, int m) { fuse.failAt = m; });
        }
    }
    tell(points, "kill and failure points of a rollback tried, nothing lost");
    CHECK(points > 100);
}

}  // namespace
}  // namespace vigie::tests
