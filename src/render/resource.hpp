// The resources that a host is made of.
#pragma once

#include "base/owner.hpp"
#include "render/service.hpp"
#include "render/text.hpp"
#include "spec/node.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace vigie::render {

/// A file with all of its bytes.
struct File {
    std::string path;
    Text content;
    unsigned mode = 0644;
    Owner owner;
};

struct Directory {
    std::string path;
    unsigned mode = 0755;
    Owner owner;
    /// Mode and owner matter. Otherwise a directory that is there is good as it is.
    bool exact = false;
    /// What lies below it changes its owner with it. No part of the desired state: programs make new files.
    bool tree = false;
};

struct WireguardPeer {
    std::string name;
    std::string publicKey;
    std::string nextPublicKey;  ///< the key that this peer is changing over to; may be empty
    std::string endpoint;       ///< `host:port`; empty: the peer dials us
    std::vector<std::string> allowedIps;
    int persistentKeepalive = 0;
    SecretValue presharedKey = {};  ///< an empty id: none

    [[nodiscard]] bool hasPresharedKey() const { return !presharedKey.id.empty(); }
};

/// The live tunnel interface.
struct WireguardInterface {
    std::string interface;
    std::string address;        ///< with its prefix length
    std::string address6 = {};  ///< a second one, of IPv6; may be empty
    std::vector<std::string> dns;
    int listenPort = 0;
    int mtu = 0;  ///< 0: left to WireGuard
    std::string publicKey;
    SecretValue privateKey;
    std::vector<WireguardPeer> peers;
    std::int64_t windowMs = 0;  ///< how long a change of it may wait for a handshake
    std::string configPath;
    bool dialled = true;  ///< peers dial this host, so its port has to be open

    [[nodiscard]] std::vector<std::string> addresses() const;
};

/// One rule in ufw's own words, as `ufw RULE` takes them.
struct FirewallRule {
    std::string rule;
    std::string comment;
};

struct Sysctl {
    std::string key;
    std::string value;
};

/// A systemd unit that is enabled and runs.
struct Unit {
    std::string name;
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
struct ComposeService {
    ComposeProject project;
    Service service;
    bool login = false;  ///< its image is pulled with the document's login at its registry
};

/// A service of the user's whose image is built anew, once for each token.
struct Rebuild {
    ComposeProject project;
    std::string service;
    std::string token;
};

/// A program that reads its configuration again on `POST url`, and how to know that it did.
struct Reload {
    enum class Program { prometheus, alertmanager };
    /// Whose the configuration is: ours, or the host's own, which is never written, in a directory that the
    /// container sees or as a single file, which the container sees anew only when it is started again.
    enum class Hosts { no, directory, singleFile };
    Program program = Program::prometheus;
    std::string baseUrl;            ///< `http://address:port`
    std::string digest;             ///< of everything that the program loads; empty: the host's own
    std::vector<std::string> jobs;  ///< Prometheus: the scrape jobs that must be loaded, in order
    std::string configPath;         ///< the program's main configuration file on the host
    Hosts hosts = Hosts::no;

    /// Of the configuration, on the host.
    [[nodiscard]] std::string directory() const { return configPath.substr(0, configPath.rfind('/')); }
    /// Whether the program loads that file: all of its directory, but the host's single file alone, for its
    /// directory is the whole project's.
    [[nodiscard]] bool loads(std::string_view path) const {
        return hosts == Hosts::singleFile ? path == configPath : path.starts_with(directory() + "/");
    }
};

struct SilenceMatcher {
    std::string name;
    std::string value;
    bool isRegex = false;
    bool isEqual = true;
    bool operator==(const SilenceMatcher&) const = default;
};

/// A silence of Alertmanager that vigie made. Its comment says whose it is.
struct Silence {
    std::string baseUrl;
    std::string stack;
    std::string name;
    std::vector<SilenceMatcher> matchers;
    std::int64_t startsAt = 0;  ///< Unix milliseconds; 0: when it is made
    std::int64_t endsAt = 0;
    std::string comment;

    /// The comment with the mark of ownership, as Alertmanager keeps it.
    [[nodiscard]] std::string markedComment() const;
};

/// The mark by which a silence of a stack is known again.
std::string silenceMark(const std::string& stack, const std::string& name);

using What = std::variant<File, Directory, WireguardInterface, FirewallRule, Sysctl, Unit, ComposeService,
                          Rebuild, Reload, Silence>;

/// What else a change of a resource causes.
enum class Effect { none, reload, recreate, tunnelSync };

/// One thing that a host must have.
struct Resource {
    std::string id;  ///< `kind:name`, stable
    What what;
    std::vector<std::string> dependsOn;  ///< ids; they come earlier in the list
    Effect effect = Effect::none;
    std::string purpose;        ///< in words, for the plan's reason
    spec::FieldPath from = {};  ///< the field of the document that wants it; no part of the desired state
};

/// `file`, `directory`, …: the part of the id before the colon.
std::string_view kindOf(const Resource& resource);

/// What a plan shows of a resource: a file's masked content, a firewall rule's words, …; empty where the id
/// says it all.
std::string describe(const Resource& resource);

/// The desired state of one resource as one hash. Secrets count by their ids.
std::string digestOf(const Resource& resource);

/// Of a whole host, in order.
std::string digestOf(const std::vector<Resource>& resources);

}  // namespace vigie::render
