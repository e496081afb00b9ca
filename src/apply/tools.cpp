// Runs programs of the host that must succeed, and quotes their complaints.

#include "apply/tools.hpp"

#include "base/error.hpp"
#include "base/redact.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace vigie::apply {
namespace {

constexpr std::size_t kEnough = 2000;

/// Docker says which container by 64 digits, and what it asked by a URL of some hundred letters, before it
/// says what is wrong: a terminal cuts that off.
std::string withoutNoise(std::string_view line) {
    constexpr std::size_t kLongName = 40;  // hexadecimal digits; a commit has as many
    constexpr std::size_t kShortName = 12;
    constexpr std::size_t kLongUrl = 60;
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string out;
    for (std::size_t i = 0; i < line.size();) {
        const auto url = line.substr(i, 7) == "http://" || line.substr(i, 8) == "https://";
        const auto end = std::min(line.size(), line.find_first_of(" \"", i));
        if (url && end - i > kLongUrl) {
            out += "http://…";
            i = end;
            continue;
        }
        const auto digits = std::min(line.size(), line.find_first_not_of(kHex, i)) - i;
        if (digits > kLongName) {
            out += line.substr(i, kShortName);
            i += digits;
        } else {
            const auto step = std::max<std::size_t>(1, digits);
            out += line.substr(i, step);
            i += step;
        }
    }
    return out;
}

/// The end of what a program said, where the reason stands. Masked before it is cut: the name of a setting
/// tells that its value is a secret.
std::string complaint(const system::ProcessResult& result, const ForeignWords* foreign) {
    std::string said;
    for (const auto line : splitLines(result.err.empty() ? result.out : result.err)) {
        if (!trim(line).empty()) {
            const std::string words(trim(line));
            said += redactLine(foreign == nullptr ? words : foreign->showable(words)) + "\n";
        }
    }
    std::string out;
    const std::string tail = said.size() > kEnough ? said.substr(said.size() - kEnough) : said;
    for (const auto line : splitLines(tail)) {
        out += "\n  " + printable(withoutNoise(line));
    }
    return out;
}

ForeignWords wordsOf(const std::vector<std::string>& foreign, const std::string& known,
                     const system::Files& files) {
    ForeignWords out;
    out.know(known);
    for (const auto& path : foreign) {
        out.know(path);
        try {
            if (files.inspect(path).exists()) {
                out.read(view(files.read(path, system::kLargestFile)));
            }
        } catch (const Error&) {
            out.readFailed();
        }
    }
    return out;
}

system::ProcessResult mustRun(const system::Command& command, const ForeignWords* foreign,
                              system::Processes& processes) {
    std::string shown = command.argv.at(0);
    for (std::size_t i = 1; i < command.argv.size(); ++i) {
        shown += " " + command.argv[i];
    }
    auto result = processes.run(command);
    if (result.timedOut) {
        throw Error("`" + shown + "` did not finish within " +
                    std::to_string(command.timeout.count() / 1000) + " s and was killed");
    }
    if (!result.ok()) {
        throw Error("`" + shown + "` failed:" + complaint(result, foreign));
    }
    return result;
}

}  // namespace

std::string missing(const Tool& tool, const system::Processes& processes) {
    return processes.find(tool.program)
               ? ""
               : std::string(tool.program) + " is missing; install the package `" + tool.package + "`";
}

system::ProcessResult mustRun(const system::Command& command, system::Processes& processes) {
    return mustRun(command, nullptr, processes);
}

system::ProcessResult mustRunOnForeign(const system::Command& command,
                                       const std::vector<std::string>& foreign, const std::string& known,
                                       const system::System& system) {
    // Read before it runs: what it quotes may be gone afterwards.
    const auto words = wordsOf(foreign, known, system.files);
    return mustRun(command, &words, system.processes);
}

system::ProcessResult mustRun(const std::vector<std::string>& argv, system::Processes& processes) {
    system::Command command;
    command.argv = argv;
    return mustRun(command, processes);
}

system::ProcessResult mustRunAndWipe(system::Command& command, system::Processes& processes) {
    const auto forget = [&] { wipe(command.input.data(), command.input.size()); };
    try {
        auto result = mustRun(command, processes);
        forget();
        return result;
    } catch (...) {
        forget();
        throw;
    }
}

bool systemdRuns(const system::Files& files) {
    return files.real("/") == "/" && files.inspect("/run/systemd/system").exists();
}

}  // namespace vigie::apply
