#pragma once

#include "apply/apply.hpp"
#include "apply/target.hpp"
#include "base/error.hpp"
#include "controller/config.hpp"
#include "controller/health.hpp"
#include "controller/log.hpp"
#include "controller/status.hpp"
#include "controller/trusted_source.hpp"
#include "source/git_client.hpp"
#include "state/store.hpp"
#include "system/system.hpp"

#include <optional>
#include <random>
#include <string>

namespace vigie::controller {

/// What a reconcile needs of the world. `looking` may be interrupted at any time, `changing` may not: a
/// transaction that has begun ends one way or the other.
struct World {
    system::System looking;
    system::System changing;
    const source::GitClient& git;
    Log& log;
};

/// Brings one host to the tip of the repository and keeps it there. `reconcile` is an ordered list of steps
/// with one signature and a last step that always runs; state between calls is what is known of the last
/// revision tried.
class Reconciler {
public:
    Reconciler(const Config& config, state::Store& store, const World& world);

    /// One look at the remote and at the host, and whatever follows. Only Interrupted passes through.
    void reconcile();

    [[nodiscard]] const Status& status() const { return status_; }

private:
    /// Whether the next step makes sense.
    enum class Next { go, stop };
    using Step = Next (Reconciler::*)();

    Next attend();
    Next askRemote();
    Next fetch();
    Next load();
    Next converge();
    void summarise();

    Next fail(Outcome::Result result, const std::string& message);
    /// The revision in hand is tried again later.
    Next failForNow(const Error& error);
    void keepApplied();
    void applyPlan(const apply::Target& target, const plan::Plan& plan);
    [[nodiscard]] apply::Settings settings();
    void observeHealth(const apply::Target& target, const plan::Plan& plan);
    /// Milliseconds of a random part of the tunnel's window: two hosts that wait for each other must not do
    /// so in step.
    [[nodiscard]] std::int64_t randomWait(const apply::Target& target);
    [[nodiscard]] apply::Target targetAt(const std::string& revision) const;
    /// The commit that a tip must descend from; empty before the first apply out of git.
    [[nodiscard]] std::string baseRevision() const;
    [[nodiscard]] Next refuse(const trust::Untrusted& error);
    /// Milliseconds until the next try after so many failures in a row.
    [[nodiscard]] std::int64_t pauseAfter(int failures) const;
    [[nodiscard]] bool waits() const;

    Config config_;
    state::Store& store_;
    World world_;
    TrustedSource source_;

    std::string tip_;                      ///< what the remote said last
    std::optional<apply::Target> target_;  ///< of the revision in hand
    std::optional<apply::Target>
        applied_;           ///< of the last revision applied, for drift while the tip is broken
    Outcome::Trust trust_;  ///< what is known of the tip
    std::string refused_;   ///< a revision whose refusal is in the history already
    std::string invalid_;   ///< a revision that only a new commit can mend
    std::string whyInvalid_;
    std::string failed_;  ///< a revision that is tried again at `retryAt_`
    std::string whyFailed_;
    std::string said_;  ///< what was logged last, so that a lasting problem is logged once
    int failures_ = 0;
    std::int64_t heeded_ = 0;  ///< time of the attempt in history after which was waited already
    std::minstd_rand random_{std::random_device{}()};
    std::int64_t retryAt_ = 0;  ///< monotonic
    std::int64_t keepAt_ = 0;   ///< the same for a repair at the last applied revision
    int keepFailures_ = 0;

    Health health_;
    std::string sick_;  ///< what was said of it last
    Outcome outcome_;
    Status status_;
    std::string written_;
};

}  // namespace vigie::controller
