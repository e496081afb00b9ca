// Writes git trees into a directory, within limits.

#include "source/git_tree_writer.hpp"

#include "base/text.hpp"
#include "source/git_error.hpp"
#include "source/git_handles.hpp"
#include "source/git_objects.hpp"
#include "system/descriptor.hpp"

#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace vigie::source {
namespace {

using Kind = GitError::Kind;

constexpr std::size_t kMaxEntries = 20000;
constexpr std::uint64_t kMaxBytes = 256ULL << 20U;
constexpr int kMaxDepth = 50;

[[noreturn]] void failWrite(const std::string& path) {
    throw GitError(Kind::other, "cannot write " + printable(path) + ": " + std::strerror(errno),
                   errno == ENOSPC ? "the disk is full" : "check that the directory above it is writable");
}

[[noreturn]] void failLimit(const std::string& what) {
    throw GitError(Kind::other, "the repository has more than " + what,
                   "set source.path to the directory of the document, and keep large files out of it");
}

[[noreturn]] void failObject(const std::string& path) {
    throw GitError(Kind::repository,
                   "cannot read " + printable(path) + " from the repository: " + lastGitMessage(),
                   "the repository is damaged: remove it and fetch it again, or run git fsck");
}

/// git writes none of these, but a tree can be made by hand.
void checkName(const char* name, const std::string& shown) {
    const std::string_view text = name;
    if (text.empty() || text == "." || text == ".." || text.find('/') != std::string_view::npos ||
        ::strcasecmp(name, ".git") == 0) {
        throw GitError(Kind::repository,
                       "the tree " + printable(shown + "/") + " has an entry of the forbidden name '" +
                           printable(text) + "'",
                       "git does not write such a commit: do not use it");
    }
}

void writeAll(int fd, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            failWrite(path);
        }
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

/// Stands for a link or a submodule, so that its absence is explained: it was not exported. A path below a
/// device leads nowhere.
void leaveMark(const std::string& path) {
    if (::symlink("/dev/null/not exported: a symbolic link or a submodule", path.c_str()) != 0) {
        failWrite(path);
    }
}

GitHeader headerOf(git_repository& repository, const git_oid& oid, const std::string& shown) {
    GitHeader header;
    if (!readHeader(repository, oid, header)) {
        failObject(shown);
    }
    return header;
}

}  // namespace

void TreeWriter::write(const git_tree& tree, const std::string& to, const std::string& shown, int depth) {
    if (depth > kMaxDepth) {
        failLimit(std::to_string(kMaxDepth) + " levels of directories");
    }
    if (::mkdir(to.c_str(), 0700) != 0) {
        failWrite(to);
    }
    for (std::size_t i = 0; i < git_tree_entrycount(&tree); ++i) {
        writeEntry(*git_tree_entry_byindex(&tree, i), to, shown, depth);
    }
    const system::Descriptor directory(::open(to.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.valid() || (fewFiles() && ::fsync(directory.get()) != 0) ||
        (!fewFiles() && depth == 0 && ::syncfs(directory.get()) != 0)) {
        failWrite(to);
    }
}

/// Syncing one by one does not wait for files of other programs, but takes milliseconds for each.
bool TreeWriter::fewFiles() const {
    constexpr std::size_t kOneByOne = 200;
    return result_.files + others_ <= kOneByOne;
}

void TreeWriter::writeEntry(const git_tree_entry& entry, const std::string& to, const std::string& shown,
                            int depth) {
    const char* name = git_tree_entry_name(&entry);
    checkName(name, shown);
    const std::string path = shown + name;
    const git_filemode_t mode = git_tree_entry_filemode(&entry);
    if (mode == GIT_FILEMODE_BLOB || mode == GIT_FILEMODE_BLOB_EXECUTABLE) {
        writeFile(entry, to + "/" + name, path);
        return;
    }
    if (++others_ > kMaxEntries) {
        failLimit(std::to_string(kMaxEntries) + " directories and links");
    }
    if (mode != GIT_FILEMODE_TREE) {
        result_.skipped.push_back(path);
        leaveMark(to + "/" + name);
        return;
    }
    GitTree tree;
    demandReadable(repository_, *git_tree_entry_id(&entry), "the directory " + printable(path));
    if (gitMake(git_tree_lookup, tree, &repository_, git_tree_entry_id(&entry)) < 0) {
        failObject(path);
    }
    write(*tree, to + "/" + name, path + "/", depth + 1);
}

void TreeWriter::writeFile(const git_tree_entry& entry, const std::string& to, const std::string& shown) {
    if (++result_.files > kMaxEntries) {
        failLimit(std::to_string(kMaxEntries) + " files");
    }
    const git_oid& oid = *git_tree_entry_id(&entry);
    // The size first: reading it inflates next to nothing.
    const auto header = headerOf(repository_, oid, shown);
    bytes_ += header.size;
    if (bytes_ > kMaxBytes) {
        failLimit(std::to_string(kMaxBytes >> 20U) + " MiB of files");
    }
    demandReadable(header, "the file " + printable(shown));
    GitBlob blob;
    if (gitMake(git_blob_lookup, blob, &repository_, &oid) < 0) {
        failObject(shown);
    }
    const system::Descriptor fd(
        ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd.valid()) {
        failWrite(to);
    }
    writeAll(fd.get(),
             {static_cast<const char*>(git_blob_rawcontent(blob.get())),
              static_cast<std::size_t>(git_blob_rawsize(blob.get()))},
             to);
    // On the disk before the tree gets its name: after a power cut a tree that is there is whole.
    if (::fchmod(fd.get(), 0644) != 0 || (fewFiles() && ::fsync(fd.get()) != 0)) {
        failWrite(to);
    }
}

}  // namespace vigie::source
