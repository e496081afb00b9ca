// Runs the checkers over the configuration files of a plan.
#pragma once

#include "apply/probes/checker.hpp"
#include "render/resource.hpp"
#include "system/system.hpp"

#include <functional>
#include <string>
#include <vector>

namespace vigie::apply {

struct Checks {
    std::string stagingDirectory;                      ///< for copies; removed after each check
    bool inContainers = false;                         ///< an engine answers: the images' own tools are asked
    std::function<void(const std::string&)> progress;  ///< may be empty
    const system::System* patient = nullptr;           ///< as `system`, but not interruptible; null: `system`
};

/// What is asked about the configuration of one program, of which copies are to lie in `stagingDirectory`.
Check checkOf(const render::ConfiguredProgram& reload, const std::vector<render::Resource>& desired,
              const std::string& stagingDirectory);

/// Puts the copies there for a checker that runs on this host, outside of any container.
void stageForHost(const Check& check, const render::ConfiguredProgram& reload,
                  const std::vector<render::Resource>& desired, system::Files& files);

/// The images whose tools `checkWithTools` will ask for when it may.
std::vector<std::string> imagesThatCheck(const std::vector<render::Resource>& desired,
                                         const std::vector<std::string>& changed);

/// Whether one of the programs is attached: its own image, which is there, is asked.
bool checksAttached(const std::vector<render::Resource>& desired, const std::vector<std::string>& changed);

/// For each program of which something in `changed` (ids) is a file or the reload: stages its configuration
/// and asks promtool or amtool what it thinks, that of the image which will run it where there is an engine,
/// else this host's. Throws Refused with the tool's own words when one refuses, and Error when a tool is
/// missing: what was not checked is not applied. Secrets are staged masked. Changes nothing else.
void checkWithTools(const std::vector<render::Resource>& desired, const std::vector<std::string>& changed,
                    const Checks& checks, const system::System& system);

}  // namespace vigie::apply
