// The git repository of the document, reached through vigie-git.
#pragma once

#include "base/error.hpp"
#include "source/git_protocol.hpp"
#include "system/processes.hpp"

#include <string>

namespace vigie::source {

/// Talks to the helper `vigie-git`, which is killed at the deadline: libgit2 waits for ever on a stalled
/// remote. All functions throw Error; those that check throw trust::Untrusted.
class GitClient {
public:
    GitClient(system::Processes& processes, std::string helper)
        : processes_(processes), helper_(std::move(helper)) {}

    /// What is followed now: one round trip, nothing is stored.
    [[nodiscard]] Tip tip(const Remote& remote) const;
    /// Brings it into the bare repository at `repository`, which is made when missing, and made anew when it
    /// has grown too large. The commit `applied` stays available; it may be empty.
    [[nodiscard]] Tip fetch(const Remote& remote, const std::string& repository,
                            const std::string& applied) const;
    /// Checks `tip`, which was followed as `remote` says. Returns who signed it; empty when signatures are
    /// not looked at.
    [[nodiscard]] std::string verify(const Remote& remote, const std::string& repository, const Tip& tip,
                                     const Check& check) const;
    /// Checks `tip` in the same way, and writes the regular files of `path` into the new directory `out`.
    std::string exportTree(const Remote& remote, const std::string& repository, const Tip& tip,
                           const Check& check, const std::string& path, const std::string& out) const;
    /// What a commit of the bare repository says of itself.
    [[nodiscard]] Description describe(const std::string& repository, const std::string& commit) const;
    /// Writes the part of `revision` that corresponds to `directory` in the work tree of a user. Nothing is
    /// checked. False, and nothing is written, where the revision has nothing in that place.
    bool exportRevision(const std::string& directory, const std::string& revision,
                        const std::string& out) const;
    /// Who signed `revision` of the repository around `directory`.
    [[nodiscard]] Verified verifyRevision(const std::string& directory, const std::string& revision,
                                          const std::string& allowedSigners) const;

private:
    system::Processes& processes_;
    std::string helper_;
};

}  // namespace vigie::source
