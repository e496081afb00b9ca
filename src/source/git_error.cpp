#include "source/git_error.hpp"

#include "base/text.hpp"
#include "source/git_url.hpp"

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
    return printable(scrubbed(std::string(trim(error->message))));
}

}  // namespace vigie::source
