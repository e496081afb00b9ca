#pragma once

#include "apply/probes/health.hpp"
#include "state/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vigie::controller {

struct Condition {
    std::string type;
    std::string status;  ///< True, False or Unknown
    std::string reason;
    std::string message;
    std::int64_t lastTransition = 0;      ///< Unix milliseconds
    std::int64_t observedGeneration = 0;  ///< of the revision that it speaks of
};

/// How one reconcile ended: everything that the conditions follow from.
struct Outcome {
    enum class Result {
        starting,         ///< nothing was looked at yet
        converged,        ///< the host is what the tip says
        pending,          ///< a change is known and not applied: report mode
        unapproved,       ///< a change is known and waits for the operator's approval: manual mode
        sourceFailed,     ///< the remote could not be asked
        untrusted,        ///< the tip is not signed as it must be, or its history was rewritten
        invalidDocument,  ///< the tip's document has mistakes; only a new commit helps
        failed,           ///< it did not work just now; tried again later
        refused,  ///< nothing was changed, and only a commit or an operator helps; tried again all the same
        waiting,  ///< applied, and taken back unless a peer or a person confirms it
        held,     ///< another host must be healthy at this revision first
        heldTooLong,  ///< the same, for longer than `rolloutTimeout`
        quarantined,  ///< this render did not work on this host; it is not tried again by itself
        suspended,    ///< the operator said that nothing may change
    };
    Result result = Result::converged;
    std::string message;
    /// What is known of who made the revision in hand.
    struct Trust {
        std::string status = "Unknown";
        std::string reason = "NotChecked";
        std::string message = "no revision was looked at yet";
    };
    Trust trust = {};
    /// What is wrong with what runs on the host, or with what it watches.
    struct Ailment {
        std::string reason;  ///< NotRunning, NotLoaded, NotObserved, TargetsDown, NotificationsFailing
        std::string message;
        std::string about = {};  ///< the same as long as it is the same ailment, whatever the message says
    };
    std::vector<Ailment> unhealthy;
    [[nodiscard]] std::string ailments() const;  ///< all of them in a line
    bool healthKnown = false;
    std::vector<apply::DownTarget> down;  ///< what Prometheus cannot scrape
    /// The peers that are not heard of.
    std::string silentPeers;
    bool tunnelKnown = false;
    /// The peers that are alive, but not where their endpoint is; in words.
    std::string roamingPeers;
    std::string keyFile;  ///< what is wrong with the file of this host's key; empty: nothing
    /// Both, as they are told; empty: neither.
    [[nodiscard]] std::string tunnelNotes() const;
};

/// The reason that goes with it, one word.
std::string reasonOf(Outcome::Result result);

/// Conditions in Kubernetes' form. Never Reconciling and Stalled together; Stalled implies Ready=False. A
/// condition keeps the time of its last transition from `previous`.
std::vector<Condition> conditionsFor(const Outcome& outcome, const std::vector<Condition>& previous,
                                     std::int64_t now, std::int64_t generation = 0);

/// An apply that is under way.
struct Activity {
    std::string revision;
    bool repair = false;         ///< of what was applied already
    std::string step;            ///< in words, such as `reload reload:prometheus`
    std::int64_t since = 0;      ///< Unix milliseconds: when the apply began …
    std::int64_t stepSince = 0;  ///< … and its step
    bool operator==(const Activity&) const = default;
};

/// What a revision says of itself: untrusted text, in one line each.
struct RevisionNote {
    std::string revision;
    std::string subject;
    std::string author;
    std::int64_t time = 0;  ///< Unix milliseconds at which it was committed
};

/// A change that is applied and waits to be confirmed.
struct Waiting {
    std::string revision;
    std::int64_t deadline = 0;  ///< Unix milliseconds at which it is taken back; 0: there is none
};

/// The status as the CRD describes it.
struct Status {
    std::string host;
    std::string stack;
    /// Git has no `metadata.generation`: this counts the revisions that this host's controllers looked at,
    /// one after the other, and grows when the tip is another one than before. A condition's own generation
    /// is that of the revision that it speaks of.
    std::int64_t observedGeneration = 0;
    std::int64_t lastHandledRequest = 0;  ///< of `vigie reconcile`; counts from the controller's start
    std::string suspended;                ///< why; empty: it is not
    std::string lastAttemptedRevision;
    std::string lastAppliedRevision;
    std::vector<Condition> conditions;
    std::vector<std::string> inventory;
    std::vector<state::Attempt> history;
    std::int64_t startedAt = 0;   ///< Unix milliseconds: the controller
    std::int64_t stoppedAt = 0;   ///< the same; 0: it has not ended, or not in peace
    std::int64_t observedAt = 0;  ///< the same: the end of the last look at the host; 0: there was none
    std::int64_t contactAt = 0;   ///< the same: the remote answered; 0: it has not since the start
    std::int64_t nextPollAt = 0;  ///< the same: when the remote is asked again
    std::string mode;             ///< auto, manual or report
    std::string version;          ///< of the controller
    std::string page;             ///< the address of the page; empty: it is served to nobody
    std::optional<Activity> applying = {};
    std::optional<Waiting> waiting = {};
    std::optional<RevisionNote> tip = {};
    std::optional<RevisionNote> applied = {};
};

/// `status` while something is applied: neither Ready nor Stalled, and Reconciling with the step as its
/// message. What is known of the source, of health and of the tunnel stays.
Status whileApplying(const Status& status, const Activity& activity, std::int64_t now);

std::string toJson(const Status& status);

}  // namespace vigie::controller
