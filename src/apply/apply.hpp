// Observes a host, plans, and applies a plan.
#pragma once

#include "plan/plan.hpp"
#include "render/resource.hpp"
#include "spec/reconcile.hpp"
#include "spec/topology.hpp"
#include "state/store.hpp"
#include "system/system.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace vigie::apply {

/// What is to be applied on a host.
struct DesiredState {
    std::string stack;
    std::string host;
    std::string revision;  ///< a commit, or empty
    std::vector<render::Resource> desired;
    plan::Options options;
    /// The document and the files that it names, by file name: kept, so that one can go back to it.
    std::map<std::string, std::string> bundle = {};
    std::chrono::milliseconds timeout{0};  ///< instead of `Settings::reloadTimeout`; 0: nothing is said
    std::vector<spec::HealthCheck> healthChecks = {};  ///< those of this host
    /// Programs that run as in 0.1 although they have users of their own by now: whether they still do has to
    /// be looked at before each plan.
    std::set<std::string> keptUsers = {};
    spec::JoinedBy joinedBy = spec::JoinedBy::nothing;  ///< how the document joins its hosts
};

/// By which a target is known in history and in quarantine: what the host becomes, and what must be healthy
/// then. A check that was corrected is another try.
std::string renderDigest(const DesiredState& target);

/// A plan, and what it was computed from.
struct ObservedPlan {
    plan::Plan plan;
    plan::Observed observed;
};

struct Settings {
    std::string stateDirectory;                        ///< as the host sees it
    std::chrono::milliseconds reloadTimeout{60'000};   ///< until a reload or a health check is proven
    std::chrono::milliseconds settle{10'000};          ///< how long a container must stay up
    std::function<void(const std::string&)> progress;  ///< one line for each step; may be empty
    /// A person confirms within this time, or everything is taken back; 0: nobody is asked.
    std::chrono::milliseconds confirmWithin{0};
    /// Pulls and builds images, which takes long and changes nothing that runs: may be interrupted. Null: as
    /// everything else.
    const system::System* imagesWith = nullptr;
    /// Starts a process that takes the transaction back at its deadline, also when this one is dead. Empty
    /// where nothing is activated.
    std::function<void()> startGuard;
    /// Opens a new connection to the outside and throws Error when it cannot; may be empty.
    std::function<void()> proveOutbound;
    /// Everything may be deleted, and what was taken over gets back what it was: uninstalling.
    bool uninstall = false;
    /// What history says of a success beside its result; may be empty.
    std::string story;
    /// The root may become another host of the document than the one it is.
    bool changeHost = false;
    /// Gets what was seen when the apply was verified, just before it is recorded; may be empty.
    std::function<void(ObservedPlan)> verified;
};

enum class Applied : std::uint8_t {
    done,   ///< seen to be so, and recorded
    armed,  ///< seen to be so on this host; taken back unless it is confirmed until the deadline
};

/// Compares this host with `target`. Mutates nothing.
ObservedPlan observeAndPlan(const DesiredState& target, const state::Inventory& inventory,
                            const system::System& system);
/// Only the plan.
plan::Plan planFor(const DesiredState& target, const state::Inventory& inventory,
                   const system::System& system);

/// Makes the host what `plan` says, as one transaction: prepare (checkers, images), journal what was there,
/// mutate, observe, record. On failure after the journal was begun everything is put back, the programs
/// reload what they had, and Error is thrown; a render that this host does not work with is put into
/// quarantine. What was achieved is recorded in `store`; a refused or failed attempt as well. The caller
/// holds the root's lock and has called `recoverOpen`.
Applied apply(const DesiredState& target, const plan::Plan& plan, state::Store& store,
              const Settings& settings, const system::System& system);

}  // namespace vigie::apply
