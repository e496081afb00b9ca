// The conditions of a host's status, and how they follow from the outcome of a pass.
#include "controller/conditions.hpp"

#include <algorithm>
#include <utility>

namespace vigie::controller {
namespace {

constexpr std::array<EnumText<ConditionStatus>, 3> kStatuses{{
    {ConditionStatus::yes, "True"},
    {ConditionStatus::no, "False"},
    {ConditionStatus::unknown, "Unknown"},
}};

constexpr std::array<EnumText<Reason>, 43> kReasons{{
    {Reason::starting, "Starting"},
    {Reason::applying, "Applying"},
    {Reason::converged, "Converged"},
    {Reason::changePending, "ChangePending"},
    {Reason::waitingForApproval, "WaitingForApproval"},
    {Reason::sourceFailed, "SourceFailed"},
    {Reason::untrusted, "Untrusted"},
    {Reason::invalidDocument, "InvalidDocument"},
    {Reason::waitingForConfirmation, "WaitingForConfirmation"},
    {Reason::waitingForHosts, "WaitingForHosts"},
    {Reason::rolloutTimedOut, "RolloutTimedOut"},
    {Reason::quarantined, "Quarantined"},
    {Reason::suspended, "Suspended"},
    {Reason::applyFailed, "ApplyFailed"},
    {Reason::networkMissing, "NetworkMissing"},
    {Reason::notChecked, "NotChecked"},
    {Reason::verified, "Verified"},
    {Reason::notSigned, "NotSigned"},
    {Reason::unsupportedSignature, "UnsupportedSignature"},
    {Reason::malformed, "Malformed"},
    {Reason::badSignature, "BadSignature"},
    {Reason::unknownSigner, "UnknownSigner"},
    {Reason::signerNotAllowed, "SignerNotAllowed"},
    {Reason::signersUnusable, "SignersUnusable"},
    {Reason::rewound, "Rewound"},
    {Reason::replaced, "Replaced"},
    {Reason::notObserved, "NotObserved"},
    {Reason::allWell, "AllWell"},
    {Reason::notRunning, "NotRunning"},
    {Reason::notLoaded, "NotLoaded"},
    {Reason::proofPending, "ProofPending"},
    {Reason::targetsDown, "TargetsDown"},
    {Reason::targetsUnwell, "TargetsUnwell"},
    {Reason::rulesFailing, "RulesFailing"},
    {Reason::notificationsFailing, "NotificationsFailing"},
    {Reason::handshake, "Handshake"},
    {Reason::noHandshake, "NoHandshake"},
    {Reason::endpointNotUsed, "EndpointNotUsed"},
    {Reason::keyFileReplaced, "KeyFileReplaced"},
    {Reason::guestsOnly, "GuestsOnly"},
    {Reason::peersAnswer, "PeersAnswer"},
    {Reason::addressMissing, "AddressMissing"},
    {Reason::peersSilent, "PeersSilent"},
}};
static_assert(!textIn(kReasons, Reason::peersSilent).empty());

struct Statuses {
    ConditionStatus ready;
    ConditionStatus reconciling;
    ConditionStatus stalled;
    Reason reason;
};

/// The one place that makes conditions of a result.
Statuses statusesOf(Result result) {
    constexpr auto yes = ConditionStatus::yes;
    constexpr auto no = ConditionStatus::no;
    constexpr auto unknown = ConditionStatus::unknown;
    switch (result) {
        case Result::starting:
            return {unknown, yes, no, Reason::starting};
        case Result::converged:
            return {yes, no, no, Reason::converged};
        case Result::pending:
            return {no, no, no, Reason::changePending};
        case Result::unapproved:
            return {no, no, no, Reason::waitingForApproval};
        case Result::sourceFailed:
            return {no, yes, no, Reason::sourceFailed};
        case Result::untrusted:
            return {no, no, yes, Reason::untrusted};  // that of SourceVerified takes its place
        case Result::invalidDocument:
            return {no, no, yes, Reason::invalidDocument};
        case Result::waiting:
            return {no, yes, no, Reason::waitingForConfirmation};
        case Result::blocked:
            return {no, yes, no, Reason::waitingForHosts};
        case Result::blockedTooLong:
            return {no, no, yes, Reason::rolloutTimedOut};
        case Result::quarantined:
            return {no, no, yes, Reason::quarantined};
        case Result::suspended:
            return {unknown, no, no, Reason::suspended};
        case Result::failed:
            return {no, yes, no, Reason::applyFailed};
        case Result::refused:
            return {no, no, yes, Reason::applyFailed};
    }
    return {unknown, unknown, unknown, Reason::notObserved};
}

Condition healthy(const HealthReport& health) {
    Condition out{.type = ConditionType::healthy};
    if (!health.known) {  // what is not looked at is unknown; it never counts as good
        out.message = "no program is observed on this host";
        return out;
    }
    const bool well = health.problems.empty();
    out.status = well ? ConditionStatus::yes : ConditionStatus::no;
    out.reason = well ? Reason::allWell : health.problems.front().reason;
    out.message =
        well ? "the observed programs and containers run this configuration, and work" : health.summary();
    return out;
}

Condition tunnelReady(const HealthReport& health) {
    Condition out{.type = ConditionType::tunnelReady};
    if (!health.tunnelKnown) {
        out.message = "no tunnel is observed on this host";
        return out;
    }
    const bool ready = health.stalePeers.empty();
    out.status = ready ? ConditionStatus::yes : ConditionStatus::no;
    out.reason = !ready                         ? Reason::noHandshake
                 : !health.roamingPeers.empty() ? Reason::endpointNotUsed
                 : !health.keyFile.empty()      ? Reason::keyFileReplaced
                 : health.guestsOnly            ? Reason::guestsOnly
                                                : Reason::handshake;
    out.message = health.guestsOnly ? "the tunnel is up; its peers are guests, of whom nothing is expected"
                  : ready           ? "every peer was heard of within three minutes"
                                    : "not heard of within three minutes: " + health.stalePeers;
    if (const auto notes = health.tunnelNotes(); !notes.empty()) {
        out.message += "; " + notes;
    }
    return out;
}

/// An answer of the other controllers is the only sign of the network that is looked for: one that nobody was
/// asked for leaves it unknown.
Condition networkReady(const NetworkReport& network) {
    Condition out{.type = ConditionType::networkReady};
    if (!network.missing.empty()) {
        out.status = ConditionStatus::no;
        out.reason = Reason::addressMissing;
        out.message = network.missing;
    } else if (!network.silent.empty()) {
        out.status = ConditionStatus::no;
        out.reason = Reason::peersSilent;
        out.message = "this host has its address " + network.address + "; " + network.silent;
    } else if (!network.answered.empty()) {
        out.status = ConditionStatus::yes;
        out.reason = Reason::peersAnswer;
        out.message =
            "this host has its address " + network.address + ", and there answer: " + network.answered;
    } else {
        out.message = "this host has its address " + network.address +
                      "; the other hosts are asked only with `spec.vigie.metrics`";
    }
    return out;
}

}  // namespace

std::string toText(ConditionType type) {
    return std::string(textIn(kConditionTypes, type));
}

std::string toText(ConditionStatus status) {
    return std::string(textIn(kStatuses, status));
}

std::string toText(Reason reason) {
    return std::string(textIn(kReasons, reason));
}

Reason reasonOf(trust::Reason reason) {
    switch (reason) {
        case trust::Reason::notSigned:
            return Reason::notSigned;
        case trust::Reason::unsupportedSignature:
            return Reason::unsupportedSignature;
        case trust::Reason::malformed:
            return Reason::malformed;
        case trust::Reason::badSignature:
            return Reason::badSignature;
        case trust::Reason::unknownSigner:
            return Reason::unknownSigner;
        case trust::Reason::signerNotAllowed:
            return Reason::signerNotAllowed;
        case trust::Reason::signersUnusable:
            return Reason::signersUnusable;
        case trust::Reason::rewound:
            return Reason::rewound;
        case trust::Reason::replaced:
            return Reason::replaced;
    }
    return Reason::notChecked;
}

Reason reasonOf(Result result) {
    return statusesOf(result).reason;
}

const Condition* find(const std::vector<Condition>& conditions, ConditionType type) {
    const auto it = std::find_if(conditions.begin(), conditions.end(),
                                 [&](const Condition& each) { return each.type == type; });
    return it == conditions.end() ? nullptr : &*it;
}

std::string HealthReport::summary() const {
    std::string out;
    for (const auto& problem : problems) {
        out += (out.empty() ? "" : "; ") + problem.message;
    }
    return out;
}

std::string HealthReport::tunnelNotes() const {
    return roamingPeers + (roamingPeers.empty() || keyFile.empty() ? "" : "; ") + keyFile;
}

std::vector<Condition> conditionsFor(const Findings& findings, const std::vector<Condition>& previous,
                                     std::int64_t now, std::int64_t generation) {
    const auto& outcome = findings.outcome;
    const auto is = statusesOf(outcome.result);
    const auto why =
        outcome.result == Result::untrusted ? findings.trust.reason : outcome.reason.value_or(is.reason);
    std::vector<Condition> out{
        {ConditionType::ready, is.ready, why, outcome.message},
        {ConditionType::reconciling, is.reconciling, why, outcome.message},
        {ConditionType::stalled, is.stalled, why, outcome.message},
        {ConditionType::sourceVerified, findings.trust.status, findings.trust.reason, findings.trust.message},
        healthy(findings.health),
        tunnelReady(findings.health),
    };
    const auto& problems = findings.health.problems;
    const auto pending = std::find_if(problems.begin(), problems.end(),
                                      [](const auto& each) { return each.reason == Reason::proofPending; });
    if (is.ready == ConditionStatus::yes && pending != problems.end()) {
        // What is written is what is wanted, and nobody has seen that it works.
        out.front() = {ConditionType::ready, ConditionStatus::no, Reason::proofPending, pending->message};
    }
    if (findings.health.network.known) {
        out.push_back(networkReady(findings.health.network));
    }
    for (auto& condition : out) {
        const auto* before = find(previous, condition.type);
        condition.lastTransition =
            before != nullptr && before->status == condition.status ? before->lastTransition : now;
        condition.observedGeneration = generation;
    }
    return out;
}

}  // namespace vigie::controller
