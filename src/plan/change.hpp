// What a plan consists of: one change for each resource, and what the document says about making them.
#pragma once

#include "plan/activation.hpp"
#include "plan/views.hpp"
#include "spec/choices.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::plan {

enum class Action : std::uint8_t {
    none,
    create,
    update,
    remove,
    release,  ///< stays, and is the user's again
    reload,
    recreate,  ///< a container is replaced
    restart,   ///< a container is started again; a tunnel goes down and up
    adopt,
    refuse,
    drift,  ///< differs from what was applied, and is only reported
};

std::string_view toText(Action action);

/// A peer of the tunnel that is dialled somewhere else than it is heard of now.
struct Dial {
    std::string endpoint;  ///< of the document, `HOST:PORT`
    bool isNew = false;    ///< the document changed it; else the peer has fallen silent
};

/// What happens to one resource.
struct Change {
    std::string id;
    Action action = Action::none;
    std::string reason;  ///< in words
    Diff diff;           ///< unified or field by field, secrets masked; may be empty
    /// The tunnel works only when the other side follows: the change waits for a handshake of one of these
    /// public keys, and is taken back when none comes.
    std::vector<std::string> confirmingPeers = {};
    std::map<std::string, Dial> dials = {};  ///< by the peer's public key
    bool unobserved = false;                 ///< it could not be looked at; the reason says why
    /// False for what is there and is not ours, or is not there and need not be.
    bool ownable = true;
    /// What the inventory remembers of it instead of what the resource itself has to say: of what was seen.
    std::string record = {};
    bool settling = false;  ///< it waits until what somebody else does with it is over; the reason says what

    /// Whether an apply does something.
    [[nodiscard]] bool acts() const;
    /// A rollback brings the same configuration back, but not what a container held in memory.
    [[nodiscard]] bool reversible() const;
    /// Something goes: the resource itself, or what a container held in memory.
    [[nodiscard]] bool destructive() const;
};

struct Plan {
    std::string stack;
    std::string host;
    std::string revision;         ///< a commit, or empty for a plain directory
    std::vector<Change> changes;  ///< in the order in which they are made
    std::vector<std::string> notes;
    std::string digest;  ///< of the compared fields; equal plans have equal digests

    /// An apply has nothing to do.
    [[nodiscard]] bool empty() const;
    /// Something differs and is only reported.
    [[nodiscard]] bool drifted() const;
    [[nodiscard]] bool refused() const;
    [[nodiscard]] std::size_t count(Action action) const;
};

using spec::DriftPolicy;

struct Options {
    Activation activation = Activation::none;
    /// Ids that may be taken over although they exist and differ.
    std::set<std::string> adopt = {};
    /// The host has no identity: secrets are written as `***`, to try things out.
    bool masked = false;
    /// Whether what is no longer desired is removed.
    bool prune = true;
    /// Whether a file that was taken over gets back what it was, when it is no longer desired.
    bool givesBack = false;
    /// Whether files of attached programs are released also where nothing is removed.
    bool releases = false;
    DriftPolicy drift = DriftPolicy::repair;
    std::map<std::string, DriftPolicy> driftOf = {};  ///< by resource id
    /// What is not compared, by resource id; without fields, the resource as a whole is left alone.
    std::map<std::string, std::set<std::string>> ignored = {};
    /// The guarded components (plan/guard.hpp) that this host may lose.
    std::set<std::string> allowRemoval = {};
    bool reownsLarge = false;             ///< a large tree may change its owner (`spec.uids: separate`)
    std::vector<std::string> notes = {};  ///< what is to be said beside what changes
    std::string stateDirectory = {};  ///< of vigie itself on this host, as the host sees it; empty: unknown
    std::string suspended = {};       ///< the field of the document that lets nothing be changed; empty: none

    [[nodiscard]] bool leavesAlone(const std::string& id) const;
};

}  // namespace vigie::plan
