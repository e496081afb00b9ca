// Every step of a pass, and every way in which it ends.
#include "controller/reconcile/steps.hpp"

#include "apply/transaction/recover.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/controller/reconcile/controller_host.hpp"

namespace vigie::controller {
namespace {

using tests::commit;
using tests::ControllerHost;

/// The files are on the host, and the next pass finds nothing to do.
bool isAt(ControllerHost& on, char letter) {
    return on.store.lastAppliedRevision() == commit(letter) && on.pass().result == Result::converged;
}

// The way through.

TEST_CASE("a new host is brought to the tip, and the next pass changes nothing", "[controller][reconcile]") {
    ControllerHost on;
    CHECK(on.ready() == "Starting");
    const auto outcome = on.pass();
    INFO(outcome.message);
    CHECK(outcome.result == Result::converged);
    CHECK(on.store.lastAppliedRevision() == commit('a'));
    CHECK(on.condition(ConditionType::ready) == "True Converged");
    CHECK(on.condition(ConditionType::sourceVerified) == "True Verified");
    CHECK(on.told("Fetched") == 1);
    CHECK(on.told("Applied") == 1);
    CHECK(on.reconciler->status().tip->subject == "subject of a");
    const auto changes = on.host.mutations();
    CHECK(on.pass().result == Result::converged);
    CHECK(on.host.mutations() == changes);
    CHECK(on.told("Applied") == 1);
}

TEST_CASE("a pass for what happened on the host does not ask the remote", "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    const int asked = on.source.asked;
    CHECK(on.pass(false).result == Result::converged);
    CHECK(on.source.asked == asked);
}

// askRemote

TEST_CASE("a remote that fails is reported once, counted and asked less and less often",
          "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    CHECK(on.reconciler->requeue().poll == 60'000);
    on.source.problem = "connection refused";
    CHECK(on.pass().result == Result::sourceFailed);
    CHECK(on.condition(ConditionType::ready) == "False SourceFailed");
    CHECK(on.condition(ConditionType::reconciling) == "True SourceFailed");
    CHECK(on.condition(ConditionType::sourceVerified) == "True Verified");
    const auto first = on.reconciler->requeue().poll;
    on.pass();
    on.pass();
    CHECK(on.reconciler->state().source.consecutiveFailures == 3);
    CHECK(on.reconciler->requeue().poll > first);
    CHECK(on.reconciler->requeue().poll <= 4 * 60'000 * 11 / 10);
    CHECK(on.log.count("error connection refused") == 1);
    CHECK(on.told("SourceFailed") == 3);
    on.source.problem.clear();
    CHECK(on.pass().result == Result::converged);
    CHECK(on.reconciler->state().source.consecutiveFailures == 0);
    CHECK(on.reconciler->requeue().poll == 60'000);
}

TEST_CASE("drift is repaired while the remote fails", "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    const auto text = on.managedText();
    on.source.problem = "connection refused";
    on.breakFile();
    CHECK(on.pass().result == Result::sourceFailed);
    CHECK(on.managedText() == text);
    CHECK(on.told("DriftRepaired") == 1);
}

TEST_CASE("a remote that never answered is not asked by a pass for the host, which says so",
          "[controller][reconcile]") {
    ControllerHost on;
    const auto outcome = on.pass(false);
    CHECK(outcome.result == Result::sourceFailed);
    CHECK(outcome.message == "the remote has not answered yet");
    CHECK(outcome.novelty == Novelty::known);
    CHECK(on.source.asked == 0);
}

TEST_CASE("a conversation that the host interrupts is given up, and waited for the next time",
          "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    on.source.interruptsAsk = true;
    CHECK(on.pass().result == Result::converged);  // with what is known
    CHECK(on.reconciler->requeue().poll == 2'000);
    on.push('b', on.changed());
    CHECK(on.pass().result == Result::converged);
    CHECK(on.store.lastAppliedRevision() == commit('b'));
    on.wait(61'000);
    on.push('c', on.changed("50s"));
    on.pass();
    CHECK(on.store.lastAppliedRevision() == commit('b'));  // interrupted again: its patience is over
}

TEST_CASE("an interruption ends the pass when the controller stops", "[controller][reconcile]") {
    ControllerHost on;
    on.source.interruptsAsk = true;
    on.stop.raise();
    CHECK_THROWS_AS(on.reconciler->reconcile({}), Interrupted);
}

// fetchTip

TEST_CASE("a fetch that fails leaves the host as it is and counts as a failure of the source",
          "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    on.push('b', on.changed());
    on.source.fetchProblem = "the pack is cut short";
    CHECK(on.pass().result == Result::sourceFailed);
    CHECK(on.store.lastAppliedRevision() == commit('a'));
    CHECK(on.reconciler->state().source.consecutiveFailures == 1);
    on.source.fetchProblem.clear();
    CHECK(on.pass().result == Result::converged);
    CHECK(isAt(on, 'b'));
}

TEST_CASE("a fetch that is interrupted does not let the tip before stand in for the new one",
          "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    on.push('b', on.changed());
    on.source.interruptsFetch = true;
    CHECK(on.pass().result == Result::sourceFailed);
    CHECK(on.reconciler->state().tip.empty());
    CHECK(on.pass().result == Result::converged);  // waited for
    CHECK(on.store.lastAppliedRevision() == commit('b'));
}

TEST_CASE("an unverified revision is not looked at, stalls, and is in the history once",
          "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    const auto history = on.store.history(9).size();
    on.push('b', on.changed());
    on.source.refused[commit('b')] = trust::Reason::notSigned;
    const int read = on.readOnTrial;
    CHECK(on.pass().result == Result::untrusted);
    CHECK(on.condition(ConditionType::ready) == "False NotSigned");
    CHECK(on.condition(ConditionType::stalled) == "True NotSigned");
    CHECK(on.condition(ConditionType::sourceVerified) == "False NotSigned");
    CHECK(on.readOnTrial == read);
    on.pass();
    CHECK(on.store.history(9).size() == history + 1);
    CHECK(on.store.history(1).front().result == state::AttemptResult::refused);
    CHECK(on.store.lastAppliedRevision() == commit('a'));
    CHECK(on.told("Untrusted") == 2);
}

TEST_CASE("an unusable file of signers leaves it unknown who made the revision", "[controller][reconcile]") {
    ControllerHost on;
    on.source.refused[commit('a')] = trust::Reason::signersUnusable;
    CHECK(on.pass().result == Result::untrusted);
    CHECK(on.condition(ConditionType::sourceVerified) == "Unknown SignersUnusable");
}

TEST_CASE("a tip must descend from what is applied unless the operator has named it",
          "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    CHECK(on.source.broughtFrom.empty());
    on.push('b', on.changed());
    on.store.allowRewind(commit('b').substr(0, 12));
    on.pass();
    CHECK(on.source.broughtFrom == commit('a'));
    CHECK(on.source.allowedRewind == commit('b').substr(0, 12));
    on.pass();  // it is applied: the permission is used up
    CHECK(on.source.allowedRewind.empty());
    CHECK(on.store.allowedRewind().empty());
    CHECK(on.told("RewindNotUsed") == 0);
}

TEST_CASE("a permission to rewind to another tip counts for nothing and is reported",
          "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    on.store.allowRewind(commit('c').substr(0, 12));
    on.push('b', on.changed());
    on.pass();
    CHECK(on.source.allowedRewind.empty());
    CHECK(on.told("RewindNotUsed") == 1);
}

// loadTip

TEST_CASE("an invalid document stalls, is read once, and the host stays as it was applied",
          "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    const auto text = on.managedText();
    on.pushInvalid('b');
    const int read = on.readOnTrial;
    const auto outcome = on.pass();
    CHECK(outcome.result == Result::invalidDocument);
    CHECK(tests::contains(outcome.message, "this is no document"));
    CHECK(on.condition(ConditionType::stalled) == "True InvalidDocument");
    CHECK(on.readOnTrial == read + 1);
    on.breakFile();
    CHECK(on.pass(false).novelty == Novelty::known);
    CHECK(on.managedText() == text);
    const auto snapshot = on.reconciler->snapshot();
    CHECK(tests::contains(*snapshot.plan.text, "this is not the plan of the tip bbbbbbbbbbbb"));
}

TEST_CASE("a document without this host stalls and removes nothing", "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    auto other = on.document;
    other.stack.hosts.front().name = "elsewhere";
    on.push('b', other);
    const auto outcome = on.pass();
    CHECK(outcome.result == Result::invalidDocument);
    CHECK(tests::contains(outcome.message, "has no host `shop`; nothing is removed here"));
    CHECK(on.store.lastAppliedRevision() == commit('a'));
}

TEST_CASE("a corrected document is applied at the next pass", "[controller][reconcile]") {
    ControllerHost on;
    on.pushInvalid('b');
    CHECK(on.pass().result == Result::invalidDocument);
    on.push('c', on.changed());
    CHECK(on.pass().result == Result::converged);
    CHECK(isAt(on, 'c'));
}

TEST_CASE("a document that cannot be read in time is tried again after its pause, not before",
          "[controller][reconcile]") {
    ControllerHost on;
    on.unreadable = true;
    const auto outcome = on.pass();
    CHECK(outcome.result == Result::failed);
    CHECK(on.readOnTrial == 1);
    CHECK(on.pass().novelty == Novelty::known);
    CHECK(on.readOnTrial == 1);
    on.unreadable = false;
    on.wait(outcome.comeAgainAt - on.host.clock.monotonic());
    CHECK(on.pass().result == Result::converged);
}

TEST_CASE("a host without its keys fails without a pause and goes on once they are there",
          "[controller][reconcile]") {
    ControllerHost on;
    const auto path = apply::keyPaths(on.config.state, {}).identity;
    const auto key = on.host.files.text(path);
    on.host.files.entries.erase(path);
    const auto outcome = on.pass();
    CHECK(outcome.result == Result::failed);
    CHECK(outcome.comeAgainAt == 0);
    on.host.files.put(path, *key, 0600);
    CHECK(on.pass().result == Result::converged);
}

// converge

TEST_CASE("a suspended host plans, changes nothing, and goes on once it is resumed",
          "[controller][reconcile]") {
    ControllerHost on;
    on.store.suspend("maintenance");
    const auto outcome = on.pass();
    CHECK(outcome.result == Result::suspended);
    CHECK(tests::contains(outcome.message, "maintenance; not applied: "));
    CHECK(on.condition(ConditionType::ready) == "Unknown Suspended");
    CHECK(on.store.inventory().empty());
    CHECK(on.reconciler->metrics().pending > 0);
    on.store.resume();
    CHECK(on.pass().result == Result::converged);
}

TEST_CASE("a suspension ends by itself at its time and is requeued for it", "[controller][reconcile]") {
    ControllerHost on;
    on.store.suspend("maintenance", on.host.clock.now() + 5'000);
    CHECK(on.pass().result == Result::suspended);
    CHECK(on.reconciler->requeue().resumed == 5'000);
    on.wait(5'000);
    CHECK(on.pass().result == Result::converged);
    CHECK(on.told("Resumed") == 1);
    CHECK_FALSE(on.reconciler->requeue().resumed);
}

TEST_CASE("a document that suspends the host is obeyed, also while a later one is invalid",
          "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    auto quiet = on.changed();
    quiet.stack.suspend = true;
    on.push('b', quiet);
    CHECK(on.pass().result == Result::suspended);
    on.breakFile();
    on.pushInvalid('c');
    CHECK(on.pass().result == Result::invalidDocument);
    CHECK(on.managedText() == "not ours\n");
    CHECK_FALSE(on.reconciler->status().suspended.empty());
}

TEST_CASE("report mode reports a change and drift, and changes neither", "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    on.config.apply.mode = ApplyMode::report;
    on.start();
    CHECK(on.pass().result == Result::converged);
    on.breakFile();
    const auto outcome = on.pass();
    CHECK(outcome.result == Result::pending);
    CHECK(on.condition(ConditionType::ready) == "False ChangePending");
    CHECK(on.managedText() == "not ours\n");
    CHECK(on.reconciler->metrics().drifted.size() == 1);
    on.pushInvalid('b');
    on.pass();
    CHECK(on.managedText() == "not ours\n");
}

TEST_CASE("manual mode applies what was approved, once, and repairs what was approved before",
          "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    const auto text = on.managedText();
    on.config.apply.mode = ApplyMode::manual;
    on.start();
    on.push('b', on.changed());
    on.breakFile();
    CHECK(on.pass().result == Result::unapproved);
    CHECK(on.condition(ConditionType::ready) == "False WaitingForApproval");
    CHECK(on.managedText() == text);
    const auto plan = on.reconciler->snapshot().plan;
    CHECK(plan.waits);
    on.store.approve(plan.digest);
    CHECK(on.pass().result == Result::converged);
    CHECK(on.store.lastAppliedRevision() == commit('b'));
    on.push('c', on.changed("50s"));
    CHECK(on.pass().result == Result::unapproved);
}

TEST_CASE("drift of the tip is repaired, reported and counted", "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    const auto text = on.managedText();
    on.breakFile();
    CHECK(on.pass(false).result == Result::converged);
    CHECK(on.managedText() == text);
    CHECK(on.told("Drift") == 1);
    CHECK(on.told("DriftRepaired") == 1);
    CHECK(on.reconciler->metrics().drifted.size() == 1);
    CHECK(on.store.history(1).front().result == state::AttemptResult::repaired);
}

TEST_CASE("an apply that fails is rolled back and tried again after a pause that grows",
          "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    on.push('b', on.changed());
    std::int64_t pause = 0;
    for (int i = 1; i <= 3; ++i) {
        on.host.fuse.failAt = 4;
        const auto outcome = on.pass();
        INFO(outcome.message);
        REQUIRE(outcome.result == Result::failed);
        on.host.fuse.revive();
        CHECK(on.reconciler->state().work.backOff.failures == i);
        const auto left = outcome.comeAgainAt - on.host.clock.monotonic();
        CHECK(left > pause);
        CHECK(on.reconciler->requeue().retry == left);
        pause = left;
        on.wait(left);
    }
    CHECK(on.condition(ConditionType::reconciling) == "True ApplyFailed");
    CHECK(on.store.lastAppliedRevision() == commit('a'));
    CHECK(on.pass().result == Result::converged);
    CHECK(on.store.lastAppliedRevision() == commit('b'));
    CHECK(on.reconciler->state().work.backOff.failures == 0);
    CHECK_FALSE(on.reconciler->requeue().retry);
}

TEST_CASE("the same failing revision is not tried again before its pause is over, and is told once",
          "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    on.push('b', on.changed());
    on.host.fuse.failAt = 4;
    REQUIRE(on.pass().result == Result::failed);
    on.host.fuse.revive();
    const auto changes = on.host.mutations();
    const auto told = on.told("ApplyFailed");
    const auto outcome = on.pass();
    CHECK(outcome.result == Result::failed);
    CHECK(outcome.novelty == Novelty::known);
    CHECK(on.host.mutations() == changes);
    CHECK(on.told("ApplyFailed") == told);
}

TEST_CASE("a new revision forgets the failures of the one before", "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    on.push('b', on.changed());
    on.host.fuse.failAt = 4;
    REQUIRE(on.pass().result == Result::failed);
    on.host.fuse.revive();
    on.push('c', on.changed("50s"));
    CHECK(on.pass().result == Result::converged);
    CHECK(isAt(on, 'c'));
}

TEST_CASE("drift is repaired while the tip pauses after a failure", "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    const auto text = on.managedText();
    on.push('b', on.changed());
    on.host.fuse.failAt = 4;
    REQUIRE(on.pass().result == Result::failed);
    on.host.fuse.revive();
    on.breakFile();
    CHECK(on.pass(false).result == Result::failed);
    CHECK(on.managedText() == text);
}

TEST_CASE("a repair that fails has a pause of its own", "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    on.source.problem = "connection refused";
    on.breakFile();
    on.host.fuse.failAt = 2;
    const auto outcome = on.pass();
    on.host.fuse.revive();
    CHECK(outcome.result == Result::sourceFailed);
    CHECK(tests::contains(outcome.message, "drift is not repaired"));
    REQUIRE(on.reconciler->requeue().retry);
    const auto changes = on.host.mutations();
    on.pass(false);
    CHECK(on.host.mutations() == changes);
    on.wait(*on.reconciler->requeue().retry);
    on.pass(false);
    CHECK(on.told("DriftRepaired") == 1);
}

TEST_CASE("a configuration that a checker refuses stalls and is tried again all the same",
          "[controller][reconcile]") {
    ControllerHost on;
    on.config.apply.activate = "all";
    on.start();
    on.host.processes.checkersRefuse = true;
    const auto outcome = on.pass();
    INFO(outcome.message);
    CHECK(outcome.result == Result::refused);
    CHECK(on.condition(ConditionType::stalled) == "True ApplyFailed");
    CHECK(outcome.comeAgainAt > on.host.clock.monotonic());
    on.host.processes.checkersRefuse = false;
    on.wait(outcome.comeAgainAt - on.host.clock.monotonic());
    const auto next = on.pass();
    INFO(next.message);
    CHECK(next.result == Result::converged);
}

TEST_CASE("a quarantined render is not tried again by itself", "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    on.push('b', on.changed());
    on.config.apply.mode = ApplyMode::report;
    on.start();
    on.pass();
    on.store.quarantine(apply::renderDigest(*on.reconciler->state().desired.tip), "it fell");
    on.config.apply.mode = ApplyMode::automatic;
    on.start();
    const auto outcome = on.pass();
    CHECK(outcome.result == Result::quarantined);
    CHECK(tests::contains(outcome.message, "it fell"));
    CHECK(on.condition(ConditionType::stalled) == "True Quarantined");
    CHECK(on.store.lastAppliedRevision() == commit('a'));
    CHECK_FALSE(on.reconciler->requeue().retry);
}

TEST_CASE("an apply waits while somebody else has the root's lock, and is tried again",
          "[controller][reconcile]") {
    ControllerHost on;
    Outcome outcome;
    {
        const apply::Lock other(on.directory.path + "/lock", "this root");
        outcome = on.pass();
    }
    CHECK(outcome.result == Result::failed);
    CHECK(tests::contains(outcome.message, "this root is held by process"));
    on.wait(outcome.comeAgainAt - on.host.clock.monotonic());
    CHECK(on.pass().result == Result::converged);
}

TEST_CASE("a host that changed while its plan was made is looked at again in a moment",
          "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    on.push('b', on.changed());
    on.beforeLock = [&] { on.breakFile(); };
    const auto outcome = on.pass();
    CHECK(outcome.result == Result::failed);
    CHECK(tests::contains(outcome.message, "the host changed while its plan was made"));
    CHECK(on.reconciler->requeue().retry == 500);
    on.wait(500);
    CHECK(on.pass().result == Result::converged);
    CHECK(on.store.lastAppliedRevision() == commit('b'));
}

TEST_CASE("a suspension that comes between plan and apply changes nothing", "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    const auto text = on.managedText();
    on.push('b', on.changed());
    on.beforeLock = [&] { on.store.suspend("maintenance"); };
    CHECK(on.pass().result == Result::failed);
    CHECK(on.managedText() == text);
    CHECK(on.pass().result == Result::suspended);
}

TEST_CASE("a render that does not work on this host is quarantined, also after a restart",
          "[controller][reconcile]") {
    ControllerHost on;
    on.config.apply.activate = "all";
    on.start();
    REQUIRE(on.pass().result == Result::converged);
    on.push('b', on.changed());
    on.host.programs.refuseReloads = 100;
    const auto outcome = on.pass();
    INFO(outcome.message);
    CHECK(outcome.result == Result::quarantined);
    CHECK(on.store.lastAppliedRevision() == commit('a'));
    on.host.programs.refuseReloads = 0;
    on.start();
    CHECK(on.pass().result == Result::quarantined);
    on.push('c', on.changed("50s"));
    CHECK(on.pass().result == Result::converged);
}

// observeAnyway

TEST_CASE("a pass that ended early still looks at what runs on the host", "[controller][reconcile]") {
    ControllerHost on;
    on.config.apply.activate = "all";
    on.start();
    const auto first = on.pass();
    INFO(first.message);
    REQUIRE(first.result == Result::converged);
    on.config.apply.mode = ApplyMode::report;
    on.start();
    on.source.problem = "connection refused";
    CHECK(on.pass().result == Result::sourceFailed);
    CHECK(on.condition(ConditionType::healthy) != "Unknown NotObserved");
}

}  // namespace
}  // namespace vigie::controller
