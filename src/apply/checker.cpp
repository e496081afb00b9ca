#include "apply/checker.hpp"

#include "apply/containers.hpp"
#include "apply/engine.hpp"
#include "base/complaint.hpp"
#include "base/error.hpp"
#include "base/redact.hpp"
#include "base/text.hpp"
#include "spec/image_version.hpp"

#include <algorithm>

namespace vigie::apply {
namespace {

using render::Reload;
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

/// What promtool and amtool say about what they do, not about what is wrong.
bool progressOf(std::string_view line) {
    const auto starts = [&](std::string_view prefix) { return line.substr(0, prefix.size()) == prefix; };
    return starts("Checking ") || starts("SUCCESS") || line == "FAILED:";
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

/// The beginning of the tool's complaint, without the paths of the copies, which mean nothing to anybody.
std::string complaint(const system::ProcessResult& result, const std::string& staging, bool hosts) {
    constexpr std::size_t kEnough = 4000;
    const std::string said =
        hosts ? withoutQuotes(result.out + "\n" + result.err) : showableComplaint(result.out + result.err);
    std::string text;
    for (const auto line : splitLines(said)) {
        if (!trim(line).empty() && !progressOf(trim(line))) {
            text += "\n  " + std::string(utf8Prefix(printable(trim(utf8Prefix(line, kEnough))), kEnough));
        }
        if (text.size() >= kEnough) {
            text += "\n  …";
            break;
        }
    }
    const std::string prefix = staging + "/";
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at)) {
        text.erase(at, prefix.size());
    }
    return text;
}

std::string textOf(const spec::ImageVersion& version) {
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

/// Why the checker of this host may be wrong about that image, and the cure; empty when it may not.
std::pair<std::string, std::string> doubt(const Check& check, const System& system) {
    const std::string program = check.checker.program;
    if (!check.service) {
        return {};
    }
    const auto here = versionHere(program, system);
    const auto there = spec::imageVersion(check.service->image);
    if (!here || !there || *here == *there) {
        return {};
    }
    const std::string versions =
        program + " here is " + textOf(*here) + ", the image is " + check.service->image;
    const std::string cure = "where Docker answers, " + program + " of the image is asked instead";
    if (*here < *there) {
        return {versions + ": what it refuses may be newer than it is; the check needs " + program + " " +
                    textOf(*there),
                "install " + program + " " + textOf(*there) + " or newer; " + cure};
    }
    return {versions + ": what it refuses may be older than it is", cure};
}

Error refusal(const std::string& who, const std::string& words, const std::string& cure) {
    return Error(who + " refuses the configuration:" + words, cure);
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
    arguments.push_back(std::string("--entrypoint=") + check.checker.program);
    arguments.push_back(service.image);
    arguments.insert(arguments.end(), check.checker.arguments.begin(), check.checker.arguments.end());
    arguments.push_back(seen);
    return dockerCommand(std::move(arguments), kTimeout);
}

}  // namespace

Checker checkerOf(Reload::Program program) {
    if (program == Reload::Program::prometheus) {
        return {"promtool", {"check", "config"}, "the Debian package `prometheus`"};
    }
    return {"amtool", {"check-config"}, "the Debian package `prometheus-alertmanager`"};
}

std::optional<CheckedService> serviceOf(const Reload& reload, const std::vector<render::Resource>& desired) {
    const std::string directory = reload.directory();
    const bool alone = reload.hosts == Reload::Hosts::singleFile;
    for (const auto& resource : desired) {
        const auto* compose = std::get_if<render::ComposeService>(&resource.what);
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
        throw Error("the image " + check.service->image + " has no " + program +
                        ", so the configuration cannot be checked",
                    "use an image that brings it, as the project's own does");
    }
    if (result.exitCode == kEngineRefused) {
        throw Error(who +
                    " could not be started:" + complaint(result, check.service->directory, check.hosts));
    }
    if (!result.ok()) {
        throw refusal(who, complaint(result, check.service->directory, check.hosts), check.cure);
    }
}

void checkOnHost(const Check& check, const System& system) {
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
    if (result.timedOut) {
        throw Error(program + " did not finish in time");
    }
    if (!result.ok()) {
        const auto [why, cure] = doubt(check, system);
        if (why.empty()) {
            throw refusal(program, complaint(result, staging, check.hosts), check.cure);
        }
        throw Error(program + " refuses the configuration:" + complaint(result, staging, check.hosts) +
                        "\n  (" + why + ")",
                    cure);
    }
}

}  // namespace vigie::apply
