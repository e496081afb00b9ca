// vigie-guard ROOT STATE: rolls a transaction back when it is not confirmed in time, or when the agent that
// began it is gone. It is started before the first change, in its own session, and ends with the transaction.

#include "apply/transaction/lock.hpp"
#include "apply/transaction/recover.hpp"
#include "base/error.hpp"
#include "cli/host_system.hpp"
#include "system/self_limits.hpp"

#include <iostream>
#include <thread>

namespace {

using namespace vigie;  // NOLINT(google-build-using-namespace)

constexpr auto kPause = std::chrono::seconds(1);

/// Whether the agent has had its time and more, and still has the root: it was stopped, or a tool of its own
/// hangs. Putting things back, which containers can draw out, gets longer.
bool hangs(const state::OpenJournal& journal, const cli::HostSystem& here) {
    constexpr std::int64_t kGrace = 10'000;
    constexpr std::int64_t kGraceOfRevert = 300'000;
    const std::int64_t grace = journal.state == state::JournalState::reverting ? kGraceOfRevert : kGrace;
    return journal.bootId == here.clock.bootId() && here.clock.sinceBoot() >= journal.deadline + grace &&
           apply::Lock::holder(here.statePath("lock")) != 0;
}

/// True if the guard has to act: the deadline has passed, or the agent is gone.
bool due(const state::OpenJournal& journal, const cli::HostSystem& here) {
    const bool expired = journal.bootId != here.clock.bootId() || here.clock.sinceBoot() >= journal.deadline;
    const bool alone = apply::Lock::holder(here.statePath("lock")) == 0;
    const bool byHandshake = journal.state == state::JournalState::armed && !journal.byOperator;
    return expired || (alone && (byHandshake || journal.state != state::JournalState::armed));
}

void watch(cli::HostSystem& here, const apply::Settings& settings) {
    auto store = here.openStore();
    for (;; std::this_thread::sleep_for(kPause)) {
        try {
            const auto journal = store.journal();
            if (!journal) {
                return;
            }
            if (hangs(*journal, here)) {
                apply::Lock::endHolders(here.statePath("lock"));
            }
            if (due(*journal, here)) {
                const apply::Lock lock(here.statePath("lock"), "this root", apply::WithTools::yes);
                apply::recoverOpen(store, settings, here.system());
            }
        } catch (const std::exception&) {
            // Another process has the lock, the database is busy, or the rollback is incomplete: try again.
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    constexpr int kError = 2;
    if (argc != 3) {
        std::cerr << "usage: vigie-guard ROOT STATE\n";
        return kError;
    }
    system::closeMemory();
    try {
        cli::HostSystem here({argv[1], argv[2]});
        apply::Settings settings;
        settings.stateDirectory = argv[2];
        watch(here, settings);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "vigie-guard: " << error.what() << "\n";
    }
    return kError;
}
