// As which user each program runs that vigie renders.
#pragma once

#include "base/owner.hpp"
#include "spec/stack.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// Files, directories and containers of a program follow this, and so do the checks of documents.
///
/// The numbers are 65520 to 65533: below 65536, so that they exist inside of user namespaces, reserved by
/// Debian (Policy 9.2.2), and used by nothing of systemd, whose dynamic users end at 65519 (systemd,
/// docs/UIDS-GIDS.md). 65532 is `nonroot` of many images and is left out.
namespace vigie::spec {

/// `nobody` of the images of Prometheus, Alertmanager and their exporters. Prometheus keeps it; until 0.1 it
/// was everybody's.
constexpr Owner kPrometheusUser{65534, 65534};
constexpr Owner kAlertmanagerUser{65520, 65520};
// 65521 to 65526 are those of exporters, in the rows of their types.
/// Of `custom` exporters that have no files of their own: it owns nothing.
constexpr Owner kCustomUser{65527, 65527};
/// Of those that have (`fileFrom`).
constexpr Owner kCustomFilesUser{65528, 65528};
/// Of Grafana's image. Source: its Dockerfile, GF_UID and GF_GID.
constexpr Owner kGrafanaUser{472, 0};
/// Of Jaeger's images, version 1 and 2.
constexpr Owner kJaegerUser{10001, 10001};
constexpr Owner kRoot{0, 0};

/// Whether a variable of it holds the path of a file.
bool hasVariableFiles(const Exporter& exporter);
/// Whether vigie writes files that only it reads.
bool ownsFiles(const Exporter& exporter);

/// What a new installation runs an exporter as: what the row of its type says.
Owner userOf(const Exporter& exporter);
/// Alertmanager with a configuration of the host's own stays `nobody`: whoever made that file lets it read.
Owner userOf(const Alertmanager& alertmanager);

/// Where Alertmanager of the project keeps its silences, on the host.
std::string alertmanagerData(const Project& project);

/// A container that vigie renders as a whole.
struct ProgramUser {
    std::string name;  ///< `PROJECT/SERVICE`
    std::string service;
    std::string file;       ///< of ours, in which its container is described
    std::string directory;  ///< of its own files on the host
    Owner user;             ///< of a new installation
    bool ownsFiles = true;  ///< that nobody else reads
    /// An installation in which it runs as `kPrometheusUser` keeps that until its container is made anew.
    bool keeps = false;
    std::string data = {};  ///< the directory on the host that it writes to and that would change its owner
    FieldPath field = {};   ///< of the document
};

/// The programs of `host`, in the document's order.
std::vector<ProgramUser> programsOn(const Stack& stack, const Host& host);

/// What the compose files that vigie wrote on a host say: by file and by service, its user.
using UsersWritten = std::map<std::string, std::map<std::string, std::string>>;

/// The users that a compose file names, by service. What is no compose file names none.
std::map<std::string, std::string> usersIn(std::string_view composeFile);

/// The programs of `host` that ran as `kPrometheusUser` when vigie wrote there last, and keep that.
std::set<std::string> usersKept(const Stack& stack, const Host& host, const UsersWritten& written);

}  // namespace vigie::spec
