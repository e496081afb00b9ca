// Programs that answer as a test says.
#pragma once

#include "system/processes.hpp"

#include <functional>

namespace vigie::system {

/// Records every command and answers as the test says.
class MemoryProcesses : public Processes {
public:
    ProcessResult run(const Command& command) override {
        commands.push_back(command.argv);
        return answer ? answer(command) : ProcessResult{.exitCode = 0, .out = {}, .err = {}};
    }
    void startDetached(const std::vector<std::string>& argv) override { commands.push_back(argv); }
    [[nodiscard]] std::optional<std::string> find(const std::string& program) const override {
        return "/usr/bin/" + program;
    }

    std::function<ProcessResult(const Command&)> answer;
    std::vector<std::vector<std::string>> commands;
};

}  // namespace vigie::system
