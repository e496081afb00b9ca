// Runs the checkers over the configuration files of a plan.

#include "apply/probes/check.hpp"

#include "apply/probes/checker.hpp"
#include "apply/transaction/staging.hpp"
#include "kinds/models.hpp"

#include <algorithm>

namespace vigie::apply {
namespace {

using render::ConfigOwner;
using render::ConfiguredProgram;

/// The reloads of which one of the `changed` ids is the reload itself or a file that the program loads.
std::vector<const ConfiguredProgram*> concerned(const std::vector<render::Resource>& desired,
                                                const std::vector<std::string>& changed) {
    std::vector<const ConfiguredProgram*> out;
    for (const auto& resource : desired) {
        const auto* reload = kinds::programOf(resource);
        if (reload == nullptr) {
            continue;
        }
        if (std::any_of(changed.begin(), changed.end(), [&](const std::string& each) {
                return each == resource.id || (kinds::hasContent(each) && reload->loads(kinds::nameOf(each)));
            })) {
            out.push_back(reload);
        }
    }
    return out;
}

/// What is mounted below the configuration and not staged is seen as it is: it only needs a place.
void keepNested(CheckedService& service, const std::string& staging, system::Files& files) {
    constexpr unsigned kPlace = 0644;
    std::erase_if(service.nested, [&](const CheckedService::Nested& nested) {
        const auto path = staging + nested.staged;
        if (files.inspect(path).exists()) {
            return false;
        }
        system::makeParents(files, nested.isFile ? path : path + "/");
        if (nested.isFile) {
            files.write(path, "", kPlace, std::nullopt);
        }
        return true;
    });
}

void check(const ConfiguredProgram& reload, const std::vector<render::Resource>& desired,
           const Checks& checks, const system::System& system) {
    Check what = checkOf(reload, desired, checks.stagingDirectory);
    if (reload.attached && checks.inContainers) {
        what.service = attachedService(reload, system);
    }
    const bool contained = checks.inContainers && what.service;
    if (checks.progress) {
        checks.progress(std::string("check with ") + what.checker.program +
                        (contained ? " of " + what.service->image : ""));
    }
    constexpr unsigned kForContainer = 0644;
    if (!what.hosts && contained) {
        // The container's user must be able to read them, and nobody can enter the directory above.
        stage(desired, reload, checks.stagingDirectory, kForContainer, std::nullopt, system.files);
    } else if (!what.hosts) {
        stageForHost(what, reload, desired, system.files);
    }
    if (contained) {
        keepNested(*what.service, checks.stagingDirectory, system.files);
        try {
            checkInContainer(what, system, checks.patient == nullptr ? system : *checks.patient);
        } catch (const CheckerMissing&) {
            if (!reload.attached || !system.processes.find(what.checker.program)) {
                throw;
            }
            checkOnHost(what, system);  // the image is the user's choice
        }
    } else {
        checkOnHost(what, system);
    }
}

}  // namespace

Check checkOf(const ConfiguredProgram& reload, const std::vector<render::Resource>& desired,
              const std::string& stagingDirectory) {
    const std::string directory = reload.directory();
    const bool ours = reload.owner == ConfigOwner::vigie;
    return {checkerOf(reload.program),
            serviceOf(reload, desired),
            ours ? stagingDirectory : directory,
            reload.configPath.substr(directory.size() + 1),
            ours ? "correct it in the repository; nothing was changed on this host"
                 : "correct " + reload.configPath + "; vigie never writes it, and changed nothing",
            !ours};
}

void stageForHost(const Check& check, const ConfiguredProgram& reload,
                  const std::vector<render::Resource>& desired, system::Files& files) {
    constexpr unsigned kForUs = 0600;
    std::optional<Moved> moved;
    if (check.service) {
        moved = Moved{check.service->directory, files.real(check.staging)};
    }
    stage(desired, reload, check.staging, kForUs, moved, files);
}

std::vector<std::string> imagesThatCheck(const std::vector<render::Resource>& desired,
                                         const std::vector<std::string>& changed) {
    std::vector<std::string> out;
    for (const auto* reload : concerned(desired, changed)) {
        if (auto service = serviceOf(*reload, desired)) {
            out.push_back(std::move(service->image));
        }
    }
    return out;
}

bool checksAttached(const std::vector<render::Resource>& desired, const std::vector<std::string>& changed) {
    const auto some = concerned(desired, changed);
    return std::any_of(some.begin(), some.end(), [](const auto* each) { return each->attached.has_value(); });
}

void checkWithTools(const std::vector<render::Resource>& desired, const std::vector<std::string>& changed,
                    const Checks& checks, const system::System& system) {
    for (const auto* reload : concerned(desired, changed)) {
        system::removeTree(system.files, checks.stagingDirectory);
        try {
            check(*reload, desired, checks, system);
        } catch (...) {
            system::removeTree(system.files, checks.stagingDirectory);
            throw;
        }
        system::removeTree(system.files, checks.stagingDirectory);
    }
}

}  // namespace vigie::apply
