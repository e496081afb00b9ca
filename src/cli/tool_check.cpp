// Looks for the programs that an apply needs.

#include "cli/tool_check.hpp"

#include "apply/tools.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "kinds/compose/tool.hpp"

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

std::vector<std::string> toolProblems(HostSystem& here) {
    std::vector<std::string> out;
    for (const auto& tool : {apply::kDocker, apply::kWg, apply::kWgQuick, apply::kIp, apply::kUfw}) {
        if (const auto problem = apply::missing(tool, here.processes); !problem.empty()) {
            out.push_back(problem);
        }
    }
    try {
        apply::requireCompose(here.system());
    } catch (const Error& error) {
        if (here.processes.find("docker")) {  // else it was reported above
            out.push_back(std::string(error.what()) + "; " + error.hint());
        }
    }
    if (here.processes.find("docker")) {
        return out;  // the checkers are those of the images
    }
    for (const auto& [program, package] :
         {std::pair{"promtool", "prometheus"}, std::pair{"amtool", "prometheus-alertmanager"}}) {
        if (!here.processes.find(program)) {
            out.push_back(std::string(program) +
                          " is missing; on the host of its server, install the package `" + package + "`");
        }
    }
    return out;
}

}  // namespace vigie::cli
