// Finds which file of the host a program in a container reads, or why that cannot be known.
#pragma once

#include "attach/attachment.hpp"

#include <string>
#include <variant>
#include <vector>

/// The order of the questions: `chooseProcess` of what the control group runs; `linksOf` its configuration,
/// asked of vigie-attach; `place` of the answer; `proofOf` that place, asked again; `confirm` of both
/// answers. Between the two looks nothing may have changed.
namespace vigie::attach {

template <class T>
using OrRefusal = std::variant<T, Refusal>;

/// The program's own process, and what its command line says.
struct Running {
    Process process;
    Options options;
    std::string config;  ///< absolute, in the container; links are not followed
};

/// `container` is null for a unit.
OrRefusal<Running> chooseProcess(const Wanted& wanted, const Container* container, const Processes& found);

/// What a container that does not run was created to read.
OrRefusal<Running> chooseStopped(const Wanted& wanted, const Container& container);

/// `path` and every directory above it, `/` first: what is asked of the inside.
std::vector<std::string> wayTo(const std::string& path);

/// Where `path` of the container is; the inside of `seen` answers `wayTo(path)`. `mounts` is null for a unit.
OrRefusal<Place> place(const Wanted& wanted, const std::string& path, const Mounts* mounts,
                       const PathsSeen& seen);
/// While it does not run: by the engine's words alone.
OrRefusal<Place> placeStopped(const Wanted& wanted, const std::string& path, const Mounts& mounts);

/// What is asked of the host about a place: the file, what is mounted, and the directories in which it may
/// lie.
std::vector<std::string> hostPaths(const Wanted& wanted, const Place& place);

/// The place, when the container and the host see the same file there and it may be written; `seen` answers
/// `wayTo(place.inside)` and `hostPaths`, later than `before`.
OrRefusal<Place> confirm(const Wanted& wanted, Place place, const PathsSeen& before, const PathsSeen& seen);
/// Of a place in a container that does not run: whether it may be written. `seen` answers `hostPaths` only.
OrRefusal<Place> confirmStopped(const Wanted& wanted, Place place, const PathsSeen& seen);

/// Whether `user` may read the last of `way`, which answers `wayTo`, and go through all the others. A
/// directory must be listed as well. Access lists are not looked at.
bool mayRead(const Credentials& user, const std::vector<PathFacts>& way);
/// The first of `way` that keeps `user` out, or null.
const PathFacts* keepsOut(const Credentials& user, const std::vector<PathFacts>& way);

/// The mount that has its place at `path` of the container, or below it: renaming over it, or removing it,
/// would detach that mount. Null: none.
const Mount* mountAt(const Mounts& mounts, const std::string& path);

/// What of an attachment cannot be had, whatever its files: a password, `auto-reload-config`, an address.
std::optional<Refusal> refusalOf(const Wanted& wanted, const Options& options);

}  // namespace vigie::attach
