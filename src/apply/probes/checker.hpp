// Runs promtool and amtool on the host or in the image's container.
#pragma once

#include "apply/probes/checker_words.hpp"
#include "apply/refused.hpp"
#include "render/resource.hpp"
#include "system/system.hpp"

#include <optional>
#include <string>

namespace vigie::apply {

/// What checks the configuration of a program that reloads.
struct Checker {
    const char* program;
    std::vector<std::string> arguments;  ///< before the path of the configuration
    const char* package;                 ///< that brings it to a host without an engine
};

Checker checkerOf(render::ConfiguredProgram::Program program);

/// The container that will run the program, as the document has it.
struct CheckedService {
    std::string image;
    std::string user;
    std::string directory;  ///< where it sees the directory of its configuration
    std::string file = {};  ///< where it sees the configuration, if that is mounted alone; else empty
    /// A container of the user's own, whose other mounts the configuration may name; empty: ours has none.
    std::string container = {};
    struct Nested {
        std::string place;   ///< in the container, below `directory`
        std::string staged;  ///< below the staging directory: what is mounted there instead
        bool isFile = false;
    };
    std::vector<Nested> nested = {};  ///< of them, those that would hide what is staged
};

/// The image brings no checker.
class CheckerMissing : public Refused {
public:
    using Refused::Refused;
};

/// Nothing when no container of `desired` mounts the directory of the configuration.
std::optional<CheckedService> serviceOf(const render::ConfiguredProgram& reload,
                                        const std::vector<render::Resource>& desired);

/// The container of an attached program. Throws Error where it is refused.
CheckedService attachedService(const render::ConfiguredProgram& reload, const system::System& system);

/// One check of a configuration.
struct Check {
    Checker checker;
    std::optional<CheckedService> service;
    std::string staging;  ///< its directory, as the host sees it: a copy, or where the host's own stands
    std::string file;     ///< of the configuration, below `staging`
    std::string cure;     ///< what to do when it is refused
    bool hosts = false;   ///< the host's own, whose secrets are not masked in what the checker sees
};

/// Runs the checker of the service's image, in a container without a network that can write nothing and sees
/// nothing but `staging`. Throws Refused with the checker's words, and Error when it is not there.
/// Whatever happens, no container stays: `patient` removes it, also when `system` is interrupted; one that
/// was left by a kill is removed before.
void checkInContainer(const Check& check, const system::System& system, const system::System& patient);

/// Runs the checker of this host. Throws likewise; where it is of another version than the image, it says so.
void checkOnHost(const Check& check, const system::System& system);

/// The same without a judgement: what the checker complains of, nothing when it accepts. Throws Error when it
/// is not there, is killed or does not finish.
std::vector<Complaint> askOnHost(const Check& check, const system::System& system);

/// The version that the program of this host says it is; nothing when it does not say.
std::optional<spec::ImageVersion> versionHere(const std::string& program, const system::System& system);

std::string toText(const spec::ImageVersion& version);

}  // namespace vigie::apply
