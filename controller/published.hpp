// What the other threads may know of the reconcile thread.
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

/// A plan as everybody may see it. The texts are shared by all answers; null as long as there is no plan.
struct PublishedPlan {
    std::string digest;
    std::shared_ptr<const std::string> json;
    std::shared_ptr<const std::string> text;
    bool waits = false;  ///< it is applied when its digest is approved
};

/// The containers of this host, for the API.
struct PublishedContainers {
    std::string json;           ///< empty: no pass has ended yet
    std::set<std::string> ids;  ///< of those in it
};

/// The last pass as a whole, never changed again.
struct Snapshot {
    Status status;
    PublishedPlan plan = {};
    std::string topology = {};  ///< in JSON; empty: no document was loaded yet
    PublishedContainers containers = {};
    std::shared_ptr<const std::vector<state::Attempt>> history =
        {};  ///< newest first, with plans; may be null
};

/// `note` says why it is not the plan of what the branch has now: the tip cannot be read, or is refused.
/// Empty: it is.
PublishedPlan publishedPlan(const plan::Plan& plan, bool waits, const std::string& note);

/// What is told after a pass that did not get to its end: nothing is known to be good.
Snapshot failedPass(const Snapshot& before, const std::string& why, std::int64_t now, std::int64_t request);

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
