// Why a program that runs cannot be attached, in the words that its owner reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::attach {

struct Refusal {
    enum class Reason : std::uint8_t {
        noContainer,
        severalContainers,
        remoteEngine,   ///< the container's processes are not on this machine
        unclearEngine,  ///< its answer is none
        noProgram,      ///< no process of that name
        severalPrograms,
        changed,           ///< the process, or a mount, became another one while it was looked at
        argumentsFile,     ///< `@FILE`
        contradiction,     ///< the process says another file than its container was created with
        scriptNotRunning,  ///< stopped, and what starts it is a script
        noMount,           ///< the image's own file, or one in the container's layer
        generated,         ///< a tmpfs
        foreignVolume,     ///< on no disk of this host
        ignoredSubpath,    ///< the engine mounts the whole volume instead
        stale,             ///< the container still sees what was replaced
        linkOut,           ///< a link that leaves the mount
        nested,            ///< the place of another mount
        missing,           ///< nothing is there
        unreadable,        ///< by the program's user
        forbiddenPlace,    ///< at, below or above a place that no document may name
        foreignPlace,      ///< neither the project's, nor a volume, nor named by the document
        password,          ///< --web.config.file, and no login is known
        autoReload,
        noAddress,  ///< it listens where it cannot be dialled
        twoOwners,
        wouldDrop,       ///< what the configuration has and vigie would not write
        otherVariables,  ///< the project's files are not what runs
    };

    Reason reason = Reason::noContainer;
    std::string what;  ///< what was seen
    std::string hint;  ///< what to do

    /// `WHAT → HINT`.
    [[nodiscard]] std::string sentence() const;
};

/// As conditions and JSON name it: `NoContainer`.
std::string_view name(Refusal::Reason reason);

/// A component as its owner knows it.
struct Subject {
    std::string service;  ///< the compose service, or the unit
    std::string project;  ///< empty for a unit
    [[nodiscard]] bool isUnit() const { return project.empty(); }
};

// Each sentence, in one place. Text of others is made printable here.
Refusal noContainer(const Subject& subject);
Refusal severalContainers(const Subject& subject, std::size_t containers);
Refusal remoteEngine();
Refusal unclearEngine(const Subject& subject);
/// `found`: the names of the programs that run there.
Refusal noProgram(const Subject& subject, std::string_view program, const std::vector<std::string>& found);
Refusal severalPrograms(const Subject& subject, std::string_view program, std::size_t processes);
Refusal changedMeanwhile(const Subject& subject, std::string_view what);
Refusal argumentsFile(const Subject& subject, std::string_view file);
Refusal contradiction(const Subject& subject, std::string_view said, std::string_view created);
Refusal scriptNotRunning(const Subject& subject, std::string_view script);
Refusal noMount(const Subject& subject, std::string_view path);
Refusal generated(const Subject& subject, std::string_view path);
Refusal foreignVolume(std::string_view volume);
Refusal ignoredSubpath(std::string_view volume);
/// The inodes at `path`, as the container and as the host see it; 0: nothing is there.
Refusal stale(const Subject& subject, std::string_view path, std::uint64_t container, std::uint64_t host);
/// What is mounted was removed on the host, at `path`.
Refusal staleRemoved(const Subject& subject, std::string_view path);
/// The engine has a mount at `point`, and the container has it no more.
Refusal detached(const Subject& subject, std::string_view point);
Refusal linkOut(std::string_view path, std::string_view target);
Refusal nested(const Subject& subject, std::string_view path, std::string_view source);
Refusal missing(const Subject& subject, std::string_view path);
Refusal unreadable(const Subject& subject, std::uint32_t uid, std::string_view path, std::uint32_t mode,
                   std::uint32_t owner);
Refusal forbiddenPlace(const Subject& subject, std::string_view path, std::string_view place);
Refusal foreignPlace(const Subject& subject, std::string_view path, std::string_view directory);
Refusal password(const Subject& subject);
Refusal autoReload(const Subject& subject);
Refusal noAddress(const Subject& subject, std::string_view listens);
Refusal twoOwners(std::string_view path, std::string_view owner);
Refusal wouldDrop(const Subject& subject, const std::vector<std::string>& what);
Refusal otherVariables(const Subject& subject);

}  // namespace vigie::attach
