// A model of WireGuard and its interface.
#pragma once

#include "system/processes.hpp"
#include "tests/support/fuse.hpp"
#include "tests/support/model_clock.hpp"
#include "tests/support/model_files.hpp"
#include "tests/support/model_names.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace vigie::tests {

struct ModelPeer {
    std::string publicKey;
    std::string endpoint;                 ///< `address:port`; empty: none
    std::vector<std::string> allowedIps;  ///< in the order in which they were given
    int keepalive = 0;
    std::int64_t handshake = 0;  ///< Unix seconds of the latest
    /// Keys for data are there. They go when a key on either side changes; see `Internet`.
    bool session = false;
    std::string presharedKey = {};
    bool operator==(const ModelPeer&) const = default;
};

struct ModelRoute {
    std::string to;       ///< a network
    bool kernel = false;  ///< an address brought it
    bool operator==(const ModelRoute&) const = default;
};

struct ModelInterface {
    std::string privateKey;
    std::string publicKey;
    int listenPort = 0;
    int mtu = 0;
    bool up = false;
    std::vector<std::string> addresses;  ///< with prefix lengths; the first of a network is the primary one
    std::vector<ModelRoute> routes;
    std::vector<ModelPeer> peers;
    bool operator==(const ModelInterface&) const = default;

    ModelPeer* peer(const std::string& key);
    [[nodiscard]] const ModelPeer* peer(const std::string& key) const;
};

/// WireGuard, addresses and routes as `wg`, `wg-quick` and `ip` drive them. What it does was tried with
/// wireguard-tools 1.0.20210914 and iproute2 6.1; the parts of `wg-quick up` can be killed between each
/// other.
class ModelTunnel {
public:
    ModelTunnel(Fuse& fuse, ModelFiles& files, const ModelClock& clock, ModelNames& names)
        : fuse_(fuse), files_(files), clock_(clock), names_(names) {}

    system::ProcessResult wg(const std::vector<std::string>& argv, const std::string& input);
    system::ProcessResult wgQuick(const std::vector<std::string>& argv);
    system::ProcessResult ip(const std::vector<std::string>& argv);

    /// Whether a program could bind a socket to `address`.
    [[nodiscard]] bool hasAddress(const std::string& address) const;

    std::map<std::string, ModelInterface> interfaces;
    /// An address of the host on an interface of somebody else's; empty: none.
    std::string otherAddress;
    /// Grows with every change, so that others know when to look again.
    std::uint64_t version = 0;
    /// Without the kernel's module `wg show` says something else of an interface that is not there.
    bool kernelModule = true;
    /// What the file's PostUp and PostDown were, in the order in which they ran.
    std::vector<std::string> hooks;
    /// Of the main table and other devices, as `ip -json route show` has them: a JSON list for each family.
    std::string otherRoutes = "[]";
    std::string otherRoutes6 = "[]";

private:
    struct Config;
    [[nodiscard]] std::string resolved(const std::string& endpoint);
    [[nodiscard]] Config parse(const std::string& text, bool quick);
    [[nodiscard]] std::string absent() const;

    system::ProcessResult show(const std::string& name, const std::string& what);
    system::ProcessResult showConfig(const std::string& name);
    system::ProcessResult sync(const std::string& name, const std::string& input);
    system::ProcessResult set(const std::vector<std::string>& argv, const std::string& input);
    void apply(ModelInterface& interface, const Config& config, bool replace);
    void bringUp(const std::string& name, const Config& config);
    void takeDown(const std::string& name, const Config& config);
    [[nodiscard]] system::ProcessResult ipShow(const std::vector<std::string>& words) const;
    [[nodiscard]] system::ProcessResult routesShown(const std::vector<std::string>& words) const;
    void ipAddress(const std::string& verb, const std::string& address, ModelInterface& interface);
    void ipRoute(const std::string& verb, const std::string& to, ModelInterface& interface);

    Fuse& fuse_;
    ModelFiles& files_;
    const ModelClock& clock_;
    ModelNames& names_;
};

/// A tool that says no.
struct ToolFailed {
    std::string err;
    int exitCode = 1;
};

system::ProcessResult succeeded(const std::string& out = {});
system::ProcessResult refused(const ToolFailed& why);

}  // namespace vigie::tests
