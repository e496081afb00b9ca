// How a pass of the reconciler ended, and what it found out about trust and health: all that the conditions
// follow from.
#pragma once

#include "apply/probes/health.hpp"
#include "trust/untrusted.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vigie::controller {

enum class ConditionStatus : std::uint8_t { yes, no, unknown };

/// Why a condition has its status.
enum class Reason : std::uint8_t {
    // Of Ready, Reconciling and Stalled.
    starting,                ///< no pass has ended yet
    applying,                ///< an apply is under way
    converged,               ///< the host is what the tip says
    changePending,           ///< report mode: a change is known and not applied
    waitingForApproval,      ///< manual mode: a change waits for `vigie approve`
    sourceFailed,            ///< the remote could not be asked
    untrusted,               ///< of events only: conditions say why
    invalidDocument,         ///< the tip's document has mistakes
    waitingForConfirmation,  ///< applied, and rolled back unless a peer or a person confirms it
    waitingForHosts,         ///< blocked: another host must be healthy at this revision first
    rolloutTimedOut,         ///< the same, for longer than `rolloutTimeout`
    quarantined,             ///< this render did not work on this host
    suspended,               ///< nothing may be changed
    applyFailed,             ///< it did not work, or was refused
    networkMissing,          ///< a network that a server joins is not there
    // Of SourceVerified; of Ready and its like as well when the tip is not trusted.
    notChecked,
    verified,
    notSigned,
    unsupportedSignature,
    malformed,
    badSignature,
    unknownSigner,
    signerNotAllowed,
    signersUnusable,
    rewound,
    replaced,
    // Of Healthy.
    notObserved,  ///< of TunnelReady as well
    allWell,
    notRunning,
    notLoaded,
    proofPending,  ///< an attached program does not run: what it is to load is proven when it does
    targetsDown,
    targetsUnwell,
    rulesFailing,
    notificationsFailing,
    // Of TunnelReady.
    handshake,
    noHandshake,
    endpointNotUsed,
    keyFileReplaced,
    guestsOnly,  ///< nobody is expected to be heard of
    // Of NetworkReady.
    peersAnswer,
    addressMissing,
    peersSilent,
};

/// The reason of a condition for which a revision is not trusted.
Reason reasonOf(trust::Reason reason);

/// How one pass ended.
enum class Result : std::uint8_t {
    starting,         ///< no pass has ended yet
    converged,        ///< the host is what the tip says
    pending,          ///< a change is known and not applied: report mode
    unapproved,       ///< a change is known and waits for the operator's approval: manual mode
    sourceFailed,     ///< the remote could not be asked
    untrusted,        ///< the tip is not signed as it must be, or its history was rewritten
    invalidDocument,  ///< the tip's document has mistakes; only a new commit helps
    failed,           ///< it did not work just now; tried again later
    refused,  ///< nothing was changed, and only a commit or an operator helps; tried again all the same
    waiting,  ///< applied, and rolled back unless a peer or a person confirms it
    blocked,  ///< another host must be healthy at this revision first
    blockedTooLong,  ///< the same, for longer than `rolloutTimeout`
    quarantined,     ///< this render did not work on this host; it is not tried again by itself
    suspended,       ///< the operator or the document says that nothing may change
};

/// Whether others have been told already.
enum class Novelty : std::uint8_t {
    news,   ///< it happened in this pass
    known,  ///< nothing was tried since it was told
};

/// What happened in a step that ended a pass, why, and when to come again.
struct Outcome {
    Result result = Result::converged;
    std::string message = {};
    /// Monotonic milliseconds at which what did not work is tried again; 0: when something happens.
    std::int64_t comeAgainAt = 0;
    Novelty novelty = Novelty::news;
    std::optional<Reason> reason = {};  ///< says more than that of the result
};

/// What is known of who made the revision in hand.
struct Trust {
    ConditionStatus status = ConditionStatus::unknown;
    Reason reason = Reason::notChecked;
    std::string message = "no revision was looked at yet";
};

/// What is wrong with what runs on the host, or with what it watches.
struct HealthProblem {
    Reason reason = Reason::notRunning;
    std::string message;
    std::string about = {};  ///< the same as long as it is the same problem, whatever the message says
};

/// What was seen of the network that joins the hosts, where it is not vigie's own.
struct NetworkReport {
    bool known = false;         ///< the document has such a network, and this host's addresses were looked at
    std::string address = {};   ///< this host's own, as the document says
    std::string missing = {};   ///< what is wrong with it, in words; empty: it is there
    std::string answered = {};  ///< the hosts whose controllers answered there, in words
    std::string silent = {};    ///< those that did not, and why; in words
};

/// What a look at the programs and at the tunnel has found.
struct HealthReport {
    std::vector<HealthProblem> problems = {};
    bool known = false;                               ///< there is a program that was looked at
    std::vector<apply::DownTarget> downTargets = {};  ///< what Prometheus cannot scrape
    bool tunnelKnown = false;
    bool guestsOnly = false;        ///< no peer of the tunnel is a host
    std::string stalePeers = {};    ///< the peers without a fresh handshake, in words; empty: none
    std::string roamingPeers = {};  ///< those that are alive, but not where their endpoint is; in words
    NetworkReport network = {};
    std::string keyFile = {};  ///< what is wrong with the file of this host's key; empty: nothing
    /// All problems in a line.
    [[nodiscard]] std::string summary() const;
    /// What is odd about a tunnel that works; empty: nothing.
    [[nodiscard]] std::string tunnelNotes() const;
};

}  // namespace vigie::controller
