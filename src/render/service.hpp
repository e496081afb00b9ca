// A service of a compose file, as vigie writes it.
#pragma once

#include "base/owner.hpp"
#include "render/text.hpp"
#include "spec/node.hpp"

#include <map>
#include <string>
#include <vector>

namespace vigie::render {

/// A port of a container that is published on one address of the host.
struct PublishedPort {
    std::string address;  ///< empty: on all, of IPv4 and IPv6
    int hostPort = 0;
    int containerPort = 0;
    bool udp = false;
};

/// A directory of the host that a container sees.
struct Mount {
    /// Below the project's directory, beginning with `./`; an absolute path; or the name of a volume.
    std::string source;
    std::string target;
    bool readOnly = false;
    bool follows = false;  ///< what the host mounts below it later is seen as well (`rslave`)
    bool found = false;    ///< data that were there before: vigie neither makes them nor changes their owner

    [[nodiscard]] bool isVolume() const { return !source.empty() && source[0] != '.' && source[0] != '/'; }
    /// The path on the host, of a container of the project in `directory`; empty for a volume.
    [[nodiscard]] std::string path(const std::string& directory) const;
};

/// What a compose file says about one service. The same struct is written into the file and compared with
/// the running container, so that the two cannot drift apart.
struct Service {
    std::string name;
    std::string image;  ///< empty: the user's own service, to which variables and mounts are added
    std::string containerName;
    std::string user;
    std::string restart;
    std::vector<std::string> dependsOn;  ///< services of the same project
    std::vector<Text> command;           ///< secrets in it need no escapes inside double quotes
    std::vector<PublishedPort> ports;
    std::map<std::string, std::string> environment;
    std::vector<Mount> mounts;
    std::map<std::string, SecretValue> secretEnvironment = {};
    /// Networks of other projects, by their names for the engine, that it joins beside its own default one.
    std::vector<std::string> networks = {};
    bool hostNetwork = false;    ///< it has no network of its own and sees the host's loopback addresses
    bool hostProcesses = false;  ///< it sees the host's processes
    bool privileged = false;
    std::vector<std::string> devices = {};       ///< of the host, under their own names
    std::vector<std::string> capabilities = {};  ///< the only ones that it has; empty: as the engine has it
    /// Further keys as the document has them, in compose's own spelling; merged last. Their volumes are among
    /// `mounts`, and their variables in `environment`.
    spec::Node compose = {};
    std::string contentDigest;  ///< of mounted files that are read at the start only; may be empty
    /// The server of the document that it is: `prometheus`, `alertmanager`, `jaeger` or `grafana`; empty for
    /// everything else. No part of what is compared.
    std::string component = {};

    /// The container as a whole is ours, not only what is added to it.
    [[nodiscard]] bool whole() const { return !image.empty(); }
    /// Of everything above but `component`; secrets count by their ids.
    [[nodiscard]] std::string digest() const;
    /// Our own labels: compose hashes no file contents, and its own hash differs between its versions.
    [[nodiscard]] std::map<std::string, std::string> labels() const;
};

/// `UID:GID`, as compose takes a user.
std::string userText(const Owner& user);

/// Carries `Service::digest()`.
constexpr const char* kConfigLabel = "dev.vigie.config";
/// Carries `Service::contentDigest`.
constexpr const char* kContentLabel = "dev.vigie.content";

/// The services of a compose file. `name` is the project's, empty in an override of the user's files.
Text composeFile(const std::string& name, const std::vector<Service>& services);

}  // namespace vigie::render
