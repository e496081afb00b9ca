// Files of this machine, reached by descriptors.

#include "system/real_files.hpp"

#include "base/error.hpp"
#include "system/descriptor.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

namespace vigie::system {
namespace {

constexpr unsigned kPermissions = 07777;

[[noreturn]] void fail(const std::string& verb, const std::string& path, int error = errno) {
    std::string hint;
    if (error == EACCES || error == EPERM) {
        hint = "run as root, or name a directory of your own with --root";
    } else if (error == ENOSPC) {
        hint = "the disk is full";
    } else if (error == EROFS) {
        hint = "the file system is mounted read-only";
    }
    throw Error("cannot " + verb + " " + path + ": " + std::strerror(error), hint);
}

void syncDirectory(int directory, const std::string& path) {
    const Descriptor open(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!open.valid() || ::fsync(open.get()) != 0) {
        fail("sync", path);
    }
}

/// `a/b/` names what `a/b` does, but what lies above it is `a`.
std::string withoutSlashes(std::string path) {
    while (path.size() > 1 && path.back() == '/') {
        path.pop_back();
    }
    return path;
}

void requireInode(int fd, std::uint64_t inode, const std::string& path) {
    struct stat found {};
    if (::fstat(fd, &found) != 0) {
        fail("inspect", path);
    }
    if (found.st_ino != inode) {
        throw WayChanged(path + " was replaced by another process meanwhile; vigie does not change it");
    }
}

/// Asked before anything is removed: a read-only file system refuses to remove also what is not there.
bool thereIs(int directory, const std::string& name) {
    struct stat found {};
    return ::fstatat(directory, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0 ||
           (errno != ENOENT && errno != ENOTDIR);
}

/// In a directory of others a second name may be of a file that is none of theirs.
void requireOneName(const struct stat& found, bool shared, const std::string& path) {
    if (shared && S_ISREG(found.st_mode) && found.st_nlink > 1) {
        throw WayChanged(path + " has a second hard link, which another user may have created",
                         "remove the file; vigie writes it again");
    }
}

void writeAll(int fd, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            fail("write", path, n == 0 ? ENOSPC : errno);
        }
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

std::string siblingOf(const std::string& name) {
    return std::string(kUnfinished) + name;
}

/// The sibling that becomes the file. Removed unless it did.
class Sibling {
public:
    /// `path` is what messages call the file.
    Sibling(int directory, const std::string& name, const std::string& path)
        : directory_(directory), name_(siblingOf(name)), path_(path) {
        ::unlinkat(directory_, name_.c_str(), 0);  // a leftover of a crash; one agent works below a root
        fd_ = Descriptor(
            ::openat(directory_, name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!fd_.valid()) {
            fail("create a file beside", path_);
        }
    }
    Sibling(const Sibling&) = delete;
    Sibling& operator=(const Sibling&) = delete;
    Sibling(Sibling&&) = delete;
    Sibling& operator=(Sibling&&) = delete;
    ~Sibling() {
        if (!became_) {
            ::unlinkat(directory_, name_.c_str(), 0);
        }
    }

    [[nodiscard]] int fd() const { return fd_.get(); }

    void becomes(const std::string& name) {
        if (::renameat(directory_, name_.c_str(), directory_, name.c_str()) != 0) {
            fail("replace", path_);
        }
        became_ = true;
        struct stat is {};
        struct stat written {};
        if (::fstat(fd_.get(), &written) != 0 ||
            ::fstatat(directory_, name.c_str(), &is, AT_SYMLINK_NOFOLLOW) != 0 ||
            is.st_ino != written.st_ino) {
            throw WayChanged(path_ + " was replaced by another process while it was written");
        }
    }

private:
    int directory_;
    std::string name_;
    std::string path_;
    Descriptor fd_;
    bool became_ = false;
};

void putInto(int directory, const std::string& name, const std::string& path, std::string_view bytes,
             unsigned mode, std::optional<Owner> owner) {
    Sibling sibling(directory, name, path);
    writeAll(sibling.fd(), bytes, path);
    // The owner first: changing it clears set-id bits, and the mode may take away our own right to write.
    if (owner && ::fchown(sibling.fd(), owner->uid, owner->gid) != 0) {
        fail("set the owner of", path);
    }
    if (::fchmod(sibling.fd(), mode) != 0) {
        fail("set the mode of", path);
    }
    if (::fsync(sibling.fd()) != 0) {
        fail("sync", path);
    }
    sibling.becomes(name);
    syncDirectory(directory, parentOf(path));
}

void setAttributesOf(int fd, const std::string& path, unsigned mode, std::optional<Owner> owner) {
    if (owner && ::fchown(fd, owner->uid, owner->gid) != 0) {
        fail("set the owner of", path);
    }
    if (::fchmod(fd, mode) != 0) {
        fail("set the mode of", path);
    }
    if (::fsync(fd) != 0) {
        fail("sync", path);
    }
}

}  // namespace

/// A name in a directory that was walked to.
struct RealFiles::Spot {
    Walk above;
    std::string name;
    std::string path;  ///< for messages

    [[nodiscard]] bool reached() const { return above.directory.valid(); }
    [[nodiscard]] int directory() const { return above.directory.get(); }
    [[nodiscard]] Descriptor open(int flags) const {
        return Descriptor(::openat(directory(), name.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    }
};

std::string normalRoot(const std::string& root) {
    std::string out = std::filesystem::weakly_canonical(std::filesystem::absolute(root)).string();
    while (out.size() > 1 && out.back() == '/') {
        out.pop_back();
    }
    return out;
}

RealFiles::RealFiles(std::string root, Links links) : root_(std::move(root)), links_(links) {
    while (!root_.empty() && root_.back() == '/') {
        root_.pop_back();
    }
    if (links != Links::none) {
        straight_ = std::make_unique<RealFiles>(root_.empty() ? "/" : root_, Links::none);
    }
}

Files& RealFiles::straight() {
    return straight_ ? *straight_ : *this;
}

const Files& RealFiles::straight() const {
    return straight_ ? *straight_ : *this;
}

std::string RealFiles::real(const std::string& path) const {
    return root_ + path;
}

RealFiles::Spot RealFiles::spot(const std::string& path) const {
    const std::string whole = withoutSlashes(path);
    const auto slash = whole.rfind('/');
    const std::string above = slash == std::string::npos ? "." : parentOf(whole);
    const std::string name = whole.substr(slash + 1);
    return {walk(root_, above, links_), name.empty() ? "." : name, real(whole)};
}

RealFiles::Spot RealFiles::requireSpot(const char* verb, const std::string& path) const {
    auto out = spot(path);
    if (!out.reached()) {
        fail(verb, out.path, out.above.error);
    }
    return out;
}

FileInfo RealFiles::inspect(const std::string& path) const {
    FileInfo info;
    try {
        const Spot at = spot(path);
        struct stat found {};
        const bool there =
            at.reached() && ::fstatat(at.directory(), at.name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0;
        if (!there) {
            const int error = at.reached() ? errno : at.above.error;
            if (error == ENOENT || error == ENOTDIR) {
                return info;
            }
            fail("inspect", at.path, error);
        }
        info.type = S_ISREG(found.st_mode)   ? FileInfo::Type::regular
                    : S_ISDIR(found.st_mode) ? FileInfo::Type::directory
                    : S_ISLNK(found.st_mode) ? FileInfo::Type::symlink
                                             : FileInfo::Type::other;
        info.mode = found.st_mode & kPermissions;
        info.owner = {found.st_uid, found.st_gid};
        info.size = static_cast<std::uint64_t>(found.st_size);
        info.inode = found.st_ino;
        info.shared = at.above.shared || othersMayWrite(found);
    } catch (const WayChanged&) {
        info.type = FileInfo::Type::behindLink;
        info.shared = true;
    }
    return info;
}

SecureBytes RealFiles::read(const std::string& path, std::uint64_t limit) const {
    const Spot at = requireSpot("read", path);
    const Descriptor fd = at.open(O_RDONLY);
    struct stat found {};
    if (!fd.valid() || ::fstat(fd.get(), &found) != 0) {
        fail("read", at.path);
    }
    if (!S_ISREG(found.st_mode)) {
        throw Error("cannot read " + at.path + ": it is not a regular file");
    }
    if (static_cast<std::uint64_t>(found.st_size) > limit) {
        throw Error("cannot read " + at.path + ": it is larger than " + std::to_string(limit) + " bytes");
    }
    // The kernel's own files say that they are empty.
    constexpr std::size_t kKernelFile = 65'536;
    SecureBytes out(found.st_size == 0 ? std::min<std::size_t>(limit, kKernelFile)
                                       : static_cast<std::size_t>(found.st_size));
    std::size_t size = 0;
    while (size < out.size()) {
        const ssize_t n = ::read(fd.get(), out.data() + size, out.size() - size);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            fail("read", at.path);
        }
        if (n == 0) {
            break;  // it shrank meanwhile
        }
        size += static_cast<std::size_t>(n);
    }
    out.resize(size);
    return out;
}

std::vector<std::string> RealFiles::list(const std::string& path) const {
    const Walk at = walk(root_, path, links_);
    const std::string where = real(path);
    Descriptor open;
    if (at.directory.valid()) {
        open = Descriptor(::openat(at.directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    }
    if (!open.valid()) {
        fail("list", where, at.directory.valid() ? errno : at.error);
    }
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::fdopendir(open.get()), &::closedir);
    if (directory == nullptr) {
        fail("list", where);
    }
    static_cast<void>(open.release());  // the stream's
    std::vector<std::string> out;
    while (const dirent* entry =
               ::readdir(directory.get())) {  // NOLINT(concurrency-mt-unsafe): a stream of its own
        const std::string name = entry->d_name;
        if (name != "." && name != "..") {
            out.push_back(name);
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

bool RealFiles::canChown() const {
    return ::geteuid() == 0;
}

void RealFiles::write(const std::string& path, std::string_view bytes, unsigned mode,
                      std::optional<Owner> owner) {
    const Spot at = requireSpot("write", path);
    putInto(at.directory(), at.name, at.path, bytes, mode, owner);
}

void RealFiles::restore(const std::string& path, std::string_view bytes, unsigned mode,
                        std::optional<Owner> owner, std::uint64_t inode) {
    const Spot at = spot(path);
    if (!at.reached() && at.above.shared) {
        throw WayChanged("the directory of " + at.path + " was removed by another process meanwhile");
    }
    if (!at.reached()) {
        fail("write", at.path, at.above.error);
    }
    if (at.above.shared) {
        requireInode(at.directory(), inode, parentOf(at.path));
    }
    putInto(at.directory(), at.name, at.path, bytes, mode, owner);
}

void RealFiles::overwrite(const std::string& path, std::string_view bytes, std::uint64_t inode) {
    const Spot at = requireSpot("write", path);
    const Descriptor fd = at.open(O_WRONLY);
    struct stat found {};
    if (!fd.valid() || ::fstat(fd.get(), &found) != 0) {
        fail("write", at.path);
    }
    requireInode(fd.get(), inode, at.path);
    requireOneName(found, true, at.path);
    if (!S_ISREG(found.st_mode)) {
        throw Error("cannot write " + at.path + ": it is not a regular file");
    }
    writeAll(fd.get(), bytes, at.path);  // first: whoever reads meanwhile finds no empty file
    if (::ftruncate(fd.get(), static_cast<off_t>(bytes.size())) != 0) {
        fail("write", at.path);
    }
    if (::fsync(fd.get()) != 0) {
        fail("sync", at.path);
    }
}

void RealFiles::makeDirectory(const std::string& path, unsigned mode, std::optional<Owner> owner) {
    const Spot at = requireSpot("create the directory", path);
    if (::mkdirat(at.directory(), at.name.c_str(), 0700) != 0) {
        fail("create the directory", at.path);
    }
    const Descriptor fd = at.open(O_RDONLY | O_DIRECTORY);
    struct stat found {};
    if (!fd.valid() || ::fstat(fd.get(), &found) != 0) {
        fail("open", at.path);
    }
    if (found.st_uid != ::geteuid()) {
        throw WayChanged(at.path + " was replaced by another process while it was created");
    }
    setAttributesOf(fd.get(), at.path, mode, owner);
    syncDirectory(at.directory(), parentOf(at.path));
}

void RealFiles::setAttributes(const std::string& path, unsigned mode, std::optional<Owner> owner) {
    const Spot at = requireSpot("open", path);
    const Descriptor fd = at.open(O_RDONLY);
    struct stat found {};
    if (!fd.valid() || ::fstat(fd.get(), &found) != 0) {
        fail("open", at.path);
    }
    requireOneName(found, at.above.shared, at.path);
    setAttributesOf(fd.get(), at.path, mode, owner);
}

void RealFiles::restoreAttributes(const std::string& path, unsigned mode, std::optional<Owner> owner,
                                  std::uint64_t inode) {
    const Spot at = requireSpot("open", path);
    const Descriptor fd = at.open(O_RDONLY);
    if (!fd.valid()) {
        fail("open", at.path);
    }
    if (at.above.shared) {
        requireInode(fd.get(), inode, at.path);
    }
    setAttributesOf(fd.get(), at.path, mode, owner);
}

bool RealFiles::cleanUp(const std::string& path) {
    const Spot at = spot(path);
    if (!at.reached()) {
        return false;
    }
    const std::string sibling = siblingOf(at.name);
    if (!thereIs(at.directory(), sibling)) {
        return false;
    }
    if (::unlinkat(at.directory(), sibling.c_str(), 0) != 0 && errno != ENOENT) {
        fail("remove", parentOf(at.path) + "/" + sibling);
    }
    return true;
}

void RealFiles::remove(const std::string& path) {
    const Spot at = spot(path);
    if (!at.reached() && at.above.error != ENOENT && at.above.error != ENOTDIR) {
        fail("remove", at.path, at.above.error);
    }
    if (!at.reached() || !thereIs(at.directory(), at.name)) {
        return;
    }
    if (::unlinkat(at.directory(), at.name.c_str(), 0) != 0) {
        if (errno != EISDIR && errno != EPERM && errno != ENOENT) {
            fail("remove", at.path);
        }
        if (errno != ENOENT && ::unlinkat(at.directory(), at.name.c_str(), AT_REMOVEDIR) != 0 &&
            errno != ENOENT) {
            fail("remove", at.path);
        }
    }
    syncDirectory(at.directory(), parentOf(at.path));
}

}  // namespace vigie::system
