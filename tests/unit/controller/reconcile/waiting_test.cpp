// Passes that wait: for a peer, for an operator, for other hosts; and controllers that begin in the middle.
#include "controller/reconcile/steps.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/controller/reconcile/controller_host.hpp"

namespace vigie::controller {
namespace {

using tests::commit;
using tests::ControllerHost;

/// A transaction of revision `letter` that has begun, as a controller before has left it.
state::OpenJournal leaveOpen(ControllerHost& on, char letter) {
    state::OpenJournal out;
    out.revision = commit(letter);
    out.renderDigest = "digest";
    out.bootId = on.host.clock.bootId();
    out.deadline = on.host.clock.sinceBoot() + 60'000;
    on.store.begin(out);
    return out;
}

/// The same, applied, and waiting for a person.
void leaveArmed(ControllerHost& on, char letter) {
    auto journal = leaveOpen(on, letter);
    journal.byOperator = true;
    journal.applied.stack = on.document.stack.name;
    journal.applied.host = on.name;
    journal.applied.revision = journal.revision;
    journal.applied.inventory = on.store.inventory();
    journal.applied.attempt = {.time = on.host.clock.now(),
                               .revision = journal.revision,
                               .result = state::AttemptResult::applied,
                               .message = ""};
    on.store.arm(journal);
}

TEST_CASE("a change that waits to be confirmed ends the pass, and the next one comes soon",
          "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    leaveArmed(on, 'b');
    const auto outcome = on.pass();
    CHECK(outcome.result == Result::waiting);
    CHECK(on.condition(ConditionType::reconciling) == "True WaitingForConfirmation");
    CHECK(on.reconciler->status().waiting->revision == commit('b'));
    CHECK(on.reconciler->requeue().poll == 5'000);
    CHECK(on.reconciler->requeue().retry == 5'000);
    on.pass();
    CHECK(on.log.count("is applied and waits") + on.log.count("waits for `vigie confirm`") == 1);
}

TEST_CASE("a change that was confirmed meanwhile is the host's revision", "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    leaveArmed(on, 'b');
    on.pass();
    REQUIRE(on.store.commit(on.store.journal()->applied));
    on.push('b', on.document);
    CHECK(on.pass().result == Result::converged);
    CHECK(on.store.lastAppliedRevision() == commit('b'));
}

TEST_CASE("a change that nobody confirms is rolled back at its deadline", "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    leaveArmed(on, 'b');
    on.pass();
    on.wait(60'000);
    on.pass();
    CHECK_FALSE(on.store.journal());
    CHECK(on.told("RolledBack") == 1);
    CHECK(on.store.history(9)[0].result == state::AttemptResult::notConfirmed);
    CHECK(on.store.lastAppliedRevision() == commit('a'));
}

TEST_CASE("a revision that was rolled back for want of a peer is tried again after a random pause",
          "[controller][reconcile]") {
    ControllerHost on("loopback", "vm");
    REQUIRE(on.pass().result == Result::converged);
    auto next = on.changed();
    on.push('b', next);
    on.store.record(state::Attempt{.time = on.host.clock.now(),
                                   .revision = commit('b'),
                                   .result = state::AttemptResult::waitingForPeer,
                                   .message = "no peer came"});
    const auto outcome = on.pass();
    CHECK(outcome.result == Result::failed);
    CHECK(tests::contains(outcome.message, "WaitingForPeer: no peer came"));
    const auto left = outcome.comeAgainAt - on.host.clock.monotonic();
    CHECK(left > 0);
    CHECK(on.store.lastAppliedRevision() == commit('a'));
    on.wait(left);
    CHECK(on.pass().result == Result::converged);
    CHECK(on.store.lastAppliedRevision() == commit('b'));
}

// rollout

/// The vm of a stack whose vps comes first, and a revision `b` that the vps has not applied.
struct SecondHost : ControllerHost {
    SecondHost() : ControllerHost("loopback", "vm") {
        document.stack.rollout = {"vps", "vm"};
        document.stack.rolloutTimeout = "30m";
        documents[commit('a')] = document;
        peerAt('a');
    }
    void peerAt(char letter) { http.peers["127.66.66.1"] = tests::wellAt("vps", commit(letter)); }
};

TEST_CASE("a revision is blocked until the host before has applied it", "[controller][reconcile]") {
    SecondHost on;
    const auto first = on.pass();
    INFO(first.message);
    REQUIRE(first.result == Result::converged);
    on.push('b', on.changed());
    const auto outcome = on.pass();
    CHECK(outcome.result == Result::blocked);
    CHECK(tests::contains(outcome.message, "vps has not applied it"));
    CHECK(on.condition(ConditionType::reconciling) == "True WaitingForHosts");
    CHECK(on.store.heldTunnel() == commit('b'));
    CHECK(on.store.lastAppliedRevision() == commit('a'));
    on.pass();
    CHECK(on.told("WaitingForHosts") == 1);
    on.peerAt('b');
    CHECK(on.pass().result == Result::converged);
    CHECK(on.store.lastAppliedRevision() == commit('b'));
    CHECK(on.store.heldTunnel().empty());
}

TEST_CASE("a revision that is blocked for longer than rolloutTimeout stalls, and goes on all the same",
          "[controller][reconcile]") {
    SecondHost on;
    REQUIRE(on.pass().result == Result::converged);
    on.push('b', on.changed());
    on.pass();
    on.wait(30 * 60'000);
    CHECK(on.pass().result == Result::blockedTooLong);
    CHECK(on.condition(ConditionType::stalled) == "True RolloutTimedOut");
    CHECK(on.told("RolloutTimedOut") == 1);
    on.peerAt('b');
    CHECK(on.pass().result == Result::converged);
}

TEST_CASE("drift of a blocked host is repaired towards what is applied", "[controller][reconcile]") {
    SecondHost on;
    REQUIRE(on.pass().result == Result::converged);
    const auto text = on.managedText();
    on.push('b', on.changed());
    on.pass();
    on.breakFile();
    CHECK(on.pass(false).result == Result::blocked);
    CHECK(on.managedText() == text);
}

TEST_CASE("a host before that does not answer blocks and is named", "[controller][reconcile]") {
    SecondHost on;
    on.http.peers.erase("127.66.66.1");
    const auto outcome = on.pass();
    CHECK(outcome.result == Result::blocked);
    CHECK(tests::contains(outcome.message, "vps does not say how far it is"));
    CHECK(on.store.lastAppliedRevision().empty());
}

// rollback

TEST_CASE("a rollback goes to the generation before, suspends, and a resume goes forward again",
          "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    const auto text = on.managedText();
    on.push('b', on.changed());
    on.pass();
    REQUIRE(on.managedText() != text);
    on.reconciler->rollback("");
    CHECK(on.managedText() == text);
    CHECK(on.told("RolledBack") == 1);
    CHECK(on.pass().result == Result::suspended);
    CHECK(on.store.lastAppliedRevision() == commit('a'));
    on.store.resume();
    CHECK(on.pass().result == Result::converged);
    CHECK(on.store.lastAppliedRevision() == commit('b'));
}

TEST_CASE("a rollback rolls back what waits to be confirmed", "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    leaveArmed(on, 'b');
    on.reconciler->rollback("");
    CHECK_FALSE(on.store.journal());
    CHECK(on.told("RolledBack") == 1);
    CHECK(on.pass().result == Result::suspended);
}

TEST_CASE("a rollback to nowhere is reported and suspends nothing", "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    on.reconciler->rollback("99");
    CHECK(on.told("RollbackFailed") == 1);
    CHECK_FALSE(on.store.suspended());
}

TEST_CASE("a rollback that fails suspends and says why", "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    on.push('b', on.changed());
    on.pass();
    on.host.fuse.failAt = 4;
    on.reconciler->rollback("");
    on.host.fuse.revive();
    CHECK(on.told("RollbackFailed") == 1);
    REQUIRE(on.store.suspended());
    CHECK(tests::contains(*on.store.suspended(), "a rollback failed"));
}

// A controller that starts.

TEST_CASE("a controller that starts on a converged host changes nothing", "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    on.start();
    CHECK(on.ready() == "Starting");
    CHECK(on.reconciler->status().lastAppliedRevision == commit('a'));
    const auto text = on.managedText();
    CHECK(on.pass().result == Result::converged);
    CHECK(on.told("Applied") == 1);
    CHECK(on.managedText() == text);
}

TEST_CASE("a controller that starts without a remote keeps what is applied", "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    const auto text = on.managedText();
    on.start();
    on.breakFile();
    on.source.problem = "no route to host";
    CHECK(on.pass().result == Result::sourceFailed);
    CHECK(on.managedText() == text);
}

TEST_CASE("a controller that starts after a kill rolls the open transaction back first",
          "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    const auto text = on.managedText();
    on.push('b', on.changed());
    for (int change = 1; !on.store.journal() && change < 50; ++change) {  // the first ones only prepare
        on.host.revive();
        on.start();
        on.host.fuse.dieAt = change;
        try {
            on.pass();
        } catch (const tests::Killed&) {
            CHECK(on.store.lastAppliedRevision() == commit('a'));
        }
    }
    REQUIRE(on.store.journal());
    CHECK(on.store.journal()->state == state::JournalState::open);
    on.host.revive();
    on.source.problem = "no route to host";  // so that nothing but the recovery is seen
    on.start();
    on.pass();
    CHECK_FALSE(on.store.journal());
    CHECK(on.told("RolledBack") == 1);
    CHECK(on.managedText() == text);
    on.source.problem.clear();
    CHECK(on.pass().result == Result::converged);
    CHECK(on.store.lastAppliedRevision() == commit('b'));
}

TEST_CASE("a controller that starts while a change waits goes on waiting", "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    leaveArmed(on, 'b');
    on.start();
    CHECK(on.pass().result == Result::waiting);
}

TEST_CASE("a controller that starts while a change is being rolled back finishes that",
          "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    leaveOpen(on, 'b');
    REQUIRE(on.store.claimRevert());
    on.start();
    CHECK(on.pass().result == Result::converged);
    CHECK(on.told("RolledBack") == 1);
}

TEST_CASE("a controller that starts suspended stays so", "[controller][reconcile]") {
    ControllerHost on;
    on.store.suspend("maintenance");
    on.start();
    CHECK(on.pass().result == Result::suspended);
}

TEST_CASE("a controller that starts on a blocked host keeps the new tunnel and waits on",
          "[controller][reconcile]") {
    SecondHost on;
    REQUIRE(on.pass().result == Result::converged);
    on.push('b', on.changed());
    on.pass();
    REQUIRE(on.store.heldTunnel() == commit('b'));
    on.start();
    CHECK(on.pass().result == Result::blocked);
    CHECK(on.store.heldTunnel() == commit('b'));
}

TEST_CASE("the status on the disk says since when no controller runs", "[controller][reconcile]") {
    ControllerHost on;
    on.pass();
    on.reconciler->publish();
    on.start();
    on.wait(1'000);
    on.reconciler->stopped();
    const auto text = on.host.files.text(on.config.state + "/status.json").value_or("");
    CHECK(tests::contains(text, "\"stoppedAt\""));
    CHECK(tests::contains(text, "Converged"));  // what the one before has seen
}

}  // namespace
}  // namespace vigie::controller
