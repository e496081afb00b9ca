#include "apply/check.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace vigie::apply {
namespace {

using render::Reload;

struct Checker {
    const char* program;
    std::vector<std::string> arguments;
    const char* package;
};

Checker checkerOf(Reload::Program program) {
    if (program == Reload::Program::prometheus) {
        return {"promtool", {"check", "config"}, "the Debian package `prometheus`"};
    }
    return {"amtool", {"check-config"}, "the Debian package `prometheus-alertmanager`"};
}

std::string directoryOf(const std::string& path) {
    return path.substr(0, path.rfind('/'));
}

/// Copies the files below the program's directory to the same relative places below `staging`.
void stage(const std::vector<render::Resource>& desired, const std::string& directory,
           const std::string& staging, system::Files& files) {
    for (const auto& resource : desired) {
        const auto* file = std::get_if<render::File>(&resource.what);
        if (file != nullptr && file->path.substr(0, directory.size() + 1) == directory + "/") {
            const std::string to = staging + file->path.substr(directory.size());
            system::makeParents(files, to);
            // A secret may stand where an address is wanted.
            files.write(to, file->content.masked("https://masked.invalid/"), 0600, std::nullopt);
        }
    }
}

/// What promtool and amtool say about what they do, not about what is wrong.
bool progressOf(std::string_view line) {
    const auto starts = [&](std::string_view prefix) { return line.substr(0, prefix.size()) == prefix; };
    return starts("Checking ") || starts("SUCCESS") || line == "FAILED:";
}

/// The beginning of the tool's complaint, without the temporary paths, which mean nothing to anybody.
std::string complaint(const system::ProcessResult& result, const std::string& staging) {
    constexpr std::size_t kEnough = 4000;
    const std::string said = result.out + result.err;
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

/// Whether one of the `changed` ids is the reload itself or a file that the program loads.
bool concerns(const Reload& reload, const std::string& id, const std::vector<std::string>& changed) {
    const std::string prefix = "file:" + directoryOf(reload.configPath) + "/";
    return std::any_of(changed.begin(), changed.end(), [&](const std::string& each) {
        return each == id || each.substr(0, prefix.size()) == prefix;
    });
}

void check(const Reload& reload, const std::vector<render::Resource>& desired, const std::string& staging,
           const system::System& system) {
    const std::string directory = directoryOf(reload.configPath);
    const bool ours = reload.hosts == Reload::Hosts::no;
    if (ours) {
        stage(desired, directory, staging, system.files);
    }
    const Checker checker = checkerOf(reload.program);
    if (!system.processes.find(checker.program)) {
        throw Error(std::string(checker.program) + " is missing, so the configuration cannot be checked",
                    std::string("install ") + checker.package);
    }
    const std::string realStaging = system.files.real(staging);
    system::Command command;
    command.argv.emplace_back(checker.program);
    command.argv.insert(command.argv.end(), checker.arguments.begin(), checker.arguments.end());
    command.argv.push_back(ours ? realStaging + reload.configPath.substr(directory.size())
                                : system.files.real(reload.configPath));
    const auto result = system.processes.run(command);
    if (result.timedOut) {
        throw Error(std::string(checker.program) + " did not finish in time");
    }
    if (!result.ok()) {
        throw Error(
            std::string(checker.program) + " refuses the configuration:" + complaint(result, realStaging),
            ours ? "correct it in the repository; nothing was changed on this host"
                 : "correct " + reload.configPath + "; vigie never writes it, and changed nothing");
    }
}

}  // namespace

void checkWithTools(const std::vector<render::Resource>& desired, const std::vector<std::string>& changed,
                    const std::string& stagingDirectory, const system::System& system,
                    const std::function<void(const std::string&)>& progress) {
    for (const auto& resource : desired) {
        const auto* reload = std::get_if<Reload>(&resource.what);
        if (reload == nullptr || !concerns(*reload, resource.id, changed)) {
            continue;
        }
        if (progress) {
            progress(std::string("check with ") + checkerOf(reload->program).program);
        }
        system::removeTree(system.files, stagingDirectory);
        try {
            check(*reload, desired, stagingDirectory, system);
        } catch (...) {
            system::removeTree(system.files, stagingDirectory);
            throw;
        }
        system::removeTree(system.files, stagingDirectory);
    }
}

}  // namespace vigie::apply
