// A model of docker compose.
#pragma once

#include "tests/support/model_files.hpp"

#include <map>
#include <string>
#include <vector>

namespace vigie::tests {

/// One service as compose sees it after all files were merged.
struct ModelService {
    std::string name;
    std::string image;
    bool built = false;
    std::string containerName;
    std::string user;
    std::string restart;
    std::vector<std::string> command;
    std::vector<std::string> ports;  ///< `address:port:containerPort`
    std::map<std::string, std::string> environment;
    std::map<std::string, std::string> volumes;  ///< target → `source[:ro]`
    std::map<std::string, std::string> labels;
    std::vector<std::string> dependsOn;
    std::string networkMode;
    std::vector<std::string> networks;  ///< beside `default`
    std::string pid;
    bool privileged = false;
    std::vector<std::string> devices;
    std::vector<std::string> capAdd;
    std::vector<std::string> capDrop;

    /// Of everything: what compose calls the config hash.
    [[nodiscard]] std::string hash() const;
};

/// Reads and merges compose files as `docker compose --file A --file B` does: command replaces, environment
/// and labels merge by key, volumes by target, ports append. Throws ToolFailed.
std::map<std::string, ModelService> composeModel(const ModelFiles& files, const std::string& project,
                                                 const std::vector<std::string>& paths);

}  // namespace vigie::tests
