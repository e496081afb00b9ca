// A modelled host that pulls documents and applies them.

#include "tests/property/agent.hpp"

#include "base/error.hpp"
#include "spec/format.hpp"

#include <algorithm>

namespace vigie::tests {
namespace {

/// The tunnel's window in seconds.
int windowOf(const ModelStack& document) {
    return static_cast<int>(spec::parseDuration(document.stack.wireguard.tunnelWindow).value_or(0) /
                            ModelClock::kMilliseconds);
}

}  // namespace

Agent::Agent(const ModelStack& document, const std::string& name_, const Habits& habits_, std::uint32_t seed)
    : name(name_), habits(habits_), random_(seed), next_(habits_.phase) {
    installHost(host, document, name);
    settings.stateDirectory = ModelHost::kState;
    settings.reloadTimeout = std::chrono::seconds(5);
}

void Agent::say(std::int64_t now, const std::string& line) {
    log.push_back(std::to_string(now) + " s " + name + ": " + line);
}

void Agent::tick(const Repository& repository, std::int64_t now) {
    if (now >= habits.awayFrom && now < habits.awayUntil) {
        if (!away_) {
            away_ = true;
            host.tunnel.interfaces.clear();
            ++host.tunnel.version;
            say(now, "switched off");
        }
        return;
    }
    if (away_) {
        away_ = false;
        host.reboot();
        say(now, "switched on");
    }
    constexpr int kGuard = 5;
    if (open && habits.guarded && now % kGuard == 0) {
        attempt(now, [&] { recoverOpen(repository, now); });
    }
    if (now < next_) {
        return;
    }
    next_ = now + habits.interval;
    if (now < habits.calmAfter && dice(100) < habits.mayBeKilled) {
        host.fuse.dieAt = 1 + dice(25);
    }
    attempt(now, [&] { look(repository, now); });
}

/// Another process after a kill: the guard, or the controller that is started again.
void Agent::attempt(std::int64_t now, const std::function<void()>& what) {
    if (host.fuse.dead()) {
        host.revive();
    }
    try {
        what();
    } catch (const Killed&) {
        constexpr int kLongest = 300;
        next_ = now + 1 + dice(kLongest);
        say(now, "killed");
    } catch (const Error& error) {
        say(now, error.what());
    }
    host.fuse.dieAt = 0;
    open = store.journal().has_value();
}

/// Whether nothing is open any more.
bool Agent::recoverOpen(const Repository& repository, std::int64_t now) {
    const auto attended = apply::recoverOpen(store, settings, host.system());
    if (attended.what != apply::Recovery::waiting && attended.what != apply::Recovery::nothing) {
        say(now, attended.message);
    }
    if (attended.what == apply::Recovery::expired) {
        ++expired;
        constexpr int kLeast = 60;
        pausedUntil_ = now + kLeast + dice(windowOf(repository.revisions[seen_].document) / 2);
        pausedAt_ = seen_;
    }
    if (attended.what == apply::Recovery::confirmed) {
        applied_ = seen_;
    }
    return attended.what != apply::Recovery::waiting;
}

void Agent::look(const Repository& repository, std::int64_t now) {
    if (!recoverOpen(repository, now)) {
        return;
    }
    for (std::size_t i = seen_; i < repository.revisions.size() && habits.pulls; ++i) {
        const int late = habits.lag == 0 ? 0 : dice(habits.lag);
        seen_ = repository.revisions[i].at + late <= now ? i : seen_;
    }
    if (seen_ != pausedAt_ || now >= pausedUntil_) {
        try {
            converge(repository, seen_, now);
            return;
        } catch (const Error& error) {
            say(now, error.what());
        }
    }
    converge(repository, applied_, now);
}

void Agent::converge(const Repository& repository, std::size_t revision, std::int64_t now) {
    const auto target =
        targetOn(host, repository.revisions[revision].document, name, "r" + std::to_string(revision));
    if (const auto why = store.quarantined(apply::renderDigest(target))) {
        throw Error("in quarantine: " + *why);
    }
    const auto plan = apply::planFor(target, store.inventory(), host.system());
    if (plan.empty() && store.lastAppliedRevision() == target.revision) {
        return;
    }
    if (apply::apply(target, plan, store, settings, host.system()) == apply::Applied::armed) {
        say(now, "armed " + target.revision);
    } else {
        applied_ = revision;
        say(now, "applied " + target.revision);
    }
}

}  // namespace vigie::tests
