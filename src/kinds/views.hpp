// What several rooms ask of resources without knowing of which kind they are: a tunnel, a program that loads
// a configuration, a container. `kinds/models.hpp` gives them out.
#pragma once

#include "render/service.hpp"
#include "render/text.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::render {

struct WireguardPeer {
    std::string name;
    std::string publicKey;
    std::string nextPublicKey;  ///< the key that this peer is changing over to; may be empty
    std::string endpoint;       ///< `host:port`; empty: the peer dials us
    std::vector<std::string> allowedIps;
    int persistentKeepalive = 0;
    SecretValue presharedKey = {};  ///< an empty id: none
    bool guest = false;             ///< without an agent: nobody waits for it, and its silence means nothing

    [[nodiscard]] bool hasPresharedKey() const { return !presharedKey.id.empty(); }
};

/// A tunnel to other hosts, without its private key.
struct Tunnel {
    std::string interface;
    std::string address;        ///< with its prefix length
    std::string address6 = {};  ///< a second one, of IPv6; may be empty
    std::vector<std::string> dns;
    int listenPort = 0;
    int mtu = 0;  ///< 0: left to WireGuard
    std::string publicKey;
    std::vector<WireguardPeer> peers;
    std::int64_t windowMs = 0;  ///< how long a change of it may wait for a handshake
    std::string configPath;
    bool dialled = true;  ///< peers dial this host, so its port has to be open

    [[nodiscard]] std::vector<std::string> addresses() const {
        return address6.empty() ? std::vector{address} : std::vector{address, address6};
    }
    /// Of all hosts among the peers, also the keys that they are changing over to.
    [[nodiscard]] std::vector<std::string> peerKeys() const {
        std::vector<std::string> out;
        for (const auto& peer : peers) {
            if (peer.guest) {
                continue;
            }
            out.push_back(peer.publicKey);
            if (!peer.nextPublicKey.empty()) {
                out.push_back(peer.nextPublicKey);
            }
        }
        return out;
    }
};

/// How compose is told about a project.
struct ComposeProject {
    std::string name;
    std::string directory;
    std::vector<std::string> files;     ///< compose files in order, relative to `directory`
    std::vector<std::string> envFiles;  ///< `--env-file` options in order, relative to `directory`
    bool ours = false;                  ///< rendered by us as a whole

    /// The directory, the compose files and the environment files, as the host sees them.
    [[nodiscard]] std::vector<std::string> paths() const;
};

/// The container of one service of a compose project.
struct Container {
    ComposeProject project;
    Service service;
};

/// Whose a program's configuration is: ours, or the user's own, which is never written, in a directory that
/// the container sees or as a single file, which the container sees anew only when it is started again.
enum class ConfigOwner : std::uint8_t { vigie, userDirectory, userFile };

/// A program of the user's own that vigie configures, in a container or a unit that it leaves alone: how the
/// document says that it is found and asked.
struct AttachedProgram {
    std::string project;    ///< the compose project; empty: it is a unit
    std::string host;       ///< of a unit
    std::string service;    ///< of the project, or the unit
    std::string directory;  ///< of the project, on the host
    std::string program;    ///< the base name of its file; empty: the usual one
    std::string username;
    SecretValue password = {};  ///< an empty id: none

    /// By which its files and the resources about it are named: `PROJECT/SERVICE`, `HOST/UNIT`.
    [[nodiscard]] std::string name() const { return (project.empty() ? host : project) + "/" + service; }
};

/// A program that reads its configuration again on `POST baseUrl/-/reload`, and how to know that it did.
struct ConfiguredProgram {
    enum class Program : std::uint8_t { prometheus, alertmanager };
    Program program = Program::prometheus;
    std::string baseUrl;            ///< `http://address:port`
    std::string digest;             ///< of everything that the program loads; empty: the user's own
    std::vector<std::string> jobs;  ///< Prometheus: the scrape jobs that must be loaded, in order
    std::string configPath;         ///< the program's main configuration file on the host
    ConfigOwner owner = ConfigOwner::vigie;
    /// It is the user's own. `baseUrl` is no address then, but the name by which it is told from others, and
    /// `configPath` the name of the resource that is its main configuration file.
    std::optional<AttachedProgram> attached = {};

    /// What it has loaded is told by the hash of its file, for no digest of ours is in it.
    [[nodiscard]] bool provenByFile() const {
        return owner != ConfigOwner::vigie || (attached && program == Program::alertmanager);
    }
    /// Of the configuration, on the host.
    [[nodiscard]] std::string directory() const { return configPath.substr(0, configPath.rfind('/')); }
    /// Whether the program loads that file: all of its directory, but the user's single file alone, for its
    /// directory is the whole project's.
    [[nodiscard]] bool loads(std::string_view path) const {
        return owner == ConfigOwner::userFile ? path == configPath : path.starts_with(directory() + "/");
    }
};

}  // namespace vigie::render
