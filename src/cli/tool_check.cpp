#include "cli/tool_check.hpp"

#include "apply/tools.hpp"
#include "base/error.hpp"
#include "base/text.hpp"

#include <array>
#include <charconv>

namespace vigie::cli {

std::string composeVersion(HostSystem& here) {
    if (!here.processes.find("docker")) {
        return {};
    }
    system::Command command;
    command.argv = {"docker", "compose", "version", "--short"};
    const auto result = here.processes.run(command);
    return result.ok() ? std::string(trim(result.out)) : std::string();
}

bool composeIsNewEnough(const std::string& version) {
    constexpr std::array<int, 3> kLeast = {2, 24, 4};
    const char* at = version.data();
    const char* const end = version.data() + version.size();
    at += at != end && *at == 'v' ? 1 : 0;
    for (const int least : kLeast) {
        int value = 0;
        const auto [next, error] = std::from_chars(at, end, value);
        if (error != std::errc{} || value != least) {
            return error == std::errc{} && value > least;
        }
        at = next != end && *next == '.' ? next + 1 : next;
    }
    return true;
}

std::vector<std::string> toolProblems(HostSystem& here) {
    std::vector<std::string> out;
    for (const auto& tool : {apply::kDocker, apply::kWg, apply::kWgQuick, apply::kIp, apply::kUfw}) {
        if (const auto problem = apply::missing(tool, here.processes); !problem.empty()) {
            out.push_back(problem);
        }
    }
    if (here.processes.find("docker")) {
        const auto version = composeVersion(here);
        if (version.empty()) {
            out.emplace_back(
                "`docker compose` is missing; install the package `docker-compose-plugin` (or "
                "`docker-compose-v2`)");
        } else if (!composeIsNewEnough(version)) {
            out.push_back("docker compose " + printable(version) +
                          " is too old; vigie needs 2.24.4 or later");
        }
    }
    for (const auto& [program, package] :
         {std::pair{"promtool", "prometheus"}, std::pair{"amtool", "prometheus-alertmanager"}}) {
        if (!here.processes.find(program)) {
            out.push_back(std::string(program) + " is missing; where its server runs, install the package `" +
                          package + "`");
        }
    }
    return out;
}

}  // namespace vigie::cli
