// Files on the host.
#pragma once

#include "kinds/host.hpp"

namespace vigie::kinds {

/// The image of a path, of a file as well as of a directory, and of the directories above that do not exist
/// yet. `image` is its name, `files` the way to it, see `putBackPath`.
void capturePath(const std::string& path, BeforeImages& images);
void capturePath(const std::string& path, std::string_view image, const system::Files& files,
                 BeforeImages& images);

/// Puts back what `capturePath` has captured.
void putBackPath(Undoing& undoing, const std::string& path, std::string_view data, system::Files& files);

/// Inodes of files are those of this very tree: a copy of the host has others, which its `stateDirectory`
/// tells.
void captureOrigin(const std::string& stateDirectory, BeforeImages& images);

/// What was there before we took it over is kept, with its mode and owner, as long as we own the place.
void keepBackup(Transaction& transaction, const std::string& id, const std::string& path);
/// The same, read by `from`.
void keepBackup(Transaction& transaction, const std::string& id, const std::string& path,
                const system::Files& from);

/// Removes a file, or a directory that is empty; gives back what was taken over where that is asked for.
void removePath(Transaction& transaction, const plan::Change& change, const state::Owned& owned);

/// What lies at the paths that are ours, of one kind, and in directories that are no longer desired.
void observeOwnedPaths(Kind kind, const Looking& looking, plan::Observed& out);

struct FileHost {
    using Model = FileModel;
    static constexpr Owning owning = Owning::always;

    static void observe(const Looking& looking, plan::Observed& out);
    static constexpr auto concerned = concernsItselfOnly;
    static void capture(const Capturing& capturing, const render::File* file, BeforeImages& images);
    static void make(Transaction& transaction, const plan::Change& change, const render::Resource& resource,
                     const render::File& file);
    static constexpr auto makeOfOthers = startsNothingOfOthers;
    static constexpr auto letGo = holdsNothing;
    static constexpr auto prove = isProvenByLooking;
    static constexpr auto settle = settlesAtOnce;
    static void remove(Transaction& transaction, const plan::Change& change, const state::Owned& owned);
    static constexpr auto cause = tellsNoCause;
    static constexpr auto warnings = warnsOfNothing;
    static constexpr auto preparations = preparesNothing;

    static void reloadUnits(Transaction& transaction);
    static constexpr std::array afterRemovals{AfterRemoval{AfterRemovalTurn::unitFiles, reloadUnits}};

    static void noteOrigin(Undoing& undoing, const std::string& stateDirectory, std::string_view data);
    static void putBack(Undoing& undoing, const std::string& path, std::string_view data);
    static void reloadUnitsAgain(Undoing& undoing, const std::string& id, std::string_view data);
    static constexpr std::array undo{
        UndoStep{UndoTurn::origin, "origin", Direction::forward, false, noteOrigin},
        UndoStep{UndoTurn::paths, "file", Direction::backward, true, putBack},
        UndoStep{UndoTurn::unitFiles, "", Direction::once, false, reloadUnitsAgain}};
};

}  // namespace vigie::kinds
