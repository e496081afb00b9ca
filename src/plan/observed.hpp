// What was observed on a host, as plain structs.
#pragma once

#include "base/file_info.hpp"
#include "base/secure.hpp"
#include "kinds/firewall/ufw_rules.hpp"
#include "render/resource.hpp"
#include "render/service.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace vigie::plan {

/// How much lies below a directory.
struct ObservedTree {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
    bool whole = true;  ///< false: there is more, and counting ended

    /// No tree that is larger changes its owner unless the document says so.
    [[nodiscard]] bool large() const {
        constexpr std::uint64_t kLargestSilent = 1U << 30U;
        return !whole || bytes > kLargestSilent;
    }
    /// In words: `12 files and directories (3 MiB)`.
    [[nodiscard]] std::string text() const;
};

/// What lies at the path of a file or directory.
struct ObservedFile {
    FileInfo info;
    SecureBytes bytes;  ///< of regular files
    /// It is too large to compare, and of another size than what is wanted: its bytes were not read.
    bool unread = false;
    /// What lies in a directory that is ours and no longer desired.
    std::vector<std::string> names = {};
    /// Below a directory that changes its owner with all that is in it.
    std::optional<ObservedTree> tree = {};
};

/// Where a file of an attached program is now, as the engine and the program's own process say.
struct ObservedAttached {
    std::string problem;    ///< why it is not known, with the cure; empty when it is
    std::string path;       ///< on the host
    std::string directory;  ///< of the configuration, as the program sees it
    std::string record;     ///< what is remembered of the place (`kinds::AttachedRecord`)
    bool runs = false;
    bool alone = false;  ///< mounted as a single file: it is written in place
};

/// What a running program has loaded.
struct ObservedReload {
    bool answered = false;          ///< false: it does not run, or not where it should
    std::string digest;             ///< of the render that it has loaded; empty: none of ours
    std::vector<std::string> jobs;  ///< Prometheus: the jobs that it has loaded, in order
    std::string problem;            ///< why it did not answer
    bool stopped = false;           ///< it is attached and does not run: it is proven when it does
    /// Of the file on the host, where that is the host's own; empty: there is none. `digest` is then of the
    /// same form.
    std::string wanted = {};
};

/// Whether the program has loaded what it should.
bool hasLoaded(const render::ConfiguredProgram& reload, const ObservedReload& is);

/// The silence of Alertmanager that carries our mark and has not ended.
struct ObservedSilence {
    bool answered = false;  ///< false: Alertmanager does not run, or not where it should
    std::string problem;
    bool exists = false;
    bool several = false;
    bool active = false;  ///< it has begun
    std::vector<render::SilenceMatcher> matchers;
    std::int64_t startsAt = 0;  ///< Unix milliseconds
    std::int64_t endsAt = 0;
    std::string comment;
    bool ended = false;  ///< the time is after the end that the document says
};

/// WireGuard throws a session away after three minutes.
constexpr std::int64_t kSessionSeconds = 180;

struct ObservedPeer {
    std::string publicKey;
    std::string endpoint;                 ///< `address:port`, where it was last heard of; may be empty
    std::vector<std::string> allowedIps;  ///< sorted
    int persistentKeepalive = 0;
    std::int64_t handshake = 0;     ///< Unix seconds of the latest one; 0: none yet
    std::int64_t handshakeAge = 0;  ///< seconds; meaningless without a handshake
    SecureBytes presharedKey = {};  ///< in base64; empty: none

    /// Its session has not ended.
    [[nodiscard]] bool alive() const;
};

/// What the host's resolver says of a name.
struct ObservedName {
    std::vector<std::string> addresses;  ///< the one to use first; empty: none is known
    std::string problem;                 ///< why none is known; empty when one is
};

/// A live tunnel interface. Never its private key.
struct ObservedWireguard {
    std::string problem;  ///< why nothing is known, with the cure; empty when it is
    bool up = false;
    std::string publicKey;
    int listenPort = 0;
    int mtu = 0;
    std::vector<std::string> addresses;  ///< with their prefix lengths, without link-local ones
    std::vector<std::string> routes;     ///< into the interface, without those that its addresses bring
    std::vector<ObservedPeer> peers;
    std::map<std::string, ObservedName> names = {};  ///< of the wanted peers' endpoints
    /// The public halves of the key files, by path; empty: there is no key in it. None: they were not looked
    /// at.
    std::map<std::string, std::string> keyFiles = {};
};

struct ObservedFirewall {
    std::string problem;  ///< why nothing is known, with the cure; empty when it is
    bool enabled = false;
    Verdict fallback = Verdict::unknown;  ///< what happens to a connection that no rule names
    std::vector<UfwRule> rules;
    std::string provider = "ufw";
};

/// The chain that confines guests of the tunnel, in one family.
struct ObservedChain {
    std::string problem = {};  ///< why nothing is known; empty when it is
    bool exists = false;
    std::vector<std::string> rules = {};  ///< as `render::GuestRules` has them
    std::size_t jumps = 0;                ///< how many rules lead there
    bool operator==(const ObservedChain&) const = default;
};

struct ObservedGuests {
    ObservedChain v4 = {};
    ObservedChain v6 = {};
};

struct ObservedUnit {
    bool systemd = false;  ///< it runs on this host
    bool enabled = false;
};

struct ObservedMount {
    std::string source;
    std::string target;
    bool readOnly = false;
    bool operator==(const ObservedMount&) const = default;
};

/// A container as the engine inspects it.
struct ObservedContainer {
    std::string id;
    std::string service;  ///< of compose
    std::string name;
    std::string image;  ///< the name that it was made from
    std::string imageId;
    std::string state;   ///< running, exited, restarting, created, paused, dead
    std::string health;  ///< healthy, unhealthy, starting; empty without a health check
    int exitCode = 0;
    int restartCount = 0;
    std::string startedAt;
    std::int64_t quietMs = 0;  ///< since it last started or ended
    std::vector<std::string> entrypoint;
    std::vector<std::string> command;
    std::string user;
    std::string restart;
    std::map<std::string, std::string> environment;
    std::vector<std::string> ports;  ///< `address:port:containerPort`, sorted
    std::vector<ObservedMount> binds;
    std::vector<ObservedMount> volumes = {};  ///< those that have a name of their own, as `source`
    /// Of `binds`, the targets of directories that were replaced or removed since it started: it goes on
    /// seeing the old ones.
    std::vector<std::string> staleMounts;
    std::vector<std::string> networks;
    std::map<std::string, std::string> networkIds = {};  ///< by name, since it was started last
    std::vector<std::string> healthcheck;   ///< its command and its times, as the engine has them
    std::vector<std::string> capabilities;  ///< added or dropped, as `+NAME` and `-NAME`; `privileged`
    std::map<std::string, std::string> labels;
};

/// What an image brings to every container that is made from it.
struct ObservedImage {
    std::string id;
    std::vector<std::string> entrypoint;
    std::vector<std::string> command;
    std::string user;
    std::map<std::string, std::string> environment;
    std::vector<std::string> healthcheck = {};
};

struct ObservedProject {
    std::string problem;  ///< why nothing is known, with the cure; empty when it is
    std::vector<ObservedContainer> containers;

    [[nodiscard]] const ObservedContainer* service(const std::string& name) const;
};

/// Data of a program that were there before it: a directory of the host or a volume.
struct ObservedData {
    std::string problem;  ///< why it cannot be used; empty: it is there
    Owner owner = {};
};

/// The host as it is, as far as the desired resources and the inventory ask. By resource id, unless said
/// otherwise.
struct Observed {
    std::map<std::string, ObservedFile> files;
    std::map<std::string, ObservedAttached> attached = {};
    std::map<std::string, ObservedReload> reloads;
    std::map<std::string, ObservedSilence> silences;
    std::map<std::string, ObservedWireguard> wireguard;
    std::optional<ObservedFirewall> firewall;
    std::map<std::string, std::string> sysctls;
    std::map<std::string, ObservedGuests> guests = {};
    std::map<std::string, ObservedUnit> units;
    std::map<std::string, ObservedProject> projects;   ///< by the project's name
    std::map<std::string, ObservedImage> images;       ///< by name; those that are on the host
    std::map<std::string, std::string> networks = {};  ///< ids by name, of others; empty: there is none
    std::map<std::string, ObservedData> data = {};     ///< by path or name of a volume
    bool canChown = true;
};

}  // namespace vigie::plan
