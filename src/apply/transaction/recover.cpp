// Finishes what an interrupted transaction has left, and rolls transactions back.
#include "apply/transaction/recover.hpp"

#include "apply/transaction/generations.hpp"
#include "apply/transaction/proof.hpp"
#include "apply/transaction/restore.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "secrets/storage.hpp"

#include <algorithm>

namespace vigie::apply {
namespace {

bool expired(const state::OpenJournal& journal, const system::Clock& clock) {
    return journal.bootId != clock.bootId() || clock.sinceBoot() >= journal.deadline;
}

/// What is said of a transaction of which nothing is left. A container that was only started again is as it
/// was.
std::string putBack(const state::OpenJournal& journal) {
    const bool more = std::any_of(journal.images.begin(), journal.images.end(),
                                  [](const auto& image) { return lasting(image.kind); });
    return more ? "Everything was put back" : "No file was changed, and there was nothing to put back";
}

std::string notPutBack(const std::string& why, const std::vector<std::string>& problems) {
    return why + "\nNot everything could be put back:\n  " + join(problems, "\n  ");
}

}  // namespace

SecureBytes journalKey(const std::string& stateDirectory, system::Files& files) {
    constexpr std::uint64_t kLargest = 64;
    const std::string path = stateDirectory + "/journal.key";
    if (!files.inspect(path).exists()) {
        const auto key = secrets::generateStorageKey();
        files.write(path, view(key), 0600, std::nullopt);
    }
    return files.read(path, kLargest);
}

void removeLeftovers(const state::Store& store, const std::string& stateDirectory,
                     const system::System& system) {
    auto& files = system.files;
    const std::string backups = stateDirectory + "/backups";
    try {
        system::removeTree(files, stateDirectory + "/staging");
        if (!files.inspect(stateDirectory + "/journal.key").exists()) {
            files.cleanUp(stateDirectory + "/journal.key");
        }
        if (files.inspect(backups).exists()) {
            for (const auto& name : files.list(backups)) {
                if (name.compare(0, system::kUnfinished.size(), system::kUnfinished) == 0) {
                    files.remove(backups + "/" + name);
                }
            }
        }
        forgetGenerations(store, stateDirectory, system);
    } catch (const Error&) {
        // What was applied stays applied; the next one tidies up.
    }
}

std::string waitingFor(const state::OpenJournal& journal, const system::Clock& clock) {
    constexpr std::int64_t kMilliseconds = 1000;
    const auto left = std::max<std::int64_t>(0, (journal.deadline - clock.sinceBoot()) / kMilliseconds);
    return (journal.byOperator ? "waits for `vigie confirm`" : "waits for a handshake of a peer") +
           std::string("; everything is taken back in ") + std::to_string(left) + " s otherwise";
}

std::optional<std::string> rollBack(state::Store& store, state::AttemptResult result, const std::string& why,
                                    const Settings& settings, const system::System& system,
                                    const std::string& plan) {
    std::vector<std::string> problems;
    try {
        if (!store.claimRevert()) {
            return std::nullopt;
        }
        const auto journal = store.journal();
        const auto key = journalKey(settings.stateDirectory, system.files);
        const auto restored = restore(journal->images, key, settings.reloadTimeout, system);
        problems = restored.problems;
        if (problems.empty()) {
            std::string message = why + "\n" + putBack(*journal);
            if (!restored.notes.empty()) {
                message += "; not proven, it reads its configuration when it starts:\n  " +
                           join(restored.notes, "\n  ");
            }
            if (!restored.abandoned.empty()) {
                message +=
                    "; but this was not, and is not tried again: somebody else has changed the way to it:\n "
                    " " +
                    join(restored.abandoned, "\n  ");
            }
            store.rolledBack({system.clock.now(), journal->revision, result, message,
                              plan.empty() ? journal->applied.attempt.plan : plan});
            return message;
        }
        store.record(state::Attempt{system.clock.now(), journal->revision, state::AttemptResult::failed,
                                    notPutBack(why, problems), plan});
    } catch (const Error& error) {
        problems.emplace_back(error.what());
    }
    throw Error(notPutBack(why, problems), "mend that; `vigie recover` and every start of vigie try again");
}

Recovered recoverOpen(state::Store& store, const Settings& settings, const system::System& system) {
    const auto journal = store.journal();
    if (!journal) {
        removeLeftovers(store, settings.stateDirectory, system);
        return {};
    }
    const auto back = [&](Recovery what, state::AttemptResult result, const std::string& why) {
        const auto story = rollBack(store, result, why, settings, system);
        removeLeftovers(store, settings.stateDirectory, system);
        return Recovered{story ? what : Recovery::confirmed, journal->revision,
                         story.value_or(kConfirmedMeanwhile)};
    };
    if (journal->state != state::JournalState::armed) {
        return back(Recovery::rolledBack, state::AttemptResult::rolledBack, "an apply was interrupted");
    }
    const bool late = expired(*journal, system.clock);
    const bool asks = !journal->confirmingPeers.empty() && journal->bootId == system.clock.bootId();
    const auto proof = asks ? askPeers(*journal, late ? Again::no : Again::yes, system) : Proof{};
    if (proof.complete && !journal->byOperator) {
        auto applied = journal->applied;
        applied.attempt.time = system.clock.now();
        if (store.commit(applied)) {
            removeLeftovers(store, settings.stateDirectory, system);
            return {Recovery::confirmed, journal->revision, "a handshake proved that the tunnel works"};
        }
    }
    const std::string elsewhere = proof.elsewhere.empty() ? "" : "; " + proof.elsewhere;
    if (late) {
        return journal->byOperator ? back(Recovery::expired, state::AttemptResult::notConfirmed,
                                          "nobody confirmed the change in time")
                                   : back(Recovery::expired, state::AttemptResult::waitingForPeer,
                                          "no peer came through the changed tunnel in time" + elsewhere +
                                              "; it is tried again later");
    }
    return {Recovery::waiting, journal->revision, waitingFor(*journal, system.clock) + elsewhere,
            proof.elsewhere};
}

}  // namespace vigie::apply
