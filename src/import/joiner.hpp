// The draft of a document and what the joining functions share.
#pragma once

#include "import/join.hpp"

#include <string>
#include <vector>

namespace vigie::imports {

/// A draft and the hosts that it is made of.
struct Joiner {
    const std::vector<HostSeen>& hosts;
    Draft& draft;

    void find(const std::string& kind, const std::string& host, const std::string& file, int line,
              const std::string& what, const std::string& cure) const {
        draft.findings.push_back({kind, host + ":" + file, line, what, cure});
    }
    /// The address under which the other hosts reach it.
    [[nodiscard]] std::string addressOf(const HostSeen& host) const;
    /// The host that has that address; null: none.
    [[nodiscard]] const HostSeen* hostAt(const std::string& address) const;
};

/// The service of a host that publishes `port` there, with its project. Null when there is none.
struct Publisher {
    const ProjectSeen* project = nullptr;
    const ServiceSeen* service = nullptr;
};
Publisher publisherOf(const HostSeen& host, int port);

/// The name in the document of the project that holds a server: the project itself, or one beside it when
/// other services are in it as well.
std::string serverProject(const ProjectSeen& project);
/// Whether nothing but servers of ours is in it.
bool onlyServers(const ProjectSeen& project);

/// The image as it is written into the document: what nobody can pull twice becomes the version that vigie is
/// tested with, if it is a program that vigie knows.
std::string imageFor(const Joiner& joiner, const HostSeen& host, const ServiceSeen& service,
                     std::vector<std::string> schemaPath);

void joinTunnel(const Joiner& joiner);
/// Writes `spec.network` when the hosts reach each other over something that is not a tunnel of ours. False:
/// nothing says so, and nothing was written.
bool joinNetwork(const Joiner& joiner);
/// Whether a peer that is no host of the import becomes a guest; if not, the reason is a finding.
bool becomesGuest(const Joiner& joiner, const HostSeen& host, const Peer& peer);
/// Makes guests of such peers, when the components that they reach are known.
void joinGuests(const Joiner& joiner);
void joinPrometheus(const Joiner& joiner);
void joinAlertmanager(const Joiner& joiner);

}  // namespace vigie::imports
