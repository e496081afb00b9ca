// Chooses the program's process among those of a control group, and what it reads.

#include "attach/find.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace vigie::attach {
namespace {

std::string_view baseName(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

/// A program that was replaced on the disk goes on running as `PATH (deleted)`.
std::string_view fileOf(std::string_view exe) {
    constexpr std::string_view kDeleted = " (deleted)";
    return exe.substr(0, exe.size() - (exe.ends_with(kDeleted) ? kDeleted.size() : 0));
}

std::string absolute(const std::string& path, const std::string& directory) {
    if (path.starts_with('/')) {
        return path;
    }
    return (directory.empty() || directory == "/" ? "/" : directory + "/") + path;
}

/// The arguments of the program when the engine starts it without a script: by itself, or behind one of the
/// small programs that are process 1 for it.
std::optional<std::span<const std::string>> createdWith(const Container& container,
                                                        std::string_view program) {
    constexpr std::array<std::string_view, 4> kInits = {"docker-init", "tini", "dumb-init", "catatonit"};
    const std::span all(container.arguments);
    if (baseName(container.path) == program) {
        return all;
    }
    if (std::find(kInits.begin(), kInits.end(), baseName(container.path)) == kInits.end()) {
        return std::nullopt;
    }
    const auto first =
        std::find_if(all.begin(), all.end(), [](const auto& word) { return !word.starts_with('-'); });
    if (first == all.end() || baseName(*first) != program) {
        return std::nullopt;
    }
    return all.subspan(static_cast<std::size_t>(first - all.begin()) + 1);
}

}  // namespace

std::string_view Wanted::programName() const {
    return program.empty() ? attach::programName(kind) : std::string_view(program);
}

OrRefusal<Running> chooseProcess(const Wanted& wanted, const Container* container, const Processes& found) {
    const auto program = wanted.programName();
    std::vector<std::string> names;
    std::vector<const Process*> matching;
    for (const auto& each : found.processes) {
        const auto name = baseName(fileOf(each.id.exe));
        if (name == program && each.state != "Z" && each.state != "X") {
            matching.push_back(&each);
        } else if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) {
            names.emplace_back(name);
        }
    }
    if (matching.empty()) {
        return noProgram(wanted.subject, program, names);
    }
    if (matching.size() > 1) {
        return severalPrograms(wanted.subject, program, matching.size());
    }
    Running out{*matching.front(), {}, {}};
    const auto& arguments = out.process.arguments;
    const auto options = std::span(arguments).subspan(std::min<std::size_t>(arguments.size(), 1));
    out.options = readOptions(wanted.kind, options);
    if (out.process.cut || !out.options.argumentsFile.empty()) {
        return argumentsFile(wanted.subject, out.process.cut ? "…" : out.options.argumentsFile);
    }
    if (container != nullptr) {
        if (const auto created = createdWith(*container, program)) {
            const auto meant = readOptions(wanted.kind, *created);
            if (meant.configFile != out.options.configFile && meant.argumentsFile.empty()) {
                return contradiction(wanted.subject, out.options.configFile, meant.configFile);
            }
        }
    }
    out.config = absolute(out.options.configFile, out.process.directory);
    return out;
}

OrRefusal<Running> chooseStopped(const Wanted& wanted, const Container& container) {
    const auto created = createdWith(container, wanted.programName());
    if (!created) {
        return scriptNotRunning(wanted.subject, container.path);
    }
    Running out;
    out.options = readOptions(wanted.kind, *created);
    if (!out.options.argumentsFile.empty()) {
        return argumentsFile(wanted.subject, out.options.argumentsFile);
    }
    out.process.directory = container.directory.empty() ? "/" : container.directory;
    out.config = absolute(out.options.configFile, out.process.directory);
    return out;
}

std::optional<Refusal> refusalOf(const Wanted& wanted, const Options& options) {
    if (options.autoReload) {
        return autoReload(wanted.subject);
    }
    if (!options.webConfigFile.empty() && !wanted.hasLogin) {
        return password(wanted.subject);
    }
    if (options.listen.empty()) {
        return noAddress(wanted.subject, join(options.listenText, ", "));
    }
    return std::nullopt;
}

}  // namespace vigie::attach
