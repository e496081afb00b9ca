// A failure of git, by what is to be done about it.
#pragma once

#include "base/error.hpp"

#include <string>
#include <utility>

namespace vigie::source {

/// A failure of git transport or of a repository. The kind decides what a reconcile does about it: `network`
/// is worth another try, the others wait for somebody.
class GitError : public Error {
public:
    enum class Kind { auth, hostKey, certificate, missingBranch, network, repository, other };

    GitError(Kind kind, const std::string& message, std::string hint)
        : Error(message, std::move(hint)), kind_(kind) {}

    [[nodiscard]] Kind kind() const noexcept { return kind_; }

private:
    Kind kind_;
};

/// The kind's name in an answer: `auth`, `hostkey`, `certificate`, `missing-branch`, `network`, `repository`,
/// `other`.
std::string name(GitError::Kind kind);

/// What libgit2 said last, without control characters and without passwords. Throws `outOfMemory()` when that
/// is that it was refused memory: then the failure means that, whatever was tried.
std::string lastGitMessage();

/// Somebody's repository needs more memory than this program may have.
GitError outOfMemory();

}  // namespace vigie::source
