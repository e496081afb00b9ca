// What was found on hosts that were set up by hand.
#pragma once

#include "base/enum_text.hpp"
#include "compose/project.hpp"
#include "spec/node.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What was found on hosts that were set up by hand, on its way into a document. Nothing here holds a secret:
/// those are sealed while they are read, so that what was seen of one host can be kept until the next is
/// read.
namespace vigie::imports {

/// Something about a place of a file that a person has to know.
struct Finding {
    /// `lost`: the document cannot say it, and the first apply takes it away. `by hand`: to be done by a
    /// person. `note`: a guess, to be looked at.
    std::string kind;
    std::string file;
    int line = 0;
    std::string what;
    std::string cure;
};

struct Peer {
    std::string publicKey;
    std::string endpoint;
    std::vector<std::string> allowedIps;
    int keepalive = 0;
    bool presharedKey = false;
    int line = 0;
    std::string name;  ///< what a comment calls it, as a name of the document; empty: none does
};

/// A wg-quick file.
struct Tunnel {
    std::string file;
    std::string interface;
    std::vector<std::string> addresses;  ///< with their prefix lengths
    int listenPort = 0;
    int mtu = 0;
    std::vector<std::string> dns;  ///< name servers
    std::string publicKey;         ///< of its PrivateKey
    bool saveConfig = false;
    std::vector<Peer> peers;
};

/// A pgbouncer exporter's connection string without its password.
struct DsnSeen {
    std::string user;
    std::string service;
    int port = 0;
    std::string secret;  ///< the name under which the password was sealed; empty: there was none
};

/// What a service of a compose file is to us.
enum class Role : std::uint8_t { application, prometheus, alertmanager, jaeger, exporter };

constexpr auto wordsOf(Role /*of*/) {
    return std::array<EnumText<Role>, 5>{{
        {Role::application, "application"},
        {Role::prometheus, "prometheus"},
        {Role::alertmanager, "alertmanager"},
        {Role::jaeger, "jaeger"},
        {Role::exporter, "exporter"},
    }};
}

struct ServiceSeen {
    std::string name;
    std::string image;
    Role role = Role::application;
    std::vector<compose::Port> ports;
    std::vector<compose::Mount> mounts;
    std::map<std::string, std::string> traces;  ///< variables whose value is an OTLP endpoint
    std::string retention;
    std::optional<DsnSeen> dsn;
    std::string file;
    int line = 0;
};

struct ProjectSeen {
    std::string name;
    std::string directory;
    std::vector<std::string> composeFiles;  ///< relative; without the one that vigie takes over
    std::string overrideFile;               ///< relative; the one that vigie takes over, if there is one
    std::string envFile;
    std::vector<ServiceSeen> services;
};

/// A configuration file as it was written, secrets taken out.
struct ConfigSeen {
    std::string project;
    std::string file;
    spec::Node root;
};

/// A rule file: where it was, and the name it gets beside the document.
struct RuleFileSeen {
    std::string file;
    std::string name;
};

struct SecretSeen {
    std::string name;
    std::string sealed;
};

/// What a file that vigie would write said by hand: path → value, secrets masked.
struct MeaningSeen {
    std::string file;      ///< as it was
    std::string replaces;  ///< the path at which vigie writes
    std::map<std::string, std::string> values;
};

/// A rule of the host's firewall, as `ufw` takes it.
struct FirewallSeen {
    std::string file;
    int line = 0;
    std::string rule;
    int port = 0;  ///< of an `allow` from anywhere on any interface; 0: another rule
};

/// An address on one of the host's own interfaces, in a network that no stranger reaches.
struct InterfaceSeen {
    std::string name;
    std::string address;
    int prefix = 0;
    std::string file;
};

/// What this host calls another one, or itself: a line of /etc/hosts, or of a service's `extra_hosts`.
struct NameSeen {
    std::string name;
    std::string address;
    std::string file;
    int line = 0;
};

/// A program that joins hosts, and its interface.
struct OverlaySeen {
    std::string program;
    std::string interface;
    std::string file;
};

struct HostSeen {
    std::string name;
    std::string sealingKey;
    std::optional<Tunnel> tunnel;
    std::vector<ProjectSeen> projects;
    std::optional<ConfigSeen> prometheus;
    std::optional<ConfigSeen> alertmanager;
    std::string smtpSecret;  ///< the name of the mail server's password
    std::vector<RuleFileSeen> ruleFiles;
    std::vector<SecretSeen> secrets;
    bool ufw = false;
    std::vector<FirewallSeen> firewall;
    std::vector<MeaningSeen> meanings;
    std::vector<InterfaceSeen> interfaces;
    std::vector<std::string> publicAddresses;  ///< of IPv4, on its own interfaces
    std::vector<NameSeen> names;
    std::vector<OverlaySeen> overlays;
    std::vector<Finding> findings;

    [[nodiscard]] std::string vpnAddress() const;
    /// An IPv6 address that comes second; else empty.
    [[nodiscard]] std::string vpnAddress6() const;
};

/// For keeping it between two imports; `fromNode(toNode(x))` is x.
spec::Node toNode(const HostSeen& host);
HostSeen fromNode(const spec::Node& node);

}  // namespace vigie::imports
