// What others are told of this host: the status, where other threads read it and on the disk.
#pragma once

#include "controller/config.hpp"
#include "controller/reconcile/world.hpp"
#include "controller/status.hpp"
#include "state/store.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace vigie::controller {

class StatusReport {
public:
    /// Keeps references to all three.
    StatusReport(const Config& config, const state::Store& store, const World& world);

    [[nodiscard]] const Status& status() const { return status_; }
    /// The latest attempts with their plans; may be null.
    [[nodiscard]] const std::shared_ptr<const std::vector<state::Attempt>>& history() const {
        return history_;
    }

    /// Before a pass: nothing is applied.
    void begin() { status_.applying.reset(); }
    /// An apply is at this step; the first one begins it. Told at once.
    void step(const std::string& revision, bool repair, const std::string& step);
    /// What a pass has found. `told` has what no other place knows: revisions, suspension, contact.
    void end(const Findings& findings, Status told);
    /// When the remote is asked again, Unix milliseconds.
    void nextPollAt(std::int64_t at) { status_.nextPollAt = at; }

    /// Writes the status to the disk unless only times have changed: an idle host's disk sleeps.
    void write();
    /// The controller ends; whoever reads what is on the disk sees since when.
    void stopped();

private:
    const Config& config_;
    const state::Store& store_;
    const World& world_;
    Status status_;
    std::string written_;  ///< what is on the disk, without times
    std::shared_ptr<const std::vector<state::Attempt>> history_;
};

}  // namespace vigie::controller
