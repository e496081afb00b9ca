// The facts of a host: what it is, as `vigie facts` printed it there.
#pragma once

#include "spec/diagnostics.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a host is, as `vigie facts` printed it there into `facts/HOST.json`; facts.schema.yaml describes each
/// field. Whatever is absent is not known. Facts can be older than the host, and somebody may have written
/// them by hand.
namespace vigie::facts {

struct PortFacts {
    std::string address;  ///< empty: all
    int first = 0;        ///< the host's ports; 0: any free one
    int last = 0;
    int target = 0;
    std::string protocol = "tcp";
    std::string expression;  ///< not empty: it depends on variables, and nothing else is known

    [[nodiscard]] bool everywhere() const {
        return address.empty() || address == "0.0.0.0" || address == "::";
    }
};

struct MountFacts {
    std::string type;
    std::string source;
    std::string target;
    bool readOnly = false;
    std::string kind;  ///< file, directory or empty
    std::optional<std::int64_t> owner;
    bool writable = false;  ///< by everybody
};

struct ServiceFacts {
    std::string image;
    bool build = false;
    std::string user;
    std::string restart;
    std::string networkMode;
    bool healthcheck = false;
    std::vector<PortFacts> ports;
    std::vector<std::string> expose;
    std::vector<MountFacts> volumes;
    std::vector<std::string> environment;  ///< names
    std::vector<std::string> networks;
};

struct ProjectFacts {
    std::string name;
    std::string directory;
    std::vector<std::string> files;
    std::vector<std::string> envFiles;
    std::map<std::string, std::string> digests;
    std::optional<std::map<std::string, ServiceFacts>> services;
};

struct NetworkFacts {
    std::string name;
    std::string network;
    bool docker = false;
    std::string address = {};  ///< the host's own in it; empty: not known
};

/// A Prometheus or an Alertmanager in a container, and where it reads its configuration.
struct AttachedFacts {
    std::string project;
    std::string service;
    std::string program;
    std::string path;      ///< in the container
    std::string hostPath;  ///< on the host
    std::string mount;
    bool singleFile = false;
    std::optional<std::int64_t> uid = {};
    std::string refused;  ///< why it cannot be attached; empty: it can
};

struct HostFacts {
    std::string host;
    std::string wireguardPublicKey;
    std::string sealingKey;
    std::map<std::string, bool> capabilities;
    std::map<std::string, std::string> tools;
    std::optional<std::vector<NetworkFacts>> networks;
    std::optional<std::vector<ProjectFacts>> projects;
    std::optional<std::vector<AttachedFacts>> attached = {};
    /// By file and by service, what the compose files that vigie wrote there say.
    std::map<std::string, std::map<std::string, std::string>> users;
};

/// Reads and checks a facts file. Every mistake is in `diagnostics`; nothing is returned when there is one.
std::optional<HostFacts> loadFacts(std::string_view text, const std::string& file,
                                   spec::Diagnostics& diagnostics);

/// What stands for a compose file in `digests`: the SHA-256 of its text with all that looks like a secret
/// masked, because facts are committed and a short secret could be guessed from a digest.
std::string composeFileDigest(std::string_view text);

}  // namespace vigie::facts
