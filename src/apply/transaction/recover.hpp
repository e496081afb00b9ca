// Finishes what an interrupted transaction has left, and rolls transactions back.
#pragma once

#include "apply/apply.hpp"

#include <optional>
#include <string>

namespace vigie::apply {

enum class Recovery : std::uint8_t {
    nothing,     ///< no transaction was open
    rolledBack,  ///< one had been interrupted; everything is as it was before it
    confirmed,   ///< an armed one proved itself by a handshake, or somebody said so
    expired,     ///< an armed one was not confirmed in time; everything is as it was before it
    waiting,     ///< an armed one still waits
};

struct Recovered {
    Recovery what = Recovery::nothing;
    std::string revision;
    std::string message;  ///< one sentence for the log
    /// While it waits: who is heard of, but not at his new endpoint; also in `message`.
    std::string elsewhere = {};
};

/// Finishes the transaction that is open, if there is one: the first thing to do on a host. Throws Error when
/// not everything could be put back; it stays open then. The caller holds the root's lock.
Recovered recoverOpen(state::Store& store, const Settings& settings, const system::System& system);

/// What is said when a transaction that was to be taken back turns out to be confirmed.
constexpr const char* kConfirmedMeanwhile = "it was confirmed meanwhile";

/// Takes the open transaction back and returns the story; nothing when it was confirmed meanwhile. `result`
/// is what history calls it. Throws Error when not everything could be put back; it stays open then. `plan`
/// is what was to be done, where that is known.
std::optional<std::string> rollBack(state::Store& store, state::AttemptResult result, const std::string& why,
                                    const Settings& settings, const system::System& system,
                                    const std::string& plan = {});

/// Removes what was killed before its transaction began, or after it ended, left in the state directory. No
/// transaction may be open.
void removeLeftovers(const state::Store& store, const std::string& stateDirectory,
                     const system::System& system);

/// The host's key for before-images; made when it is missing.
SecureBytes journalKey(const std::string& stateDirectory, system::Files& files);

/// What to say while a transaction waits.
std::string waitingFor(const state::OpenJournal& journal, const system::Clock& clock);

}  // namespace vigie::apply
