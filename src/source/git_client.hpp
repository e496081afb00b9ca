#pragma once

#include "base/error.hpp"
#include "system/processes.hpp"

#include <chrono>
#include <string>

namespace vigie::source {

/// Where the repository is and how it knows us; paths of this machine.
struct Remote {
    std::string url;
    std::string branch;
    std::string sshKey;
    std::string knownHosts;
    std::string tokenFile;
    std::string username;
    std::string caFile;
    std::chrono::milliseconds timeout{30'000};
};

/// Talks to the helper `vigie-git`, which is killed at the deadline: libgit2 waits for ever on a stalled
/// remote. All functions throw Error; commits are 40 hexadecimal digits.
class GitClient {
public:
    GitClient(system::Processes& processes, std::string helper)
        : processes_(processes), helper_(std::move(helper)) {}

    /// The branch's tip: one round trip, nothing is stored.
    [[nodiscard]] std::string tip(const Remote& remote) const;
    /// Brings the branch into the bare repository at `repository`, which is made when missing.
    [[nodiscard]] std::string fetch(const Remote& remote, const std::string& repository) const;
    /// Writes the regular files of `path` at `commit` into the new directory `out`.
    void exportTree(const std::string& repository, const std::string& commit, const std::string& path,
                    const std::string& out) const;
    /// The same for the work tree of a user: the part of `revision` that corresponds to `directory`.
    void exportRevision(const std::string& directory, const std::string& revision,
                        const std::string& out) const;

private:
    system::Processes& processes_;
    std::string helper_;
};

}  // namespace vigie::source
