// Fetches what is followed of a remote.

#include "source/git_fetch.hpp"

#include "base/text.hpp"
#include "source/git_error.hpp"
#include "source/git_handles.hpp"
#include "source/git_objects.hpp"
#include "source/git_oid.hpp"
#include "source/git_store.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace vigie::source {
namespace {

using Kind = GitError::Kind;

constexpr std::string_view kHeads = "refs/heads/";
constexpr std::string_view kTags = "refs/tags/";
constexpr std::string_view kPeeled = "^{}";

/// `refs/heads/…` or `refs/tags/…`.
std::string referenceOf(const Remote& followed) {
    const bool tag = !followed.tag.empty();
    const std::string& name = tag ? followed.tag : followed.branch;
    std::string reference = std::string(tag ? kTags : kHeads) + name;
    int valid = 0;
    if (git_reference_name_is_valid(&valid, reference.c_str()) < 0 || valid == 0) {
        throw GitError(Kind::missingBranch,
                       "'" + printable(name) + "' is not a valid name for a " + (tag ? "tag" : "branch"),
                       tag ? "set source.tag" : "set source.branch");
    }
    return reference;
}

git_oid pinned(const Remote& followed) {
    git_oid oid;
    if (followed.commit.size() != 40 || git_oid_fromstr(&oid, followed.commit.c_str()) < 0) {
        throw GitError(Kind::missingBranch, "'" + printable(followed.commit) + "' is not a commit",
                       "set source.commit to all 40 hexadecimal digits of a commit");
    }
    return oid;
}

void connect(GitPeer& peer, git_remote& remote) {
    git_remote_connect_options options;
    git_remote_connect_options_init(&options, GIT_REMOTE_CONNECT_OPTIONS_VERSION);
    options.callbacks = peer.callbacks();
    options.proxy_opts = peer.proxy();
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    if (const int code = git_remote_connect_ext(&remote, GIT_DIRECTION_FETCH, &options); code < 0) {
        peer.fail(code);
    }
    peer.progress().reached(GitPhase::receiving);
}

[[noreturn]] void failMissing(const GitPeer& peer, const Remote& followed,
                              const std::vector<std::string>& others) {
    constexpr std::size_t kShown = 5;
    const bool tag = !followed.tag.empty();
    const std::string kind = tag ? "tag" : "branch";
    const std::string kinds = tag ? "tags" : "branches";
    std::string hint = "the repository has no " + kinds + ": push one";
    if (!others.empty()) {
        const std::vector<std::string> some(
            others.begin(), others.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, others.size())));
        hint = kinds + " that exist: " + join(some, ", ") + (others.size() > kShown ? ", ..." : "");
    }
    throw GitError(
        Kind::missingBranch,
        peer.shownUrl() + " has no " + kind + " " + printable(tag ? followed.tag : followed.branch), hint);
}

/// What the remote says of a branch or tag, or whether there is one at all.
Tip advertisedTip(const GitPeer& peer, git_remote& remote, const Remote& followed) {
    const git_remote_head** heads = nullptr;
    std::size_t size = 0;
    if (const int code = git_remote_ls(&heads, &size, &remote); code < 0) {
        peer.fail(code);
    }
    if (!followed.commit.empty()) {
        return {hex(pinned(followed)), ""};
    }
    const std::string wanted = referenceOf(followed);
    const std::string_view folder = followed.tag.empty() ? kHeads : kTags;
    Tip tip;
    std::vector<std::string> others;
    for (const git_remote_head* head : std::span(heads, size)) {
        const std::string_view name = head->name;
        if (name == wanted) {
            tip.commit = hex(head->oid);
        } else if (!followed.tag.empty() && name == wanted + std::string(kPeeled)) {
            tip.tag = std::exchange(tip.commit, hex(head->oid));
        } else if (name.starts_with(folder) && !name.ends_with(kPeeled)) {
            others.push_back(printable(name.substr(folder.size())));
        }
    }
    if (tip.commit.empty()) {
        failMissing(peer, followed, others);
    }
    return tip;
}

/// Receives what `specs` name, and checks it before anything reads it. No reference is written: libgit2
/// reads what it points one at.
void receive(GitPeer& peer, git_repository& repository, git_remote& remote, std::vector<std::string> specs) {
    git_fetch_options options;
    git_fetch_options_init(&options, GIT_FETCH_OPTIONS_VERSION);
    options.callbacks = peer.callbacks();
    options.proxy_opts = peer.proxy();
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    std::vector<char*> strings;
    for (auto& spec : specs) {
        strings.push_back(spec.data());
    }
    const git_strarray refspecs = {strings.data(), strings.size()};
    if (const int code = git_remote_download(&remote, &refspecs, &options); code < 0) {
        peer.fail(code);
    }
    checkNewPacks(git_repository_path(&repository));
}

/// A remote need not hand out a commit by its name, so everything is fetched until it is there.
void fetchPinned(GitPeer& peer, git_repository& repository, git_remote& remote, const git_oid& wanted) {
    if (!hasCommit(repository, wanted)) {
        receive(peer, repository, remote, {"+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"});
    }
    if (!hasCommit(repository, wanted)) {
        throw GitError(Kind::missingBranch,
                       "no branch and no tag of " + peer.shownUrl() + " has the commit " + hex(wanted),
                       "push it, or correct source.commit");
    }
    pointAt(repository, kTip, wanted);
}

Tip bring(GitPeer& peer, const Remote& followed, git_repository& repository) {
    GitRemote remote;
    if (const int code = gitMake(git_remote_create_anonymous, remote, &repository, peer.url().text.c_str());
        code < 0) {
        peer.fail(code);
    }
    connect(peer, *remote);
    Tip tip = advertisedTip(peer, *remote, followed);
    if (!followed.commit.empty()) {
        fetchPinned(peer, repository, *remote, pinned(followed));
        return tip;
    }
    receive(peer, repository, *remote, {"+" + referenceOf(followed) + ":" + kTip});
    git_oid fetched;
    GitObject object;
    GitObject commit;
    if (git_oid_fromstr(&fetched, (tip.tag.empty() ? tip.commit : tip.tag).c_str()) < 0 ||
        gitMake(git_object_lookup, object, &repository, &fetched, GIT_OBJECT_ANY) < 0 ||
        gitMake(git_object_peel, commit, object.get(), GIT_OBJECT_COMMIT) < 0 ||
        hex(*git_object_id(commit.get())) != tip.commit) {
        throw GitError(Kind::repository,
                       "the fetch from " + peer.shownUrl() + " did not deliver a commit " + tip.commit +
                           ": " + lastGitMessage(),
                       "vigie fetches it again; a tag must point to a commit");
    }
    pointAt(repository, kTip, fetched);
    return tip;
}

/// What is applied comes over from the old repository: the remote may not have it any more.
void bringApplied(git_repository& fresh, const std::string& old) {
    GitRemote remote;
    std::string spec = "+" + std::string(kApplied) + ":" + kApplied;
    char* strings = spec.data();
    const git_strarray refspecs = {&strings, 1};
    git_fetch_options options;
    git_fetch_options_init(&options, GIT_FETCH_OPTIONS_VERSION);
    options.update_fetchhead = 0;
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
    if (gitMake(git_remote_create_anonymous, remote, &fresh, old.c_str()) < 0 ||
        git_remote_fetch(remote.get(), &refspecs, &options, nullptr) < 0) {
        throw GitError(Kind::repository, "cannot keep the applied commit: " + lastGitMessage(),
                       "check that the disk has room");
    }
}

}  // namespace

Tip askTip(GitPeer& peer, const Remote& followed) {
    GitRemote remote;
    if (const int code = gitMake(git_remote_create_detached, remote, peer.url().text.c_str()); code < 0) {
        peer.fail(code);
    }
    connect(peer, *remote);
    return advertisedTip(peer, *remote, followed);
}

Tip fetchTip(GitPeer& peer, const Remote& followed, const std::string& directory,
             const std::string& applied) {
    static_cast<void>(followed.commit.empty() ? referenceOf(followed) : hex(pinned(followed)));
    bool keeps = false;
    Tip tip;
    {
        const GitRepository repository = openOrMake(directory);
        git_oid oid;
        keeps = applied.size() == 40 && git_oid_fromstr(&oid, applied.c_str()) == 0 &&
                hasCommit(*repository, oid);
        if (keeps) {
            pointAt(*repository, kApplied, oid);
        }
        tip = bring(peer, followed, *repository);
    }
    if (isOvergrown(directory, followed.maxBytes)) {
        {
            const GitRepository fresh = makeBeside(directory);
            tip = bring(peer, followed, *fresh);
            if (keeps) {
                bringApplied(*fresh, directory);
            }
        }
        replaceByBeside(directory);
    }
    return tip;
}

}  // namespace vigie::source
