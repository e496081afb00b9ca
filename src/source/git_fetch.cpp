#include "source/git_fetch.hpp"

#include "base/text.hpp"
#include "source/git_error.hpp"
#include "source/git_handles.hpp"
#include "source/git_oid.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>
#include <vector>

namespace vigie::source {
namespace {

namespace fs = std::filesystem;
using Kind = GitError::Kind;

constexpr const char* kTip = "refs/vigie/tip";
constexpr std::string_view kHeads = "refs/heads/";

std::string referenceOf(const std::string& branch) {
    std::string reference = std::string(kHeads) + branch;
    int valid = 0;
    if (git_reference_name_is_valid(&valid, reference.c_str()) < 0 || valid == 0) {
        throw GitError(Kind::missingBranch, "'" + printable(branch) + "' is no name for a branch",
                       "set source.branch");
    }
    return reference;
}

void connect(GitPeer& peer, git_remote& remote) {
    git_remote_connect_options options;
    git_remote_connect_options_init(&options, GIT_REMOTE_CONNECT_OPTIONS_VERSION);
    options.callbacks = peer.callbacks();
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    if (const int code = git_remote_connect_ext(&remote, GIT_DIRECTION_FETCH, &options); code < 0) {
        peer.fail(code);
    }
}

[[noreturn]] void failMissing(const GitPeer& peer, const std::string& branch,
                              const std::vector<std::string>& others) {
    constexpr std::size_t kShown = 5;
    std::string hint = "the repository has no branches: push one";
    if (!others.empty()) {
        const std::vector<std::string> some(
            others.begin(), others.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, others.size())));
        hint = "branches that exist: " + join(some, ", ") + (others.size() > kShown ? ", ..." : "");
    }
    throw GitError(Kind::missingBranch, peer.shownUrl() + " has no branch " + printable(branch), hint);
}

git_oid advertisedTip(const GitPeer& peer, git_remote& remote, const std::string& branch) {
    const git_remote_head** heads = nullptr;
    std::size_t size = 0;
    if (const int code = git_remote_ls(&heads, &size, &remote); code < 0) {
        peer.fail(code);
    }
    const std::string wanted = referenceOf(branch);
    std::vector<std::string> others;
    for (const git_remote_head* head : std::span(heads, size)) {
        const std::string_view name = head->name;
        if (name == wanted) {
            return head->oid;
        }
        if (name.starts_with(kHeads)) {
            others.push_back(printable(name.substr(kHeads.size())));
        }
    }
    failMissing(peer, branch, others);
}

/// Opens the repository if it is one and its tip can be read.
GitRepository openSound(const std::string& directory) {
    GitRepository repository;
    GitConfig configuration;
    if (gitMake(git_repository_open_bare, repository, directory.c_str()) < 0 ||
        gitMake(git_repository_config, configuration, repository.get()) < 0) {
        return nullptr;
    }
    git_oid tip;
    const int code = git_reference_name_to_id(&tip, repository.get(), kTip);
    if (code == GIT_ENOTFOUND) {
        return repository;
    }
    GitCommit commit;
    if (code < 0 || gitMake(git_commit_lookup, commit, repository.get(), &tip) < 0) {
        return nullptr;
    }
    return repository;
}

/// A fetch that was killed leaves locks, which would refuse every later one, and half a pack.
void removeLeftovers(const fs::path& directory) {
    std::vector<fs::path> found;
    std::error_code ignored;
    for (const fs::path& where : {directory, directory / "refs/vigie"}) {
        for (fs::directory_iterator at(where, ignored), end; at != end; at.increment(ignored)) {
            if (at->path().extension() == ".lock") {
                found.push_back(at->path());
            }
        }
    }
    for (fs::directory_iterator at(directory / "objects/pack", ignored), end; at != end;
         at.increment(ignored)) {
        if (!at->path().filename().string().starts_with("pack-")) {
            found.push_back(at->path());
        }
    }
    for (const fs::path& path : found) {
        fs::remove(path, ignored);
    }
}

/// Whether `directory` was a repository once. Anything else is somebody's, put there by a mistake in a path.
bool mayRemove(const fs::path& directory) {
    std::error_code ignored;
    return !fs::is_directory(directory, ignored) || fs::is_empty(directory, ignored) ||
           fs::exists(directory / "objects", ignored) || fs::exists(directory / "HEAD", ignored);
}

GitRepository openOrMake(const std::string& directory) {
    removeLeftovers(directory);
    if (GitRepository repository = openSound(directory)) {
        return repository;
    }
    if (!mayRemove(directory)) {
        throw GitError(Kind::repository, directory + " is no repository of vigie's",
                       "move it away, or name another place");
    }
    std::error_code error;
    fs::remove_all(directory, error);
    GitRepository repository;
    if (error || gitMake(git_repository_init, repository, directory.c_str(), 1U) < 0) {
        throw GitError(
            Kind::repository,
            "cannot make the repository " + directory + ": " + (error ? error.message() : lastGitMessage()),
            "check that its parent directory exists, is writable and has room");
    }
    return repository;
}

}  // namespace

std::string askTip(GitPeer& peer, const std::string& branch) {
    GitRemote remote;
    if (const int code = gitMake(git_remote_create_detached, remote, peer.url().text.c_str()); code < 0) {
        peer.fail(code);
    }
    connect(peer, *remote);
    return hex(advertisedTip(peer, *remote, branch));
}

std::string fetchTip(GitPeer& peer, const std::string& branch, const std::string& directory) {
    const std::string reference = referenceOf(branch);
    const GitRepository repository = openOrMake(directory);
    GitRemote remote;
    if (const int code =
            gitMake(git_remote_create_anonymous, remote, repository.get(), peer.url().text.c_str());
        code < 0) {
        peer.fail(code);
    }
    connect(peer, *remote);
    const git_oid tip = advertisedTip(peer, *remote, branch);

    git_fetch_options options;
    git_fetch_options_init(&options, GIT_FETCH_OPTIONS_VERSION);
    options.callbacks = peer.callbacks();
    options.update_fetchhead = 0;
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    std::string refspec = "+" + reference + ":" + kTip;
    char* strings = refspec.data();
    const git_strarray refspecs = {&strings, 1};
    if (const int code = git_remote_fetch(remote.get(), &refspecs, &options, nullptr); code < 0) {
        peer.fail(code);
    }

    git_oid fetched;
    GitCommit commit;
    if (git_reference_name_to_id(&fetched, repository.get(), kTip) < 0 ||
        git_oid_equal(&fetched, &tip) == 0 ||
        gitMake(git_commit_lookup, commit, repository.get(), &fetched) < 0) {
        throw GitError(
            Kind::repository,
            "the fetch from " + peer.shownUrl() + " did not bring " + hex(tip) + ": " + lastGitMessage(),
            "remove " + directory + "; it is fetched anew");
    }
    return hex(fetched);
}

}  // namespace vigie::source
