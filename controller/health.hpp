// Whether what runs on a host works.
#pragma once

#include "apply/inputs/desired_state.hpp"
#include "apply/probes/asked_program.hpp"
#include "apply/probes/health.hpp"
#include "controller/outcome.hpp"
#include "system/system.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace vigie::controller {

/// Looks at what runs on a host, after it was converged: does everything run what it should, and does it do
/// its work? Proofs about other hosts (targets, peers, mail) are only ever reported. Remembers counters, so
/// there is one for the life of a controller.
class Health {
public:
    /// Fills in `report` from the latest comparison and from what only the programs themselves know.
    void observe(const apply::DesiredState& target, const apply::ObservedPlan& look,
                 const system::System& system, HealthReport& report);

    /// Milliseconds from `now`, a monotonic time, until what ran again is believed to go on running; nothing:
    /// there is no such thing.
    [[nodiscard]] std::optional<std::int64_t> untilBelieved(std::int64_t now) const;

private:
    /// Something that did not run.
    struct Fall {
        std::string message;
        std::int64_t last = 0;  ///< monotonic: it was seen not to run
        bool runs = false;      ///< it did, when it was looked at last
        bool again = false;     ///< it fell more than once within a minute
    };

    /// What falls again and again is not well in between: it must run for a while.
    void remember(std::int64_t now, HealthReport& report);
    void observePrometheus(apply::AskedProgram& program, HealthReport& report);
    void observeRules(apply::AskedProgram& program, HealthReport& report);
    void observeAlertmanager(apply::AskedProgram& program, HealthReport& report);

    std::map<std::string, apply::Notifications> counted_;
    std::map<std::string, Fall> falls_;
    std::set<std::string> failing_;  ///< kinds of receivers whose last notification did not go out
};

}  // namespace vigie::controller
