// Runs promtool and amtool on the host or in the image's container.

#include "apply/probes/checker.hpp"

#include "apply/probes/attached_programs.hpp"
#include "apply/refused.hpp"
#include "base/complaint.hpp"
#include "base/error.hpp"
#include "base/redact.hpp"
#include "base/text.hpp"
#include "kinds/compose/engine.hpp"
#include "kinds/compose/tool.hpp"
#include "kinds/models.hpp"
#include "spec/image_version.hpp"

#include <algorithm>

namespace vigie::apply {
namespace {

using render::ConfigOwner;
using render::ConfiguredProgram;
using system::System;

/// By which a container that outlived us is known to be ours.
constexpr const char* kCheckLabel = "dev.vigie.check";
constexpr auto kTimeout = std::chrono::minutes(2);

// Source: `docker run`'s exit statuses.
constexpr int kEngineRefused = 125;
constexpr int kCannotBeRun = 126;
constexpr int kNotFound = 127;

std::string directoryOf(const std::string& path) {
    return path.substr(0, path.rfind('/'));
}

/// What a tool says of a text that may hold secrets: what it quotes is cut, all after a quote that stays open
/// goes. The first quote and the last of its kind are taken, for a value may hold quotes itself.
std::string withoutQuotes(const std::string& said) {
    std::string out;
    for (const auto line : splitLines(said)) {
        const auto open = line.find_first_of("`\"'");
        if (open == std::string_view::npos) {
            out += redactLine(line) + "\n";
            continue;
        }
        const char quote = line[open];
        const std::string before = redactLine(line.substr(0, open)) + quote + std::string(kSecretMask);
        if (std::count(line.begin(), line.end(), quote) % 2 != 0) {
            return out + before + "\n";
        }
        // Another kind may open within, and end behind or never: nothing quoted is shown after it either.
        const auto rest = line.substr(line.rfind(quote));
        const bool more = rest.find_first_of("`\"'", 1) != std::string_view::npos;
        out += before + (more ? "\n" : redactLine(rest) + "\n");
    }
    return out;
}

/// The complaints as they may be shown, each on lines of its own, up to a length that is worth reading.
std::string shown(const std::vector<Complaint>& complaints) {
    constexpr std::size_t kEnough = 4000;
    std::string text;
    for (const auto& each : complaints) {
        const std::string said = showableComplaint(toText(each));
        for (const auto line : splitLines(said)) {
            if (text.size() >= kEnough) {
                return text + "\n  …";
            }
            text += "\n  " + std::string(utf8Prefix(printable(trim(utf8Prefix(line, kEnough))), kEnough));
        }
    }
    return text;
}

std::vector<Complaint> complaintsOf(const system::ProcessResult& result, const std::string& directory,
                                    const Check& check) {
    auto out = check.hosts
                   ? complaintsIn(withoutQuotes(result.out), withoutQuotes(result.err), directory, check.file)
                   : complaintsIn(result.out, result.err, directory, check.file);
    if (out.empty()) {
        out.push_back({"", 0, 0, "it gives no reason (exit code " + std::to_string(result.exitCode) + ")"});
    }
    return out;
}

/// What is said of the versions when that of this host and the program's differ.
struct Versions {
    std::string words;   ///< empty: they do not differ, or one is not known
    bool doubt = false;  ///< what is complained of may be right for the program
    std::string cure;    ///< with `doubt`
};

Versions versionsOf(const Check& check, const std::vector<Complaint>& complaints, const System& system) {
    const std::string program = check.checker.program;
    if (!check.service) {
        return {};
    }
    const auto here = versionHere(program, system);
    const auto there = spec::imageVersion(check.service->image);
    if (!here || !there || *here == *there) {
        return {};
    }
    Versions out;
    out.words = program + " here is " + toText(*here) + ", the image is " + check.service->image;
    out.doubt = std::any_of(complaints.begin(), complaints.end(),
                            [&](const Complaint& each) { return mayBeVersion(each.reason, *here, *there); });
    if (out.doubt) {
        const bool older = *here < *there;
        out.words += std::string(": what it refuses may be ") + (older ? "newer" : "older") + " than it is";
        out.cure = (older ? "install " + program + " " + toText(*there) + " or newer; " : "") +
                   "where Docker answers, " + program + " of the image is asked instead";
    }
    return out;
}

/// The cure for what was said, before what is always to be done.
std::string cureOf(const std::vector<Complaint>& complaints, const std::string& always) {
    const std::string hint = complaints.empty() ? "" : hintFor(complaints.front().reason);
    return hint.empty() ? always : hint + "; " + always;
}

[[noreturn]] void refuse(const std::string& who, const std::vector<Complaint>& complaints,
                         const Versions& versions, const std::string& always) {
    throw Refused(who + " refuses the configuration:" + shown(complaints) +
                      (versions.words.empty() ? "" : "\n  (" + versions.words + ")"),
                  versions.doubt ? versions.cure : cureOf(complaints, always));
}

system::Command containerOf(const Check& check, const std::string& name, const System& system) {
    const auto& service = *check.service;
    std::vector<std::string> arguments{"run", "--rm",    "--name",
                                       name,  "--label", std::string(kCheckLabel) + "=1"};
    for (const char* each : {"--pull=never", "--network=none", "--read-only", "--cap-drop=ALL",
                             "--security-opt=no-new-privileges", "--log-driver=none", "--restart=no"}) {
        arguments.emplace_back(each);
    }
    if (!service.user.empty()) {
        arguments.push_back("--user=" + service.user);
    }
    const bool alone = !service.file.empty();
    const std::string seen = alone ? service.file : service.directory + "/" + check.file;
    arguments.push_back("--volume=" + system.files.real(check.staging + (alone ? "/" + check.file : "")) +
                        ":" + (alone ? seen : service.directory) + ":ro");
    if (!service.container.empty()) {
        arguments.push_back("--volumes-from=" + service.container + ":ro");
        for (const auto& nested : service.nested) {
            arguments.push_back("--volume=" + system.files.real(check.staging + nested.staged) + ":" +
                                nested.place + ":ro");
        }
    }
    arguments.push_back(std::string("--entrypoint=") + check.checker.program);
    arguments.push_back(service.image);
    arguments.insert(arguments.end(), check.checker.arguments.begin(), check.checker.arguments.end());
    arguments.push_back(seen);
    return dockerCommand(std::move(arguments), kTimeout);
}

}  // namespace

Checker checkerOf(ConfiguredProgram::Program program) {
    if (program == ConfiguredProgram::Program::prometheus) {
        return {"promtool", {"check", "config"}, "the Debian package `prometheus`"};
    }
    return {"amtool", {"check-config"}, "the Debian package `prometheus-alertmanager`"};
}

std::optional<CheckedService> serviceOf(const ConfiguredProgram& reload,
                                        const std::vector<render::Resource>& desired) {
    const std::string directory = reload.directory();
    const bool alone = reload.owner == ConfigOwner::userFile;
    for (const auto& resource : desired) {
        const auto* compose = kinds::containerOf(resource);
        if (compose == nullptr || !compose->service.whole()) {
            continue;
        }
        for (const auto& mount : compose->service.mounts) {
            if (mount.source.substr(0, 1) != ".") {
                continue;
            }
            const std::string source = compose->project.directory + mount.source.substr(1);
            if (alone && source == reload.configPath) {
                return CheckedService{compose->service.image, compose->service.user,
                                      directoryOf(mount.target), mount.target};
            }
            if (!alone && source == directory) {
                return CheckedService{compose->service.image, compose->service.user, mount.target};
            }
        }
    }
    return std::nullopt;
}

CheckedService attachedService(const ConfiguredProgram& reload, const System& system) {
    AttachedPrograms programs(system);
    const auto found = mustFind(programs, *reload.attached, reload.program);
    CheckedService out{found.image, {}, configDirectory(found), {}, found.container, {}};
    if (found.runs) {
        out.user = std::to_string(found.user.uid) + ":" + std::to_string(found.user.gid);
    }
    for (const auto& mount : found.mounts.mounts) {
        if (mount.destination.starts_with(out.directory + "/")) {
            const bool main = mount.destination == found.config.inside;
            out.nested.push_back({mount.destination,
                                  main ? reload.configPath.substr(reload.directory().size())
                                       : mount.destination.substr(out.directory.size()),
                                  system.files.inspect(mount.source).type == FileInfo::Type::regular});
        }
    }
    return out;
}

void checkInContainer(const Check& check, const System& system, const System& patient) {
    const std::string program = check.checker.program;
    const std::string who = program + " of the image " + check.service->image;
    const std::string name = "vigie-check-" + program;
    removeOurs(name, kCheckLabel, patient);
    system::ProcessResult result;
    try {
        result = system.processes.run(containerOf(check, name, system));
    } catch (...) {  // also a stop, which is no `Error`: the container does not end with its client
        try {
            removeOurs(name, kCheckLabel, patient);
        } catch (const Error&) {  // the next check removes it
        }
        throw;
    }
    if (result.timedOut || result.exitCode < 0) {
        removeOurs(name, kCheckLabel, patient);
        throw Error(who + (result.timedOut ? " did not finish in time" : " was killed"));
    }
    if (result.exitCode == kNotFound || result.exitCode == kCannotBeRun) {
        throw CheckerMissing("the image " + check.service->image + " has no " + program +
                                 ", so the configuration cannot be checked",
                             "use an image that brings it, as the project's own does");
    }
    if (result.exitCode == kEngineRefused) {
        throw Error(who +
                    " could not be started:" + shown(complaintsOf(result, check.service->directory, check)));
    }
    if (!result.ok()) {
        refuse(who, complaintsOf(result, check.service->directory, check), {}, check.cure);
    }
}

std::vector<Complaint> askOnHost(const Check& check, const System& system) {
    const std::string program = check.checker.program;
    if (!system.processes.find(program)) {
        throw Error(program + " is missing, so the configuration cannot be checked",
                    std::string("install ") + check.checker.package);
    }
    const std::string staging = system.files.real(check.staging);
    system::Command command;
    command.argv.push_back(program);
    command.argv.insert(command.argv.end(), check.checker.arguments.begin(), check.checker.arguments.end());
    command.argv.push_back(staging + "/" + check.file);
    const auto result = system.processes.run(command);
    if (result.timedOut || result.exitCode < 0) {
        throw Error(program + (result.timedOut ? " did not finish in time" : " was killed"));
    }
    return result.ok() ? std::vector<Complaint>{} : complaintsOf(result, staging, check);
}

void checkOnHost(const Check& check, const System& system) {
    const auto complaints = askOnHost(check, system);
    if (!complaints.empty()) {
        refuse(check.checker.program, complaints, versionsOf(check, complaints, system), check.cure);
    }
}

std::string toText(const spec::ImageVersion& version) {
    return std::to_string(version.major) + "." + std::to_string(version.minor);
}

/// What `promtool --version` begins with: `promtool, version 2.42.0+ds (branch: …`.
std::optional<spec::ImageVersion> versionHere(const std::string& program, const System& system) {
    system::Command command;
    command.argv = {program, "--version"};
    const auto result = system.processes.run(command);
    const std::string said = result.out + result.err;
    constexpr std::string_view kWord = "version ";
    const auto at = said.find(kWord);
    if (!result.ok() || at == std::string::npos) {
        return std::nullopt;
    }
    const std::string number = said.substr(at + kWord.size());
    return spec::imageVersion(":" + number.substr(0, number.find_first_of(" \t\n(")));
}

}  // namespace vigie::apply
