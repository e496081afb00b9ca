// Programs of a host in memory.
#pragma once

#include "tests/support/model_engine.hpp"
#include "tests/support/model_tables.hpp"
#include "tests/support/model_tunnel.hpp"
#include "tests/support/model_ufw.hpp"

#include <set>
#include <string>
#include <vector>

namespace vigie::tests {

/// The programs that src/apply starts. Any other is a mistake of the test or of vigie.
class ModelProcesses : public system::Processes {
public:
    ModelProcesses(Fuse& fuse, ModelFiles& files, ModelTunnel& tunnel, ModelUfw& ufw, ModelTables& tables,
                   ModelEngine& engine)
        : fuse_(fuse), files_(files), tunnel_(tunnel), ufw_(ufw), tables_(tables), engine_(engine) {}

    system::ProcessResult run(const system::Command& command) override;
    void startDetached(const std::vector<std::string>& argv) override;
    [[nodiscard]] std::optional<std::string> find(const std::string& program) const override;

    /// The units of wg-quick that systemd holds for active.
    std::set<std::string> activeUnits;
    std::set<std::string> missingPrograms;
    bool checkersRefuse = false;
    /// Commands that no model knows. `run` throws std::logic_error then, which vigie takes for a failure: a
    /// test looks here.
    std::vector<std::string> unknown;

    /// Where systemd keeps what is enabled.
    static std::string wantedLink(const std::string& unit);

private:
    system::ProcessResult dispatch(const system::Command& command);
    system::ProcessResult check(const std::vector<std::string>& argv) const;
    system::ProcessResult checkInContainer(const std::vector<std::string>& argv) const;
    system::ProcessResult sysctl(const std::vector<std::string>& argv);
    system::ProcessResult systemctl(const std::vector<std::string>& argv);

    Fuse& fuse_;
    ModelFiles& files_;
    ModelTunnel& tunnel_;
    ModelUfw& ufw_;
    ModelTables& tables_;
    ModelEngine& engine_;
};

}  // namespace vigie::tests
