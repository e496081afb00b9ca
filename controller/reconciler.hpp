#pragma once

#include "apply/apply.hpp"
#include "apply/inputs/target.hpp"
#include "base/error.hpp"
#include "controller/config.hpp"
#include "controller/events.hpp"
#include "controller/health.hpp"
#include "controller/log.hpp"
#include "controller/other_hosts.hpp"
#include "controller/published.hpp"
#include "controller/silent_peers.hpp"
#include "controller/status.hpp"
#include "controller/trial_reading.hpp"
#include "controller/trusted_source.hpp"
#include "source/git_client.hpp"
#include "spec/stack.hpp"
#include "state/store.hpp"
#include "system/stop.hpp"
#include "system/system.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace vigie::controller {

/// What a reconcile needs of the world. `looking` may be interrupted at any time, `changing` may not: a
/// transaction that has begun ends one way or the other.
struct World {
    system::System looking;
    system::System changing;
    const source::GitClient& git;         ///< given up as soon as the host reports something of its own
    const source::GitClient& patientGit;  ///< given up only when the operator asks us to stop
    const system::Stop& stop;
    Log& log;
    Events& events;
    Published& published;          ///< also told of each step of an apply
    TrialReading tryReading = {};  ///< before a document is read in earnest; empty: it is read at once
};

/// What a look at the host is for.
struct Look {
    bool remote = true;  ///< the remote is asked for its tip
    std::int64_t request = 0;
};

/// What goes into the metrics of one look.
struct Looked {
    std::string reason;  ///< of the condition Ready
    bool asked = false;  ///< the remote was asked …
    bool answered = false;
    std::vector<std::string> drifted;           ///< ids of resources that were not as applied
    std::size_t pending = 0;                    ///< changes that are known and not applied
    std::map<std::string, double> handshakes;   ///< peer → Unix seconds
    std::set<std::string> alive;                ///< the peers that are heard of
    std::map<std::string, std::size_t> states;  ///< of containers → how many
};

/// Brings one host to the tip of the repository and keeps it there. `reconcile` is an ordered list of steps
/// with one signature and a last step that always runs; state between calls is what is known of the last
/// revision tried.
class Reconciler {
public:
    Reconciler(const Config& config, state::Store& store, const World& world);

    /// One look at the remote and at the host, and whatever follows. Only Interrupted passes through, and
    /// Error while the state database cannot be opened.
    void reconcile(const Look& look);

    /// Goes back to a generation (a number, a revision, or empty for the one before), or takes back what
    /// waits to be confirmed, and suspends. Failures are logged and told as events.
    void rollback(const std::string& to);

    /// Milliseconds from now: the pause until the remote is asked again, and until what failed is tried again
    /// (nothing: it has not).
    [[nodiscard]] std::int64_t untilPoll();
    /// When the remote is asked again, for others to know; monotonic.
    void polledAt(std::int64_t at);
    [[nodiscard]] std::optional<std::int64_t> untilRetry() const;
    /// Milliseconds from now until a suspension ends by itself; nothing: it does not, or there is none.
    [[nodiscard]] std::optional<std::int64_t> untilResumed() const;
    /// Milliseconds from now until a peer may have to be dialled anew; nothing: none can.
    [[nodiscard]] std::optional<std::int64_t> untilSilent() const;

    [[nodiscard]] const Status& status() const { return status_; }
    /// The controller ends; whoever reads what is on the disk sees since when.
    void stopped();
    /// Tells the other threads what is known after a look, and then writes it down.
    void publish();
    [[nodiscard]] Snapshot snapshot() const;
    /// Follows from the configuration alone: any thread may ask.
    [[nodiscard]] plan::Options planOptions() const;
    [[nodiscard]] const Looked& looked() const { return looked_; }

    /// What must be looked at when it changes: paths as the host sees them, and compose projects.
    [[nodiscard]] std::vector<std::string> watchedPaths() const;
    [[nodiscard]] std::set<std::string> watchedProjects() const;

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
    /// What is looked at is known also where something else went wrong.
    void observeAnyway();
    /// What the tip and the applied revision say of themselves.
    void describeRevisions();
    /// What is on the host, or as much of it as is known.
    [[nodiscard]] std::optional<apply::Target> targetOnHost();
    void writeStatus();
    [[nodiscard]] std::optional<Waiting> waitingChange() const;
    /// Tells others that an apply is at this step; the first one begins it.
    void tellStep(const std::string& revision, bool repair, const std::string& step);

    Next fail(Outcome::Result result, const std::string& message);
    /// What `fail` said, again, without telling anybody.
    Next stillFailed(Outcome::Result result, const std::string& message);
    /// The host has something to say and the remote takes its time: goes on with what is known.
    Next giveUpRemote();
    void chooseWay(std::chrono::milliseconds patience);
    /// The revision in hand is tried again later.
    Next failForNow(const Error& error);
    void keepApplied();
    void repairApplied(const std::string& revision);
    void tell(const plan::Plan& plan, const std::string& about, bool drift);
    /// What was done, for the log and the events; peers that were dialled anew by name.
    void tellDone(const plan::Plan& plan, const char* event, const std::string& story,
                  const std::string& unproven = {});
    /// The target of the revision that is applied becomes `applied_`; false when it cannot be had.
    bool loadApplied(const std::string& revision);
    /// Why the tip waits for another host; empty: it does not.
    [[nodiscard]] std::string waitsForOthers() const;
    [[nodiscard]] std::optional<apply::Target> tunnelOfTip();
    /// Nothing but the tip's tunnel is applied for now.
    Next hold(const std::string& why);
    Next holdTunnel(const apply::Target& tunnel);
    void applyPlan(const apply::Target& target, const plan::Plan& plan, apply::Look& look);
    /// For an apply of `revision`, of which others are told each step.
    [[nodiscard]] apply::Settings settings(const std::string& revision, bool repair);
    void observeHealth(const apply::Target& target, const apply::Look& look);
    void noteTunnel();
    /// Milliseconds of a random part of the tunnel's window: two hosts that wait for each other must not do
    /// so in step.
    [[nodiscard]] std::int64_t randomWait(const apply::Target& target);
    [[nodiscard]] apply::Target targetAt(const std::string& revision);
    /// The commit that a tip must descend from; empty before the first apply out of git.
    [[nodiscard]] std::string baseRevision() const;
    /// The tip that need not descend from it, because the operator named it; or empty.
    [[nodiscard]] std::string allowedRewind();
    [[nodiscard]] Next refuse(const trust::Untrusted& error);
    /// Milliseconds until the next try after so many failures in a row.
    [[nodiscard]] std::int64_t pauseAfter(int failures, std::int64_t longest);
    /// The same, of what failed with `error`.
    [[nodiscard]] std::int64_t pauseAfter(const Error& error, int failures);
    [[nodiscard]] bool waits() const;
    /// Why nothing may be changed: the operator, or the document. Nothing: it may.
    [[nodiscard]] std::optional<std::string> suspended() const;

    Config config_;
    state::Store& store_;
    World world_;
    TrustedSource source_;

    Look look_;
    std::string tip_;                      ///< what the remote said last
    std::string silent_;                   ///< why the remote could not be asked the last time
    int silences_ = 0;                     ///< in a row
    bool gaveUp_ = false;                  ///< in this look, the remote was not waited for
    bool observed_ = false;                ///< in this look, what runs on the host was looked at
    std::int64_t patientUntil_ = 0;        ///< monotonic: the remote is not given up before
    std::optional<apply::Target> target_;  ///< of the revision in hand
    std::optional<apply::Target>
        applied_;             ///< of the last revision applied, for drift while the tip is broken
    Outcome::Trust trust_;    ///< what is known of the tip
    std::string refused_;     ///< a revision whose refusal is in the history already
    std::string invalid_;     ///< a revision that only a new commit can mend
    std::string tried_;       ///< the revision whose document was read on trial last, in time
    std::string unreadable_;  ///< a revision whose document could not be read in time
    std::string whyInvalid_;
    std::string failed_;  ///< a revision that is tried again at `retryAt_`
    std::string whyFailed_;
    Outcome::Result failedAs_ = Outcome::Result::failed;
    std::string said_;  ///< what was logged last, so that a lasting problem is logged once
    int failures_ = 0;
    std::int64_t heeded_ = 0;  ///< time of the attempt in history after which was waited already
    std::minstd_rand random_{std::random_device{}()};
    std::int64_t retryAt_ = 0;  ///< monotonic
    std::int64_t keepAt_ = 0;   ///< the same for a repair at the last applied revision
    int keepFailures_ = 0;

    std::shared_ptr<const spec::Stack> stack_;     ///< the document that was loaded last
    std::shared_ptr<const spec::Stack> tipStack_;  ///< that of `target_`
    std::string appliedTunnel_;       ///< the revision whose tunnel `applied_` has; empty: its own
    std::string heldWhy_;             ///< what was said of a revision that waits for other hosts
    std::optional<plan::Plan> plan_;  ///< of the tip, as seen last
    bool planWaits_ = false;
    std::optional<apply::Look> seen_;    ///< the host, as seen last …
    std::optional<apply::Target> held_;  ///< … against this
    OtherHosts others_;
    Looked looked_;
    std::shared_ptr<const std::vector<state::Attempt>> history_;
    Health health_;
    std::string sick_;  ///< what was said of it last
    std::string tunnelNotes_;
    SilentPeers silentPeers_;
    Outcome outcome_;
    Status status_;
    std::string written_;  ///< what is in status.json, without the times of looks
};

}  // namespace vigie::controller
