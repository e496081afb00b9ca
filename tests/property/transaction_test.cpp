// Random stories of one host: documents, edits by hand, kills, failures.

#include "apply/transaction/recover.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "source/directory.hpp"
#include "tests/property/changes.hpp"
#include "tests/property/generators.hpp"
#include "tests/property/holds.hpp"
#include "tests/property/subject.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"

#include <filesystem>

namespace vigie::tests {
namespace {

using rc::gen::arbitrary;
using rc::gen::inRange;

ModelStack withKeys(const Generated& generated) {
    return {generated.stack, generated.files, generated.identities, generated.keys};
}

/// What vigie has nothing to do with: it is there before and must be there, as it is, whatever happens.
class Unmanaged {
public:
    explicit Unmanaged(ModelHost& machine) : machine_(machine) {
        file("/etc/wireguard/notes", "mine\n");
        file("/etc/hosts", "127.0.0.1 localhost\n");
        rule("deny from 203.0.113.7");
        rule("allow in on eth1 to any port 9090 proto tcp");
    }
    void file(const std::string& path, const std::string& text) {
        machine_.files.put(path, text, 0640, {7, 7});
        files_[path] = text;
    }
    void rule(const std::string& rule) {
        machine_.ufw.byHand(rule, "mine");
        rules_.push_back(rule);
    }
    void change() {
        if (*arbitrary<bool>()) {
            file("/etc/wireguard/notes", "mine " + std::to_string(*inRange(0, 1000)) + "\n");
        } else if (rules_.size() < 6) {
            rule("allow from 192.0.2." + std::to_string(rules_.size()) + " to any port 22 proto tcp");
        }
    }
    /// What is wrong; empty: nothing.
    [[nodiscard]] std::string problem() const {
        for (const auto& [path, text] : files_) {
            const auto it = machine_.files.entries.find(path);
            if (it == machine_.files.entries.end() || it->second.bytes != text ||
                it->second.info.mode != 0640 || it->second.info.owner.uid != 7) {
                return "a file of the user's was touched: " + path;
            }
        }
        const auto rules = plan::readUfwRules(machine_.files.text("/etc/ufw/user.rules").value_or(""), false);
        std::size_t next = 0;
        for (const auto& each : rules) {
            if (next < rules_.size() && sameRule(each, *plan::parseUfwRule(rules_[next])) &&
                each.comment == "mine") {
                ++next;
            }
        }
        return next == rules_.size() ? "" : "a rule of the user's is gone or was moved: " + rules_[next];
    }

private:
    ModelHost& machine_;
    std::map<std::string, std::string> files_;
    std::vector<std::string> rules_;
};

/// One host's life, step by step. Each step ends with the host as it should be, and checks that.
class Story {
public:
    Story(const ModelStack& document, const std::string& host, ModelHost::Init init)
        : document_(document), subject_(document, host, init), unmanaged_(subject_.host) {}

    void step() {
        using Step = void (Story::*)();
        static const std::vector<Step> kSteps = {&Story::push,   &Story::push,    &Story::killed,
                                                 &Story::killed, &Story::failing, &Story::refusedReload,
                                                 &Story::byHand, &Story::reboot};
        (this->**rc::gen::elementOf(kSteps))();
        must("the user's things", unmanaged_.problem());
    }

    /// The document is applied as it is.
    void settle() {
        const auto target = next();
        tell("apply");
        apply(target);
        must("after an apply", subject_.unsettled(target));
    }

private:
    void tell(const std::string& line) { RC_LOG() << line << "\n"; }

    void must(const std::string& when, const std::string& problem) {
        if (!problem.empty()) {
            RC_LOG() << join(subject_.host.fuse.mutations, "\n") << "\n";
            RC_FAIL(when + ": " + problem);
        }
    }

    apply::DesiredState next() {
        subject_.host.clock.milliseconds += 120'000;  // long enough for the user's containers to be at rest
        return subject_.target(document_, "r" + std::to_string(++revision_));
    }

    void apply(const apply::DesiredState& target) {
        subject_.host.fuse.mutations.clear();
        try {
            static_cast<void>(subject_.apply(target));
        } catch (const Error& error) {
            RC_LOG() << join(subject_.host.fuse.mutations, "\n") << "\n";
            RC_FAIL(std::string("it cannot be applied: ") + error.what());
        }
    }

    /// A container that is not what its files say any more, or whose address is gone, cannot come back as it
    /// ran: where that may be, the host has to recover, and no more.
    [[nodiscard]] bool exact() const { return document_.stack.prune && !inexact_; }

    void push() {
        document_ = edited(document_, subject_.name);
        if (*inRange(0, 3) == 0) {
            unmanaged_.change();
        }
        settle();
    }

    void byHand() {
        const auto what = managedEdit(subject_.host, subject_.store.inventory());
        tell("somebody " + what);
        if (*arbitrary<bool>()) {
            settle();
            return;
        }
        inexact_ = what.find("/opt/") != std::string::npos || what.find("tunnel") != std::string::npos;
        killed();
        inexact_ = false;
    }

    /// `arm` spoils the apply of another document; then the host is all old or all new.
    void spoiled(const std::string& what, const std::function<void(Fuse&)>& arm) {
        document_ = edited(document_, subject_.name);
        const auto target = next();
        const auto before = subject_.host.snapshot();
        const auto pending = subject_.plan(target);
        tell(what);
        subject_.host.fuse.mutations.clear();
        arm(subject_.host.fuse);
        try {
            static_cast<void>(subject_.apply(target));
        } catch (const Killed&) {
            tell("killed");
        } catch (const Error& error) {
            tell(std::string("failed: ") + error.what());
        }
        const bool dead = subject_.host.fuse.dead();
        subject_.host.revive();
        if (dead) {
            recover();
        }
        if (!subject_.committed(target)) {
            must("after " + what, exact() ? subject_.notAsBefore(before, target, pending) : "");
            apply(target);
        }
        must("after " + what, subject_.unsettled(target));
    }

    /// The next start; it may be killed as well.
    void recover() {
        if (*arbitrary<bool>()) {
            subject_.host.fuse.dieAt = *inRange(1, 40);
            try {
                static_cast<void>(subject_.recoverOpen());
            } catch (const Killed&) {
                tell("killed again");
            }
            subject_.host.revive();
        }
        try {
            static_cast<void>(subject_.recoverOpen());
        } catch (const Error& error) {
            must("the next start", error.what());
        }
    }

    void killed() {
        const int n = *inRange(1, 80);
        spoiled("killed at " + std::to_string(n),
                [&](Fuse& fuse) { (*arbitrary<bool>() ? fuse.dieAt : fuse.dieAfter) = n; });
    }

    void failing() {
        const int n = *inRange(1, 80);
        spoiled("failing at " + std::to_string(n),
                [&](Fuse& fuse) { (*arbitrary<bool>() ? fuse.failAt : fuse.hangAt) = n; });
    }

    void refusedReload() {
        subject_.host.programs.refuseReloads = 1;
        subject_.host.programs.refusedInPart = *arbitrary<bool>();
        spoiled("a refused reload", [](Fuse&) {});
        subject_.host.programs.refuseReloads = 0;
    }

    void reboot() {
        tell("reboot");
        subject_.host.reboot();
        settle();
    }

    ModelStack document_;
    Subject subject_;
    Unmanaged unmanaged_;
    int revision_ = 0;
    bool inexact_ = false;
};

TEST_CASE("random applies with failures and kills leave a host entirely old or entirely new",
          "[property][transaction]") {
    holds(
        [] {
            const auto document = withKeys(*genStack());
            const auto& project = document.stack.projects[static_cast<std::size_t>(*inRange(0, 2))];
            Story story(document, project.host,
                        *arbitrary<bool>() ? ModelHost::Init::systemd : ModelHost::Init::none);
            story.settle();
            const int steps = *inRange(1, 8);
            for (int i = 0; i < steps; ++i) {
                story.step();
            }
        },
        200);
}

TEST_CASE("a plan mutates nothing, for every host of every example", "[property][transaction]") {
    std::size_t plans = 0;
    for (const auto& entry : std::filesystem::directory_iterator(sourcePath("examples"))) {
        if (!entry.is_directory()) {
            continue;
        }
        const auto document = exampleStack(entry.path().filename());
        for (const auto& host : document.stack.hosts) {
            for (const auto activation :
                 {plan::Activation::none, plan::Activation::reload, plan::Activation::all}) {
                Subject subject(document, host.name);
                subject.host.tunnel.otherAddress = host.address;
                const auto target = targetOn(subject.host, document, host.name, "r1", activation);
                const auto fresh = subject.plan(target);
                CHECK(subject.host.mutations() == 0);
                CHECK(!fresh.empty());
                static_cast<void>(subject.apply(target));
                const auto mutations = subject.host.mutations();
                CHECK(subject.plan(target).empty());
                const auto more = subject.plan(targetOn(subject.host, document, host.name, "r2"));
                CHECK(subject.host.mutations() == mutations);
                CHECK(subject.host.processes.unknown.empty());
                plans += 3;
            }
        }
    }
    std::cout << plans << " plans, nothing was changed\n";
    CHECK(plans >= 36);
}

TEST_CASE("an apply whose guard does not start changes nothing and leaves no transaction open",
          "[property][transaction]") {
    const auto document = exampleStack("moments");
    Subject subject(document, "vps");
    const auto target = subject.target(document, "r1");
    const auto before = subject.host.snapshot();
    const auto pending = subject.plan(target);
    subject.settings.startGuard = [] { throw Error("there is no guard here"); };
    CHECK_THROWS_AS(subject.apply(target), Error);
    CHECK(subject.notAsBefore(before, target, pending).empty());
    subject.settings.startGuard = {};
    subject.apply(target);
    CHECK(subject.unsettled(target).empty());
}

TEST_CASE("a failed URL health check rolls back; a failed container health check also quarantines the render",
          "[property][transaction]") {
    const ModelStack document = exampleStack("moments");
    Subject subject(document, "vm");
    subject.apply(subject.target(document, "r0"));
    const auto before = subject.host.snapshot();
    auto next = document;
    next.stack.prometheus->scrapeInterval = "30s";
    next.stack.timeout = "30s";
    next.stack.healthChecks.resize(2);
    next.stack.healthChecks[0].url = "http://203.0.113.10/";
    next.stack.healthChecks[1].project = "monitoring";
    next.stack.healthChecks[1].service = "jaeger";
    const auto target = subject.target(next, "r1");
    subject.host.programs.others["http://203.0.113.10/"] = 503;
    REQUIRE_THROWS_WITH(subject.apply(target), Catch::Contains("answered 503 rather than 200"));
    CHECK(differences(before, subject.host.snapshot()).empty());
    CHECK_FALSE(subject.store.quarantined(apply::renderDigest(target)));  // another host's fault, perhaps
    subject.host.programs.others["http://203.0.113.10/"] = 200;
    CHECK(subject.apply(target) == apply::Applied::done);
    CHECK(subject.unsettled(target).empty());
    CHECK(subject.store.lastAppliedRevision() == "r1");
    next.stack.healthChecks[1].service = "nobody";
    next.stack.prometheus->scrapeInterval = "40s";
    REQUIRE_THROWS_WITH(subject.apply(subject.target(next, "r2")),
                        Catch::Contains("monitoring/nobody is gone"));
    CHECK(subject.store.lastAppliedRevision() == "r1");
    CHECK(subject.store.quarantined(apply::renderDigest(subject.target(next, "r2"))));
    next.stack.healthChecks.clear();  // the render is the same, and what is asked for is another thing
    CHECK(subject.apply(subject.target(next, "r3")) == apply::Applied::done);
}

TEST_CASE("a repair succeeds despite a health check that failed before it", "[property][transaction]") {
    ModelStack document = exampleStack("moments");
    document.stack.healthChecks.resize(1);
    document.stack.healthChecks[0].url = "http://203.0.113.10/";
    Subject subject(document, "vm");
    subject.host.programs.others["http://203.0.113.10/"] = 200;
    const auto target = subject.target(document, "r0");
    subject.apply(target);
    subject.host.programs.others["http://203.0.113.10/"] = 503;
    subject.host.files.remove("/opt/monitoring/prometheus/prometheus.yml");
    CHECK(subject.apply(target) == apply::Applied::done);
    CHECK(subject.unsettled(target).empty());
}

}  // namespace
}  // namespace vigie::tests
