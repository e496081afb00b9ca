// The controller that runs on this root, over its unix socket.
#pragma once

#include "cli/host_system.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace vigie::cli {

/// The controller that runs on this root, over its unix socket. One that is loaded anew just now is waited
/// for.
class ControllerClient {
public:
    explicit ControllerClient(const HostSystem& here);

    /// Its process, or 0 when none runs.
    [[nodiscard]] int pid() const { return pid_; }
    /// Throws Error, with a hint, when none runs.
    void require() const;

    /// Any answer but a good one is thrown as Error, in the controller's words.
    nlohmann::ordered_json get(const std::string& path);
    std::string text(const std::string& path);
    nlohmann::ordered_json post(const std::string& path, const nlohmann::ordered_json& body);

    /// Waits for the end of a look that began after the request of that number; returns the status. Throws
    /// Error when the controller ends meanwhile.
    nlohmann::ordered_json await(std::int64_t request);

private:
    std::string send(const std::string& method, const std::string& path, const std::string& body);

    std::string lock_;
    int pid_;
    std::string socket_;
    system::UnixHttp http_;
};

}  // namespace vigie::cli
