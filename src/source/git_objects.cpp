// Looks how large git objects are before they are read.

#include "source/git_objects.hpp"

#include "source/git_error.hpp"
#include "source/git_oid.hpp"

#include <git2/sys/odb_backend.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <vector>

namespace vigie::source {
namespace {

namespace fs = std::filesystem;
using Kind = GitError::Kind;

std::size_t mostOf(git_object_t type) {
    switch (type) {
        case GIT_OBJECT_TREE:
            return kLargestTree;
        case GIT_OBJECT_BLOB:
            return kLargestBlob;
        default:
            return kLargestCommit;
    }
}

bool isCommitOrTag(git_object_t type) {
    return type == GIT_OBJECT_COMMIT || type == GIT_OBJECT_TAG;
}

[[noreturn]] void failLarge(const std::string& what, const GitHeader& header) {
    const auto mebibytes = [](std::size_t bytes) { return std::to_string(bytes >> 20U) + " MiB"; };
    const std::string seen = what + " has " + mebibytes(header.size) + " unpacked, and one of more than " +
                             mebibytes(mostOf(header.type)) + " is not read";
    throw GitError(
        Kind::repository, seen,
        isCommitOrTag(header.type)
            ? "git does not write such an object: find out who pushed it, and push a history without it"
            : "keep large files out of the directory of the document");
}

/// One pack, by itself.
class Pack {
public:
    explicit Pack(const fs::path& index) {
        git_odb_backend* backend = nullptr;
        if (gitMake(git_odb_new, objects_) < 0 || git_odb_backend_one_pack(&backend, index.c_str()) < 0 ||
            git_odb_add_backend(objects_.get(), backend, 1) < 0) {
            throw GitError(Kind::repository,
                           "cannot read the pack " + index.string() + ": " + lastGitMessage(),
                           "remove the repository, and vigie fetches it again");
        }
    }

    /// The first commit or tag that is too large, with what it is.
    [[nodiscard]] std::optional<std::pair<git_oid, GitHeader>> firstLarge() const {
        Search search{*objects_, {}};
        git_odb_foreach(objects_.get(), &Pack::look, &search);
        return search.found;
    }

private:
    struct Search {
        git_odb& objects;
        std::optional<std::pair<git_oid, GitHeader>> found;
    };

    static int look(const git_oid* oid, void* to) {
        auto& search = *static_cast<Search*>(to);
        GitHeader header;
        if (git_odb_read_header(&header.size, &header.type, &search.objects, oid) == 0 &&
            isCommitOrTag(header.type) && header.size > kLargestCommit) {
            search.found.emplace(*oid, header);
        }
        return search.found ? GIT_EUSER : 0;
    }

    GitOdb objects_;
};

fs::path withEnd(const fs::path& index, const char* end) {
    return fs::path(index).replace_extension(end);
}

void checkPack(const fs::path& index) {
    const auto large = Pack(index).firstLarge();
    if (!large) {
        const std::ofstream seen(withEnd(index, ".seen"));
        return;
    }
    std::error_code ignored;
    for (const char* end : {".idx", ".pack"}) {  // without an index it is no pack any more
        fs::remove(withEnd(index, end), ignored);
    }
    const char* kind = large->second.type == GIT_OBJECT_TAG ? "the tag " : "the commit ";
    failLarge(kind + hex(large->first), large->second);
}

}  // namespace

bool readHeader(git_repository& repository, const git_oid& oid, GitHeader& out) {
    GitOdb odb;
    return gitMake(git_repository_odb, odb, &repository) == 0 &&
           git_odb_read_header(&out.size, &out.type, odb.get(), &oid) == 0;
}

void demandReadable(const GitHeader& header, const std::string& what) {
    if (header.size > mostOf(header.type)) {
        failLarge(what, header);
    }
}

void demandReadable(git_repository& repository, const git_oid& oid, const std::string& what) {
    GitHeader header;
    if (readHeader(repository, oid, header)) {
        demandReadable(header, what);
    }
}

void checkNewPacks(const std::string& directory) {
    std::vector<fs::path> found;
    std::error_code ignored;
    for (fs::directory_iterator at(fs::path(directory) / "objects/pack", ignored), end; at != end;
         at.increment(ignored)) {
        if (at->path().extension() == ".idx" && !fs::exists(withEnd(at->path(), ".seen"), ignored)) {
            found.push_back(at->path());
        }
    }
    for (const auto& index : found) {
        checkPack(index);
    }
}

}  // namespace vigie::source
