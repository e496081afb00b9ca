// A modelled host that pulls documents and applies them.
#pragma once

#include "apply/transaction/recover.hpp"
#include "tests/support/internet.hpp"
#include "tests/support/model_stack.hpp"

#include <functional>
#include <random>
#include <string>
#include <vector>

namespace vigie::tests {

/// A document as it stands in git from some second on.
struct Published {
    ModelStack document;
    std::int64_t at = 0;
};

/// Where hosts pull from.
struct Repository {
    std::vector<Published> revisions;

    [[nodiscard]] std::string newest() const { return "r" + std::to_string(revisions.size() - 1); }
};

/// How a host pulls.
struct Habits {
    int interval = 60;           ///< seconds between two looks
    int phase = 0;               ///< of the first one
    int lag = 0;                 ///< it sees a revision up to so many seconds late
    bool pulls = true;           ///< false: it stays at what it has
    std::int64_t awayFrom = 0;   ///< switched off, with its tunnel: from this second …
    std::int64_t awayUntil = 0;  ///< … to that one
    bool guarded = false;        ///< a guard watches over open transactions, and survives the agent
    int mayBeKilled = 0;         ///< in so many of 100 looks, until `calmAfter`
    std::int64_t calmAfter = 1800;
};

/// A host with the loop of its controller: recover, and when nothing is open, pull, plan and apply. What
/// cannot be applied leaves it at what it applied last.
class Agent {
public:
    Agent(const ModelStack& document, const std::string& name, const Habits& habits, std::uint32_t seed);

    /// One second has passed. `now` is the world's.
    void tick(const Repository& repository, std::int64_t now);

    [[nodiscard]] bool at(const std::string& revision) const {
        return store.lastAppliedRevision() == revision && !store.journal();
    }
    /// What it did, for a message.
    std::vector<std::string> log;

    std::string name;
    Habits habits;
    ModelHost host;
    state::Store store = state::Store::open(":memory:");
    apply::Settings settings;
    bool open = false;  ///< whether a transaction was open after the last look
    int expired = 0;    ///< how often a change was taken back because no peer came

private:
    void attempt(std::int64_t now, const std::function<void()>& what);
    bool recoverOpen(const Repository& repository, std::int64_t now);
    void look(const Repository& repository, std::int64_t now);
    void converge(const Repository& repository, std::size_t revision, std::int64_t now);
    void say(std::int64_t now, const std::string& line);
    int dice(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

    std::minstd_rand random_;
    std::int64_t next_ = 0;
    std::int64_t pausedUntil_ = 0;
    std::size_t pausedAt_ = 0;  ///< the revision that no peer followed
    std::size_t seen_ = 0;      ///< the revision that it pulled last
    std::size_t applied_ = 0;   ///< the revision that it is at
    bool away_ = false;
};

}  // namespace vigie::tests
