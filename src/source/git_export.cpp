// Writes the files of a commit into a directory.

#include "source/git_export.hpp"

#include "base/text.hpp"
#include "source/git_error.hpp"
#include "source/git_handles.hpp"
#include "source/git_library.hpp"
#include "source/git_objects.hpp"
#include "source/git_oid.hpp"
#include "source/git_tree_writer.hpp"

#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

namespace vigie::source {
namespace {

namespace fs = std::filesystem;
using Kind = GitError::Kind;

constexpr std::size_t kShownTarget = 200;  // bytes of a link's target

/// `path` as git writes one: no slash at either end, no dots; empty for everything.
std::string insidePath(const std::string& path) {
    const fs::path normal = fs::path(path).lexically_normal();
    std::string out = normal.generic_string();
    while (out.ends_with('/')) {
        out.pop_back();
    }
    if (normal.empty() || normal.is_absolute() || *normal.begin() == ".." ||
        path.find('\0') != std::string::npos) {
        throw GitError(
            Kind::other, "'" + printable(path) + "' is not a path inside a repository",
            "source.path is relative to the top of the repository, such as '.' or 'monitoring/prod'");
    }
    return out == "." ? "" : out;
}

/// What is there instead of a directory, of the first step of `path` that is none; empty: nothing is.
std::string insteadOfDirectory(git_repository& repository, const git_tree& root, const std::string& path) {
    for (auto end = path.find('/');; end = path.find('/', end + 1)) {
        const std::string step = path.substr(0, end);
        GitTreeEntry entry;
        if (gitMake(git_tree_entry_bypath, entry, &root, step.c_str()) < 0) {
            return {};
        }
        switch (git_tree_entry_filemode(entry.get())) {
            case GIT_FILEMODE_TREE:
                break;
            case GIT_FILEMODE_COMMIT:
                return printable(step) + " is a submodule, and its files are in another repository";
            case GIT_FILEMODE_LINK: {
                GitBlob target;
                GitHeader header;
                const git_oid* oid = git_tree_entry_id(entry.get());
                const bool known = readHeader(repository, *oid, header) && header.size <= kLargestCommit &&
                                   gitMake(git_blob_lookup, target, &repository, oid) == 0;
                return printable(step) + " is a symbolic link" +
                       (known ? " to " + printable(utf8Prefix(
                                             {static_cast<const char*>(git_blob_rawcontent(target.get())),
                                              static_cast<std::size_t>(git_blob_rawsize(target.get()))},
                                             kShownTarget))
                              : std::string()) +
                       ", and vigie does not follow links";
            }
            default:
                return printable(step) + " is a file";
        }
        if (end == std::string::npos) {
            return {};
        }
    }
}

GitTree treeAt(git_repository& repository, const git_commit& commit, const std::string& path) {
    GitTree root;
    demandReadable(repository, *git_commit_tree_id(&commit),
                   "the top directory of commit " + hex(*git_commit_id(&commit)));
    if (gitMake(git_commit_tree, root, &commit) < 0) {
        throw GitError(Kind::repository,
                       "cannot read commit " + hex(*git_commit_id(&commit)) + ": " + lastGitMessage(),
                       "the repository is damaged: remove it and fetch it again, or run git fsck");
    }
    if (path.empty()) {
        return root;
    }
    GitTreeEntry entry;
    GitTree tree;
    if (gitMake(git_tree_entry_bypath, entry, root.get(), path.c_str()) < 0 ||
        git_tree_entry_type(entry.get()) != GIT_OBJECT_TREE ||
        gitMake(git_tree_lookup, tree, &repository, git_tree_entry_id(entry.get())) < 0) {
        const std::string what =
            "commit " + hex(*git_commit_id(&commit)) + " has no directory " + printable(path);
        if (const auto instead = insteadOfDirectory(repository, *root, path); !instead.empty()) {
            throw GitError(Kind::other, what + ": " + instead,
                           "set source.path to the directory of the repository that has the document");
        }
        throw GitError(Kind::other, what, "check the path, and that the directory was committed and pushed");
    }
    return tree;
}

Exported writeOut(git_repository& repository, const git_commit& commit, const std::string& path,
                  const std::string& out) {
    const GitTree tree = treeAt(repository, commit, path);
    Exported result;
    result.commit = hex(*git_commit_id(&commit));
    result.tree = hex(*git_tree_id(tree.get()));
    std::error_code error;
    if (fs::symlink_status(out, error).type() != fs::file_type::not_found) {
        throw GitError(Kind::other, "cannot export to " + out + ": it exists already",
                       "name a directory that does not exist yet");
    }
    try {
        TreeWriter(repository, result).write(*tree, out);
    } catch (...) {
        fs::remove_all(out, error);
        throw;
    }
    return result;
}

GitRepository repositoryAround(const std::string& directory) {
    GitRepository opened;
    const int code = gitMake(git_repository_open_ext, opened, directory.c_str(), 0U, nullptr);
    if (code == GIT_ENOTFOUND) {
        throw GitError(Kind::repository, directory + " is not in a git repository",
                       "name a directory in a work tree");
    }
    if (code < 0) {
        throw GitError(Kind::repository,
                       "cannot open the git repository around " + directory + ": " + lastGitMessage(),
                       "run git status there");
    }
    return opened;
}

/// Where `directory` is below the top of the work tree.
std::string placeInWorkTree(git_repository& repository, const std::string& directory) {
    const char* top = git_repository_workdir(&repository);
    if (top == nullptr) {
        throw GitError(Kind::repository, "the git repository around " + directory + " has no work tree",
                       "name a directory of a clone that is not bare");
    }
    return insidePath(fs::relative(fs::canonical(directory), fs::canonical(top)).string());
}

/// Whether nothing at all lies at `path` of the commit.
bool lacks(git_repository& repository, const git_commit& commit, const std::string& path) {
    GitTreeEntry entry;
    const GitTree root = treeAt(repository, commit, "");
    return !path.empty() && gitMake(git_tree_entry_bypath, entry, root.get(), path.c_str()) == GIT_ENOTFOUND;
}

GitCommit resolve(git_repository& repository, const std::string& revision) {
    GitObject object;
    GitObject commit;
    if (gitMake(git_revparse_single, object, &repository, revision.c_str()) < 0 ||
        gitMake(git_object_peel, commit, object.get(), GIT_OBJECT_COMMIT) < 0) {
        const std::string reason = lastGitMessage();
        const bool shallow = git_repository_is_shallow(&repository) == 1;
        throw GitError(Kind::other,
                       "'" + printable(revision) + "' is not a commit of this repository: " + reason,
                       shallow ? "this clone is shallow: fetch the whole history (`fetch-depth: 0` of "
                                 "actions/checkout, elsewhere `git fetch --unshallow`)"
                               : "name a branch, a tag, a commit or something like HEAD~1");
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): C's way of inheriting
    return GitCommit(reinterpret_cast<git_commit*>(commit.release()));
}

std::pair<GitRepository, GitCommit> commitIn(const std::string& repository, const std::string& commit) {
    GitRepository opened;
    if (gitMake(git_repository_open_bare, opened, repository.c_str()) < 0) {
        throw GitError(Kind::repository, "cannot open the repository " + repository + ": " + lastGitMessage(),
                       "fetch first");
    }
    git_oid oid;
    GitCommit found;
    const bool named = commit.size() == 40 && git_oid_fromstr(&oid, commit.c_str()) == 0;
    if (named) {
        demandReadable(*opened, oid, "the commit " + commit);
    }
    if (!named || gitMake(git_commit_lookup, found, opened.get(), &oid) < 0) {
        throw GitError(Kind::repository,
                       "the repository " + repository + " has no commit '" + printable(commit) + "'",
                       "fetch first");
    }
    return {std::move(opened), std::move(found)};
}

}  // namespace

Exported exportCommit(const std::string& repository, const std::string& commit, const std::string& path,
                      const std::string& out, const Check& check) {
    const GitLibrary library;
    const auto [opened, found] = commitIn(repository, commit);
    const std::string inside = insidePath(path);
    std::string signer = checkCommit(*opened, *found, check);
    auto result = writeOut(*opened, *found, inside, out);
    result.signer = std::move(signer);
    return result;
}

std::string verifyCommit(const std::string& repository, const std::string& commit, const Check& check) {
    const GitLibrary library;
    const auto [opened, found] = commitIn(repository, commit);
    return checkCommit(*opened, *found, check);
}

Verified verifyRevision(const std::string& directory, const std::string& revision,
                        const std::string& allowedSigners) {
    const GitLibrary library;
    const GitRepository opened = repositoryAround(directory);
    GitObject object;
    Verified out;
    if (gitMake(git_revparse_single, object, opened.get(), revision.c_str()) == 0 &&
        git_object_type(object.get()) == GIT_OBJECT_TAG) {
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): C's way of inheriting
        out.tag = printable(git_tag_name(reinterpret_cast<const git_tag*>(object.get())));
    }
    const GitCommit commit = resolve(*opened, revision);
    out.commit = hex(*git_commit_id(commit.get()));
    if (out.tag.empty()) {
        GitObject self;
        if (gitMake(git_object_lookup, self, opened.get(), git_commit_id(commit.get()), GIT_OBJECT_COMMIT) <
            0) {
            throw GitError(Kind::repository, "cannot read commit " + out.commit + ": " + lastGitMessage(),
                           "run git fsck");
        }
        object = std::move(self);
    }
    out.signer = checkObject(*opened, *object, allowedSigners);
    return out;
}

Exported exportRevision(const std::string& directory, const std::string& revision, const std::string& out) {
    const GitLibrary library;
    const GitRepository opened = repositoryAround(directory);
    const GitCommit commit = resolve(*opened, revision);
    const std::string inside = placeInWorkTree(*opened, directory);
    if (lacks(*opened, *commit, inside)) {
        Exported nothing;
        nothing.commit = hex(*git_commit_id(commit.get()));
        return nothing;
    }
    return writeOut(*opened, *commit, inside, out);
}

}  // namespace vigie::source
