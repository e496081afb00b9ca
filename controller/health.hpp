#pragma once

#include "apply/health.hpp"
#include "apply/target.hpp"
#include "controller/status.hpp"
#include "system/system.hpp"

#include <map>
#include <set>
#include <string>

namespace vigie::controller {

/// Looks at what runs on a host, after it was converged: does everything run what it should, and does it do
/// its work? Proofs about other hosts (targets, peers, mail) are only ever reported. Remembers counters, so
/// there is one for the life of a controller.
class Health {
public:
    /// Fills in the part of `outcome` that is about health, from the latest look and from what only the
    /// programs themselves know.
    void observe(const apply::Target& target, const apply::Look& look, const system::System& system,
                 Outcome& outcome);

private:
    void observePrometheus(const render::Reload& reload, const system::System& system, Outcome& outcome);
    void observeAlertmanager(const render::Reload& reload, const system::System& system, Outcome& outcome);

    std::map<std::string, apply::Notifications> counted_;
    std::set<std::string> failing_;  ///< kinds of receivers whose last notification did not go out
};

}  // namespace vigie::controller
