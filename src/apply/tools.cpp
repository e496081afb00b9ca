#include "apply/tools.hpp"

#include "base/error.hpp"
#include "base/redact.hpp"
#include "base/text.hpp"

namespace vigie::apply {
namespace {

constexpr std::size_t kEnough = 2000;

/// The end of what a program said, where the reason stands. Masked before it is cut: the name of a setting
/// tells that its value is a secret.
std::string complaint(const system::ProcessResult& result) {
    std::string said;
    for (const auto line : splitLines(result.err.empty() ? result.out : result.err)) {
        if (!trim(line).empty()) {
            said += redactLine(trim(line)) + "\n";
        }
    }
    std::string out;
    const std::string tail = said.size() > kEnough ? said.substr(said.size() - kEnough) : said;
    for (const auto line : splitLines(tail)) {
        out += "\n  " + printable(line);
    }
    return out;
}

}  // namespace

std::string missing(const Tool& tool, const system::Processes& processes) {
    return processes.find(tool.program)
               ? ""
               : std::string(tool.program) + " is missing; install the package `" + tool.package + "`";
}

system::ProcessResult mustRun(const system::Command& command, system::Processes& processes) {
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
        throw Error("`" + shown + "` failed:" + complaint(result));
    }
    return result;
}

system::ProcessResult mustRun(const std::vector<std::string>& argv, system::Processes& processes) {
    system::Command command;
    command.argv = argv;
    return mustRun(command, processes);
}

bool systemdRuns(const system::Files& files) {
    return files.real("/") == "/" && files.inspect("/run/systemd/system").exists();
}

}  // namespace vigie::apply
