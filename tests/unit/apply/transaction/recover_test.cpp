// Transactions that were interrupted.
#include "apply/transaction/recover.hpp"

#include "system/memory_attach.hpp"
#include "system/memory_files.hpp"
#include "system/memory_names.hpp"
#include "system/memory_processes.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::apply {
namespace {

/// Somebody confirms at the very moment in which it is asked whether the time is over.
class ConfirmingClock : public tests::FakeClock {
public:
    explicit ConfirmingClock(std::string database) : database_(std::move(database)) {}
    [[nodiscard]] std::int64_t sinceBoot() const override {
        auto store = state::Store::open(database_);
        if (const auto journal = store.journal()) {
            CHECK(store.commit(journal->applied));
        }
        return FakeClock::sinceBoot();
    }

private:
    std::string database_;
};

state::OpenJournal expiring() {
    state::OpenJournal out;
    out.revision = "abc";
    out.bootId = "boot-1";
    out.deadline = 5;
    out.byOperator = true;
    out.applied.host = "vm";
    out.applied.revision = "abc";
    out.applied.attempt = {7, "abc", state::AttemptResult::applied, "confirmed"};
    return out;
}

TEST_CASE("a rollback at expiry that finds the transaction confirmed reports the confirmation",
          "[apply][recover]") {
    const tests::TemporaryDirectory directory;
    const std::string database = directory.path + "/state.db";
    auto store = state::Store::open(database);
    store.begin(expiring());
    store.arm(expiring());
    system::MemoryFiles files;
    system::MemoryProcesses processes;
    tests::FakeHttp http;
    tests::FakeHttp engine;
    ConfirmingClock clock(database);
    system::MemoryNames names;
    system::MemoryAttach attach;
    Settings settings;
    settings.stateDirectory = "/var/lib/vigie";

    const auto attended =
        recoverOpen(store, settings, {files, processes, http, engine, clock, names, attach});

    CHECK(attended.what == Recovery::confirmed);
    CHECK(attended.message == kConfirmedMeanwhile);
    CHECK(store.lastAppliedRevision() == "abc");
    CHECK(store.history(9).size() == 1);
}

}  // namespace
}  // namespace vigie::apply
