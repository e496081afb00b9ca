// Turns libgit2's errors into GitError.

#include "source/git_error.hpp"

#include "base/text.hpp"
#include "source/git_url.hpp"
#include "system/self_limits.hpp"

#include <git2.h>

namespace vigie::source {

std::string name(GitError::Kind kind) {
    switch (kind) {
        case GitError::Kind::auth:
            return "auth";
        case GitError::Kind::hostKey:
            return "hostkey";
        case GitError::Kind::certificate:
            return "certificate";
        case GitError::Kind::missingBranch:
            return "missing-branch";
        case GitError::Kind::network:
            return "network";
        case GitError::Kind::repository:
            return "repository";
        case GitError::Kind::other:
            break;
    }
    return "other";
}

std::string lastGitMessage() {
    const git_error* error = git_error_last();
    if (error == nullptr || error->message == nullptr || *error->message == '\0') {
        return "no reason was given";
    }
    if (error->klass == GIT_ERROR_NOMEMORY) {
        throw outOfMemory();
    }
    return printable(scrubbed(std::string(trim(error->message))));
}

GitError outOfMemory() {
    const auto limit = system::memoryLimit();
    return {GitError::Kind::repository,
            "the repository needs more memory than " +
                (limit ? "vigie-git may have (" + std::to_string(*limit >> 20U) + " MiB)"
                       : std::string("there is")),
            "an object in it is very large, or it has very many objects: keep large files out of that "
            "repository, or raise source.maxRepositorySize (this limit is half of it)"};
}

}  // namespace vigie::source
