// What the state database keeps of attempts and of the transaction that is open.
#pragma once

#include "base/enum_text.hpp"
#include "state/inventory.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace vigie::state {

/// How an attempt to change a host ended. The texts are in the database, in `vigie history` and in the API.
enum class AttemptResult : std::uint8_t {
    none,            ///< of a transaction that is open: not ended yet
    applied,         ///< another render than before
    repaired,        ///< the render that was applied already: drift
    uninstalled,     ///< vigie owns nothing any more
    failed,          ///< it did not work; what was changed is rolled back, unless the message says otherwise
    refused,         ///< nothing was changed; only another document or an operator helps
    rolledBack,      ///< it was changed, and is as it was before
    notConfirmed,    ///< rolled back: nobody confirmed it in time
    waitingForPeer,  ///< rolled back: no confirming peer came through the tunnel in time; tried again
    unknown,         ///< written by a version that knows more results than this one
};

inline constexpr std::array<EnumText<AttemptResult>, 10> kAttemptResults{{
    {AttemptResult::none, ""},
    {AttemptResult::applied, "Applied"},
    {AttemptResult::repaired, "Repaired"},
    {AttemptResult::uninstalled, "Uninstalled"},
    {AttemptResult::failed, "Failed"},
    {AttemptResult::refused, "Refused"},
    {AttemptResult::rolledBack, "RolledBack"},
    {AttemptResult::notConfirmed, "NotConfirmed"},
    {AttemptResult::waitingForPeer, "WaitingForPeer"},
    {AttemptResult::unknown, "Unknown"},
}};

inline std::string toText(AttemptResult result) {
    return std::string(textIn(kAttemptResults, result));
}

/// One attempt to change a host.
struct Attempt {
    std::int64_t time = 0;  ///< Unix milliseconds
    std::string revision;
    AttemptResult result = AttemptResult::none;
    std::string message;
    std::string plan = {};  ///< what was to change and why, secrets masked; kept of the latest attempts only
    bool operator==(const Attempt&) const = default;
};

/// What an apply leaves behind, written in one transaction.
struct Applied {
    std::string stack;
    std::string revision;
    std::string renderDigest;
    Inventory inventory;
    Attempt attempt;
    std::string host = {};
    std::string generation = {};  ///< where the document is kept; empty: it is not
};

/// The name below STATE/generations under which the document of a render is kept.
std::string generationName(const std::string& revision, const std::string& renderDigest);

/// What was there before, of one thing that a transaction changes.
struct BeforeImage {
    std::string kind;  ///< file, wireguard, firewall, sysctl, unit, compose or reload
    std::string id;    ///< a path, an interface, …
    std::string data;  ///< packed fields, encrypted
};

/// How far an open transaction is. The texts are in the database.
enum class JournalState : std::uint8_t {
    open,       ///< being applied
    armed,      ///< applied and seen to work here; waits to be confirmed until the deadline
    reverting,  ///< being rolled back
};

inline constexpr std::array<EnumText<JournalState>, 3> kJournalStates{{
    {JournalState::open, "open"},
    {JournalState::armed, "armed"},
    {JournalState::reverting, "reverting"},
}};

/// A transaction that has begun and is not over. Whoever finds one finishes it first.
struct OpenJournal {
    JournalState state = JournalState::open;
    std::string revision;
    std::string renderDigest;
    std::string bootId;         ///< of the machine's start in which it began
    std::int64_t deadline = 0;  ///< milliseconds since boot at which it is taken back; 0: none
    /// Unix seconds, before the tunnel was changed: a newer handshake confirms.
    std::int64_t newestHandshake = 0;
    bool byOperator = false;  ///< confirmed by a person; otherwise by a handshake of a confirming peer
    std::vector<std::string> confirmingPeers;  ///< WireGuard public keys
    /// The endpoints that are new with this change, by the confirming peer's key: each must be where its peer
    /// is heard of. `HOST:PORT`.
    std::map<std::string, std::string> endpoints;
    std::string interface;            ///< of the tunnel that the confirming peers are asked about
    Applied applied;                  ///< what a commit records; filled when armed
    std::vector<BeforeImage> images;  ///< in the order in which they were taken
};

}  // namespace vigie::state
