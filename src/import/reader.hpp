// Reads files of one host and remembers what is wrong with them.
#pragma once

#include "import/collect.hpp"

#include <optional>
#include <string>
#include <vector>

namespace vigie::imports {

/// Reads files of one host and remembers what is wrong with them, so that all of it is told at once.
class Reader {
public:
    Reader(const HostFiles& files, std::vector<std::string>& mistakes) : files_(files), mistakes_(mistakes) {}

    /// Nothing when it is not there, or cannot be read.
    std::optional<SecureBytes> text(const std::string& path);
    /// Nothing when it is not there, or is no YAML.
    std::optional<spec::Node> yaml(const std::string& path);
    std::vector<std::string> list(const std::string& directory);
    /// The same for what is good to know, and no mistake when it cannot be read.
    std::optional<SecureBytes> textIfAny(const std::string& path);
    std::vector<std::string> listIfAny(const std::string& directory);
    void mistake(std::string what) { mistakes_.push_back(std::move(what)); }

private:
    const HostFiles& files_;
    std::vector<std::string>& mistakes_;
};

/// `path` of a compose file in `directory` as an absolute path: `./x`, `../x`, `x` or absolute already.
std::string absolute(const std::string& directory, const std::string& path);

/// Where a container's `path` is on the host, through the longest mount that leads there; empty: nowhere.
std::string hostPath(const ServiceSeen& service, const std::string& path);

// Each adds what it finds to `out`.
void collectTunnel(Reader& reader, const CollectOptions& options, HostSeen& out);
void collectFirewall(Reader& reader, HostSeen& out);
void collectNetwork(Reader& reader, const CollectOptions& options, HostSeen& out);
void collectProjects(Reader& reader, const CollectOptions& options, HostSeen& out);
void collectPrometheus(Reader& reader, Collected& out);
void collectAlertmanager(Reader& reader, const CollectOptions& options, HostSeen& out);

}  // namespace vigie::imports
