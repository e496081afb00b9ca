// libgit2's handles, given back by themselves.
#pragma once

#include <git2.h>

#include <memory>

namespace vigie::source {

/// Calls libgit2's own function for giving a handle back.
template <auto Free>
struct GitFree {
    template <class T>
    void operator()(T* handle) const noexcept {
        Free(handle);
    }
};

using GitBlob = std::unique_ptr<git_blob, GitFree<git_blob_free>>;
using GitCommit = std::unique_ptr<git_commit, GitFree<git_commit_free>>;
using GitConfig = std::unique_ptr<git_config, GitFree<git_config_free>>;
using GitObject = std::unique_ptr<git_object, GitFree<git_object_free>>;
using GitOdbObject = std::unique_ptr<git_odb_object, GitFree<git_odb_object_free>>;
using GitOdb = std::unique_ptr<git_odb, GitFree<git_odb_free>>;
using GitReference = std::unique_ptr<git_reference, GitFree<git_reference_free>>;
using GitRemote = std::unique_ptr<git_remote, GitFree<git_remote_free>>;
using GitRepository = std::unique_ptr<git_repository, GitFree<git_repository_free>>;
using GitRevwalk = std::unique_ptr<git_revwalk, GitFree<git_revwalk_free>>;
using GitTree = std::unique_ptr<git_tree, GitFree<git_tree_free>>;
using GitTreeEntry = std::unique_ptr<git_tree_entry, GitFree<git_tree_entry_free>>;

/// Calls a libgit2 function whose first parameter receives a new handle, puts that handle into `out` and
/// returns the function's code: `gitMake(git_repository_open, repository, path)`.
template <class Function, class Handle, class... Arguments>
int gitMake(Function function, Handle& out, Arguments... arguments) {
    typename Handle::pointer raw = nullptr;
    const int code = function(&raw, arguments...);
    out.reset(raw);
    return code;
}

}  // namespace vigie::source
