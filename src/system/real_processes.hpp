// Runs programs of this machine.
#pragma once

#include "system/processes.hpp"
#include "system/stop.hpp"

namespace vigie::system {

class RealProcesses : public Processes {
public:
    explicit RealProcesses(const Stop& stop) : stop_(stop) {}

    ProcessResult run(const Command& command) override;
    void startDetached(const std::vector<std::string>& argv) override;
    [[nodiscard]] std::optional<std::string> find(const std::string& program) const override;

private:
    const Stop& stop_;
};

}  // namespace vigie::system
