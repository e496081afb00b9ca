// A program of the user's own that vigie configures: what was found of it, and where its files are.
#pragma once

#include "attach/command_line.hpp"
#include "attach/container.hpp"
#include "attach/process.hpp"
#include "attach/refusal.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::attach {

/// Which program is meant, and where its files may be: what the document says.
struct Wanted {
    Subject subject;
    spec::Program kind = spec::Program::prometheus;
    std::string program;             ///< the base name of its file; empty: that of `kind`
    std::string directory;           ///< of the project, on the host; empty for a unit
    std::vector<std::string> named;  ///< paths of the host that the document names
    bool hasLogin = false;           ///< the document has `attach.web`

    [[nodiscard]] std::string_view programName() const;
};

/// Where a path of the container is on the host.
struct Place {
    std::string inside;       ///< in the container, without links
    std::string host;         ///< on the host, as the engine names the mount
    std::string resolved;     ///< the same without links
    std::string mount;        ///< the mount's destination; `/`: the host's own file, of a unit
    std::string source;       ///< what of the host is mounted there
    bool singleFile = false;  ///< it is a mount of its own: written in place, never renamed over
    bool isVolume = false;    ///< in a local volume of the engine
    /// It was seen that both are one file; nothing is known of it while the program does not run.
    bool checked = false;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
};

/// What the engine knows of a container's mounts.
struct Mounts {
    std::vector<Mount> mounts;
    std::map<std::string, Volume> volumes;  ///< by name
    bool heedsSubpath = true;
};

struct Attachment {
    enum class Reload : std::uint8_t { http, signal };

    Wanted wanted;
    std::string container;  ///< its id; empty for a unit
    std::string started;    ///< as the engine writes it
    bool runs = false;
    ProcessId process;  ///< of the program itself; pid 0: it does not run
    Credentials user;   ///< as whom it reads its files
    Options options;
    std::string directory;   ///< its working directory, in the container
    std::string configPath;  ///< its configuration in the container, absolute; links are not followed
    std::string image = {};  ///< as the service names it; empty for a unit
    Place config;
    Mounts mounts;

    [[nodiscard]] Reload reload() const { return options.lifecycle ? Reload::http : Reload::signal; }
};

}  // namespace vigie::attach
