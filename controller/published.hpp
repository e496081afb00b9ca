#pragma once

#include "controller/status.hpp"
#include "plan/plan.hpp"
#include "state/store.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace vigie::controller {

/// What the other threads may know of the reconcile thread: its last look as a whole, never changed again.
struct Snapshot {
    Status status;
    std::string statusJson;
    bool ready = false;
    std::string readyReason;
    std::string readyMessage;
    std::string suspended;  ///< why; empty: it is not
    /// The plan of the tip, as everybody may see it; empty as long as there is none.
    std::string planDigest;
    /// As they are answered, shared by all answers; null as long as there is no plan.
    std::shared_ptr<const std::string> planJson;
    std::shared_ptr<const std::string> planText;
    bool planWaits = false;  ///< it is applied when its digest is approved
    /// Why it is not the plan of what the branch has now: the tip cannot be read, or is refused. Empty: it
    /// is.
    std::string planNote;
    std::shared_ptr<const std::vector<state::Attempt>> history;  ///< newest first, with plans; may be null
    std::string topologyJson;
    std::string containersJson;          ///< empty: the first look has not ended
    std::set<std::string> containerIds;  ///< of those in it
};

/// Writes a plan into a snapshot whose note about it and whose `planWaits` are there already.
void addPlan(const plan::Plan& plan, Snapshot& snapshot);

/// What is told after a look that did not get to its end: nothing is known to be good.
Snapshot failedLook(const Snapshot& before, const std::string& why, std::int64_t now, std::int64_t request);

/// The latest snapshot. Safe to use from any thread.
class Published {
public:
    /// Never null.
    [[nodiscard]] std::shared_ptr<const Snapshot> get() const {
        const std::lock_guard lock(mutex_);
        return snapshot_;
    }
    void set(Snapshot snapshot) {
        auto next = std::make_shared<const Snapshot>(std::move(snapshot));
        const std::lock_guard lock(mutex_);
        snapshot_.swap(next);
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<const Snapshot>();
};

}  // namespace vigie::controller
