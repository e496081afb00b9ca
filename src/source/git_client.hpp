// The git repository of the document, reached through vigie-git.
#pragma once

#include "base/error.hpp"
#include "system/processes.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace vigie::source {

/// Where the repository is and how it knows us; paths of this machine.
struct Remote {
    std::string url;
    std::string branch;  ///< one of the three
    std::string tag;
    std::string commit;
    std::string sshKey;
    std::string knownHosts;
    std::string tokenFile;
    std::string username;
    std::string caFile;
    std::string proxy;
    std::uint64_t maxBytes = 0;  ///< of one fetch; 0: no limit
    std::chrono::milliseconds timeout{30'000};
};

/// What the remote says of what is followed; both are 40 hexadecimal digits.
struct Tip {
    std::string commit;
    std::string tag;  ///< the annotated tag that leads to it; else empty
};

/// What a commit says of itself. Whoever made it wrote it, and it proves nothing.
struct Description {
    std::string subject;    ///< one line, at most 200 characters
    std::string author;     ///< the name, at most 100 characters
    std::int64_t time = 0;  ///< Unix seconds at which it was committed
};

/// What is demanded of a commit before anything of it is used (docs/trust.md).
struct Check {
    std::string allowedSigners;  ///< a file; empty: signatures are not looked at
    std::string base;            ///< the commit that was applied last; empty: none
    bool allowRewind = false;    ///< its history need not contain `base`
};

/// Who signed a revision of a work tree.
struct Verified {
    std::string commit;
    std::string tag;  ///< the annotated tag's name; empty: the commit itself
    std::string signer;
};

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
