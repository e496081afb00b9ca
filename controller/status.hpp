// The status of a host, as the CRD describes it.
#pragma once

#include "apply/probes/health.hpp"
#include "controller/conditions.hpp"
#include "state/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vigie::controller {

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
    std::int64_t observedAt = 0;  ///< the same: the end of the last pass; 0: there was none
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
