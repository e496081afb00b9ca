// What the reconciler remembers between two passes. Nothing of it is needed after a restart: that is in the
// state database.
#pragma once

#include "apply/apply.hpp"
#include "controller/health.hpp"
#include "controller/other_hosts.hpp"
#include "controller/outcome.hpp"
#include "plan/plan.hpp"
#include "spec/stack.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace vigie::controller {

/// What a pass is for.
struct PassRequest {
    bool remote = true;        ///< the remote is asked for its tip
    std::int64_t request = 0;  ///< the number of the latest request that it answers
};

/// What goes into the metrics of one pass.
struct PassMetrics {
    bool asked = false;  ///< the remote was asked …
    bool answered = false;
    std::vector<std::string> drifted;               ///< ids of resources that were not as applied
    std::size_t pending = 0;                        ///< changes that are known and not applied
    std::map<std::string, double> handshakes;       ///< peer → Unix seconds
    std::map<std::string, std::size_t> containers;  ///< state → how many
};

/// One pass, from its begin to its end.
struct Pass {
    PassRequest request = {};
    PassMetrics metrics = {};
    HealthReport health = {};
    bool observed = false;           ///< what runs on the host was looked at
    bool sourceFailed = false;       ///< the remote could not be asked
    bool remoteInterrupted = false;  ///< the remote was not waited for: the host had something to say
};

/// How well the remote answers.
struct SourceHealth {
    std::string problem;                    ///< why it could not be asked the last time; empty: it could
    int consecutiveFailures = 0;            ///< to ask it or to fetch
    std::int64_t uninterruptibleUntil = 0;  ///< monotonic: no conversation is given up before
    std::int64_t contactAt = 0;             ///< Unix milliseconds: it answered; 0: never
};

/// The pause after something failed.
struct BackOff {
    int failures = 0;          ///< in a row
    std::int64_t retryAt = 0;  ///< monotonic
};

/// What is known of a revision.
enum class Verdict : std::uint8_t {
    none,        ///< nothing against it
    invalid,     ///< its document has mistakes; only another revision helps
    unreadable,  ///< its document could not be read in time; tried again after a pause
    failed,      ///< it could not be applied; tried again after a pause
};

/// The revision that the host is to be brought to. Another revision begins anew, see `follow`.
struct RevisionUnderWork {
    std::string commit;
    Trust trust = {};  ///< stays until it is judged anew
    Verdict verdict = Verdict::none;
    Result failedAs = Result::failed;  ///< of the last failure, with `why`
    std::optional<Reason> reason = {};
    std::string why = {};
    BackOff backOff = {};
    /// Time of the attempt in history (WaitingForPeer) after which a pause was made already.
    std::int64_t pausedForAttempt = 0;

    [[nodiscard]] bool pauses(std::int64_t now) const {
        return (verdict == Verdict::unreadable || verdict == Verdict::failed) && now < backOff.retryAt;
    }
};

/// What this host is to be.
struct DesiredStates {
    std::optional<apply::DesiredState> tip;       ///< of the revision in hand
    std::shared_ptr<const spec::Stack> tipStack;  ///< its document
    std::optional<apply::DesiredState> applied;   ///< of the revision applied last: for drift
    std::string appliedTunnel;                    ///< the revision whose tunnel `applied` has; empty: its own
    std::shared_ptr<const spec::Stack> latestStack;  ///< the document that was loaded last
    std::string stack;                               ///< the name of the one that was rendered last
    std::string readOnTrial;                         ///< the revision that was read on trial last, in time
};

/// The plan of the tip, as it was made last.
struct TipPlan {
    std::optional<plan::Plan> plan;
    bool waits = false;  ///< for `vigie approve`
};

/// The host, as it was seen last.
struct ObservedHost {
    std::optional<apply::DesiredState> desired;     ///< what it was compared with
    std::optional<apply::ObservedPlan> comparison;  ///< how it was
    std::set<std::string> alivePeers;
    Health health;
    OtherHosts others;
};

struct State {
    std::string tip;  ///< what the remote said last; empty: nothing that may be used
    SourceHealth source;
    RevisionUnderWork work;
    DesiredStates desired;
    TipPlan plan;
    ObservedHost host;
    BackOff repair;  ///< of what was applied already
    Pass pass;
};

/// `commit` is the tip from now on. Another one than before is not judged by what the one before has done.
inline void follow(State& state, const std::string& commit) {
    state.tip = commit;
    if (state.work.commit != commit) {
        state.work = {.commit = commit, .trust = state.work.trust};
    }
}

}  // namespace vigie::controller
