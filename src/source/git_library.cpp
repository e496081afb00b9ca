// Starts libgit2 without any configuration of others.

#include "source/git_library.hpp"

#include "source/git_error.hpp"

#include <git2.h>

namespace vigie::source {

GitLibrary::GitLibrary() {
    if (git_libgit2_init() < 0) {
        throw GitError(GitError::Kind::other, "cannot initialise libgit2: " + lastGitMessage(), "");
    }
    for (const git_config_level_t level : {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM,
                                           GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL}) {
        git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "");
    }
    // Whose a repository is matters to git, which runs what the configuration in it says. Ours were named by
    // the operator, and libgit2 runs nothing; in a container of CI the work tree is mostly somebody else's.
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    // Packs are mapped, by default as a whole. What is mapped is no memory of ours, but it is not free
    // either.
    constexpr std::size_t kWindow = 16U << 20U;
    git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, kWindow);
    git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, 4 * kWindow);
    git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, static_cast<ssize_t>(kWindow));
}

GitLibrary::~GitLibrary() {
    git_libgit2_shutdown();
}

void GitLibrary::trust(const std::string& caFile) {
    if (git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, caFile.c_str(), nullptr) < 0) {
        throw GitError(GitError::Kind::certificate,
                       "cannot use the certificates in " + caFile + ": " + lastGitMessage(),
                       "set auth.caFile to a PEM file with the certificate authority that issued the "
                       "server's certificate");
    }
}

}  // namespace vigie::source
