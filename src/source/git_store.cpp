// Opens and makes the bare repository below STATE.

#include "source/git_store.hpp"

#include "source/git_error.hpp"
#include "source/git_objects.hpp"

#include <fcntl.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

namespace vigie::source {
namespace {

namespace fs = std::filesystem;
using Kind = GitError::Kind;

constexpr std::size_t kMostPacks = 100;

fs::path beside(const std::string& directory) {
    return directory + ".new";
}

fs::path aside(const std::string& directory) {
    return directory + ".old";
}

/// Opens the repository if it is one and its tip can be read.
GitRepository openSound(const std::string& directory) {
    GitRepository repository;
    GitConfig configuration;
    if (gitMake(git_repository_open_bare, repository, directory.c_str()) < 0 ||
        gitMake(git_repository_config, configuration, repository.get()) < 0) {
        return nullptr;
    }
    for (const char* name : {kTip, kApplied}) {
        GitReference reference;
        const int code = gitMake(git_reference_lookup, reference, repository.get(), name);
        if (code == GIT_ENOTFOUND) {
            continue;
        }
        GitObject commit;
        GitHeader header;
        const git_oid* at = code < 0 ? nullptr : git_reference_target(reference.get());
        if (at == nullptr || !readHeader(*repository, *at, header) || header.size > kLargestCommit ||
            gitMake(git_reference_peel, commit, reference.get(), GIT_OBJECT_COMMIT) < 0) {
            return nullptr;
        }
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
    // Killed between the two renames of a file system that cannot exchange.
    if (!fs::exists(directory, ignored) && fs::exists(aside(directory), ignored)) {
        fs::rename(aside(directory), directory, ignored);
    }
    fs::remove_all(beside(directory), ignored);
    fs::remove_all(aside(directory), ignored);
}

/// Whether `directory` was a repository once. Anything else belongs to someone else, named by a mistake in a
/// path.
bool mayRemove(const fs::path& directory) {
    std::error_code ignored;
    return !fs::is_directory(directory, ignored) || fs::is_empty(directory, ignored) ||
           fs::exists(directory / "objects", ignored) || fs::exists(directory / "HEAD", ignored);
}

GitRepository make(const std::string& directory) {
    std::error_code error;
    fs::remove_all(directory, error);
    GitRepository repository;
    if (error || gitMake(git_repository_init, repository, directory.c_str(), 1U) < 0) {
        throw GitError(
            Kind::repository,
            "cannot create the repository " + directory + ": " + (error ? error.message() : lastGitMessage()),
            "check that its parent directory exists, is writable and has room");
    }
    return repository;
}

[[noreturn]] void failReplace(const std::string& directory, const std::string& why) {
    throw GitError(Kind::repository, "cannot replace the repository " + directory + ": " + why,
                   "check that its parent directory is writable and has room");
}

}  // namespace

GitRepository openOrMake(const std::string& directory) {
    removeLeftovers(directory);
    try {
        checkNewPacks(directory);  // those of a fetch that was killed before it could
    } catch (const GitError&) {    // NOLINT(bugprone-empty-catch): gone; what needs it makes all of it anew
    }
    if (GitRepository repository = openSound(directory)) {
        return repository;
    }
    if (!mayRemove(directory)) {
        throw GitError(Kind::repository, directory + " is not a repository that vigie created",
                       "move it away, or set another directory");
    }
    return make(directory);
}

GitRepository makeBeside(const std::string& directory) {
    return make(beside(directory).string());
}

void replaceByBeside(const std::string& directory) {
    const std::string fresh = beside(directory).string();
    std::error_code error;
    if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, directory.c_str(), RENAME_EXCHANGE) == 0) {
        fs::remove_all(fresh, error);
        return;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        failReplace(directory, std::strerror(errno));
    }
    fs::rename(directory, aside(directory), error);
    if (!error) {
        fs::rename(fresh, directory, error);
    }
    if (error) {
        failReplace(directory, error.message());
    }
    fs::remove_all(aside(directory), error);
}

bool isOvergrown(const std::string& directory, std::uint64_t maxBytes) {
    std::uint64_t bytes = 0;
    std::size_t packs = 0;
    std::error_code ignored;
    for (fs::recursive_directory_iterator at(fs::path(directory) / "objects", ignored), end; at != end;
         at.increment(ignored)) {
        if (at->is_regular_file(ignored)) {
            bytes += at->file_size(ignored);
            packs += at->path().extension() == ".pack" ? 1U : 0U;
        }
    }
    return packs > kMostPacks || (maxBytes != 0 && bytes > 2 * maxBytes);
}

void pointAt(git_repository& repository, const char* reference, const git_oid& oid) {
    GitReference made;
    if (gitMake(git_reference_create, made, &repository, reference, &oid, 1, nullptr) < 0) {
        throw GitError(Kind::repository, "cannot write " + std::string(reference) + ": " + lastGitMessage(),
                       "check that the disk has room");
    }
}

bool hasCommit(git_repository& repository, const git_oid& oid) {
    GitHeader header;
    GitCommit commit;
    return readHeader(repository, oid, header) && header.size <= kLargestCommit &&
           gitMake(git_commit_lookup, commit, &repository, &oid) == 0;
}

}  // namespace vigie::source
