// One transaction: prepare, journal, mutate, verify, commit.

#include "apply/transaction/run.hpp"

#include "apply/refused.hpp"
#include "apply/rejected.hpp"
#include "apply/transaction/generations.hpp"
#include "apply/transaction/prepare.hpp"
#include "apply/transaction/recover.hpp"
#include "base/error.hpp"
#include "kinds/file/host.hpp"
#include "kinds/hosts.hpp"

#include <algorithm>

namespace vigie::apply {
namespace {

using plan::Action;
using plan::Change;

/// How long a change of the way in may take before the guard takes it back, whatever the agent does.
constexpr std::chrono::milliseconds kUnattended = std::chrono::minutes(10);
/// A program that has just been started may read much of its own data before it answers.
constexpr int kPatience = 5;

/// The document's word on how long proofs may take comes before the host's own.
Settings withTimeoutOf(const DesiredState& target, Settings settings) {
    if (target.timeout.count() != 0) {
        settings.reloadTimeout = target.timeout;
    }
    return settings;
}

/// Two programs that were just started, their reloads, containers and health checks; a usual time-out leaves
/// enough of `kUnattended`.
std::chrono::milliseconds longestProofs(const Settings& settings) {
    constexpr int kOthers = 4;
    return settings.reloadTimeout > kUnattended / (2 * kPatience)
               ? (2 * kPatience + kOthers) * settings.reloadTimeout + settings.settle
               : kUnattended;
}

bool goes(const Change& change) {
    return change.action == Action::remove || change.action == Action::release;
}

void begin(Run& run) {
    const auto& settings = run.settings;
    state::OpenJournal journal;
    journal.revision = run.target.revision;
    journal.renderDigest = run.renderDigest;
    journal.bootId = run.system.clock.bootId();
    journal.byOperator = settings.confirmWithin.count() != 0;
    std::int64_t window = std::max({settings.confirmWithin, kUnattended, longestProofs(settings)}).count();
    for (const auto& resource : run.target.desired) {
        if (const auto* tunnel = kinds::tunnelOf(resource)) {
            journal.interface = tunnel->interface;
            window = std::max(window, tunnel->windowMs);
        }
    }
    journal.deadline = run.system.clock.sinceBoot() + window;
    journal.images = captureAll(run);
    keepGeneration(run.target, settings.stateDirectory, run.system);
    run.store.begin(journal);
    const bool guarded = run.target.options.activation == plan::Activation::all &&
                         (journal.byOperator || touchesTheWayIn(run.plan));
    if (guarded && settings.startGuard) {
        try {
            settings.startGuard();
        } catch (const Error&) {
            run.store.abandon();  // nothing was changed: there is nothing to put back
            throw;
        }
    }
}

/// What is ours from now on: what we made, and what is as we want it.
void own(Run& run, const Change& change) {
    auto& transaction = run.transaction;
    const auto* resource = transaction.resource(change.id);
    if (resource == nullptr || !change.ownable || change.action == Action::refuse) {
        return;
    }
    const auto& traits = kinds::traitsOf(*resource);
    const bool known = transaction.inventory.count(change.id) != 0;
    if (traits.place == kinds::Place::file && change.action == Action::none && !known) {
        // Somebody else wrote the same: it was his.
        keepBackup(transaction, change.id, kinds::nameOf(change.id));
    }
    const auto owning = kinds::owning(*resource);
    const bool becomesOurs =
        owning == kinds::Owning::always ||
        (owning == kinds::Owning::whenMade && change.action == Action::create) ||
        (owning == kinds::Owning::whenActivated && run.target.options.activation >= traits.from);
    if (becomesOurs || known) {
        auto& owned = transaction.inventory[change.id];
        owned.digest = digestOf(*resource);
        owned.detail = change.record.empty() ? kinds::recordOf(*resource) : change.record;
    }
}

void makeAll(Run& run) {
    for (const auto& change : run.plan.changes) {
        if (change.acts() && !goes(change)) {
            run.transaction.tell(std::string(toText(change.action)) + " " + change.id);
            kinds::make(run.transaction, change);
        }
        own(run, change);
    }
    if (run.settings.proveOutbound && touchesTheWayIn(run.plan)) {
        run.settings.proveOutbound();
    }
}

/// What is no longer in the document goes, after everything else was seen to work.
void removeAll(Run& run) {
    auto& transaction = run.transaction;
    for (const auto& change : run.plan.changes) {
        if (!goes(change)) {
            continue;
        }
        const auto owned = transaction.before.at(change.id);
        transaction.inventory.erase(change.id);
        if (kinds::traitsOf(change.id).place == kinds::Place::none) {  // a path says more
            transaction.tell(std::string(toText(change.action)) + " " + change.id);
        }
        kinds::remove(transaction, change, owned);
    }
    kinds::tidyUp(transaction);
}

/// There is nothing to do: what is as it should be is ours all the same.
Applied recordOnly(Run& run) {
    for (const auto& change : run.plan.changes) {
        own(run, change);
    }
    if (!nothingHappened(run)) {
        keepGeneration(run.target, run.settings.stateDirectory, run.system);
        run.store.record(appliedBy(run));
        removeLeftovers(run.store, run.settings.stateDirectory, run.system);
    }
    return Applied::done;
}

}  // namespace

Run makeRun(const DesiredState& target, const plan::Plan& plan, state::Store& store, const Settings& settings,
            const system::System& system) {
    const auto effective = withTimeoutOf(target, settings);
    Run out{.target = target,
            .plan = plan,
            .store = store,
            .system = system,
            .settings = effective,
            .renderDigest = renderDigest(target),
            .transaction = {.desired = target.desired,
                            .plan = plan,
                            .options = target.options,
                            .stateDirectory = effective.stateDirectory,
                            .timeout = effective.reloadTimeout,
                            .progress = effective.progress,
                            .system = system,
                            .before = store.inventory()}};
    for (const auto& resource : target.desired) {
        out.transaction.byId[resource.id] = &resource;
    }
    return out;
}

Applied runAll(Run& run) {
    try {
        refuse(run);
        prepare(run.target, run.plan, run.transaction.before, run.settings, run.system);
        if (!run.plan.empty()) {
            begin(run);
        }
    } catch (const Error& error) {
        const bool refused = dynamic_cast<const Refused*>(&error) != nullptr || run.plan.refused();
        run.store.record(
            state::Attempt{run.system.clock.now(), run.target.revision,
                           refused ? state::AttemptResult::refused : state::AttemptResult::failed,
                           error.what(), planText(run)});
        throw;
    }
    if (run.plan.empty()) {
        return recordOnly(run);
    }
    try {
        makeAll(run);
        requireHealth(run);
        removeAll(run);
        verify(run);
        return finish(run);
    } catch (const Rejected& error) {
        fail(run, error, error.hint(), true);
    } catch (const Error& error) {
        fail(run, error, error.hint(), false);
    } catch (const std::exception& error) {
        fail(run, error, {}, false);
    } catch (const Interrupted&) {
        rollBack(run.store, state::AttemptResult::rolledBack, "interrupted", run.settings, run.system);
        throw;
    }
}

}  // namespace vigie::apply
