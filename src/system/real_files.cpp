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
        hint = "run as root, or try it below a directory of your own with --root";
    } else if (error == ENOSPC) {
        hint = "the disk is full";
    } else if (error == EROFS) {
        hint = "the file system is mounted read-only";
    }
    throw Error("cannot " + verb + " " + path + ": " + std::strerror(error), hint);
}

std::string parentOf(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

void syncDirectory(const std::string& path) {
    const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.valid() || ::fsync(directory.get()) != 0) {
        fail("sync", path);
    }
}

/// After something was removed from `directory`: that may be gone by now as well, and is then recorded in the
/// directory above it.
void syncWhatIsLeft(std::string directory) {
    struct stat found {};
    while (directory != "/" && ::lstat(directory.c_str(), &found) != 0 && errno == ENOENT) {
        directory = parentOf(directory);
    }
    syncDirectory(directory);
}

/// Asked before anything is removed: a read-only file system refuses to remove also what is not there.
bool nothingAt(const std::string& path) {
    struct stat found {};
    return ::lstat(path.c_str(), &found) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

/// `a/b/` names what `a/b` does, but what lies above it is `a`.
std::string withoutSlashes(std::string path) {
    while (path.size() > 1 && path.back() == '/') {
        path.pop_back();
    }
    return path;
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

std::string siblingOf(const std::string& target) {
    return parentOf(target) + "/" + std::string(kUnfinished) + target.substr(target.rfind('/') + 1);
}

/// The sibling that becomes the file. Removed unless `keep` was called.
class Sibling {
public:
    explicit Sibling(const std::string& target) : path_(siblingOf(target)) {
        ::unlink(path_.c_str());  // a leftover of a crash; only one agent works below a root
        fd_ = Descriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!fd_.valid()) {
            fail("create", path_);
        }
    }
    Sibling(const Sibling&) = delete;
    Sibling& operator=(const Sibling&) = delete;
    Sibling(Sibling&&) = delete;
    Sibling& operator=(Sibling&&) = delete;
    ~Sibling() {
        if (!kept_) {
            ::unlink(path_.c_str());
        }
    }

    [[nodiscard]] int fd() const { return fd_.get(); }
    [[nodiscard]] const std::string& path() const { return path_; }

    void becomes(const std::string& target) {
        if (::rename(path_.c_str(), target.c_str()) != 0) {
            fail("replace", target);
        }
        kept_ = true;
    }

private:
    std::string path_;
    Descriptor fd_;
    bool kept_ = false;
};

}  // namespace

std::string normalRoot(const std::string& root) {
    std::string out = std::filesystem::weakly_canonical(std::filesystem::absolute(root)).string();
    while (out.size() > 1 && out.back() == '/') {
        out.pop_back();
    }
    return out;
}

RealFiles::RealFiles(std::string root) : root_(std::move(root)) {
    while (!root_.empty() && root_.back() == '/') {
        root_.pop_back();
    }
}

std::string RealFiles::real(const std::string& path) const {
    return root_ + path;
}

FileInfo RealFiles::inspect(const std::string& path) const {
    struct stat found {};
    if (::lstat(real(path).c_str(), &found) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return {};
        }
        fail("look at", real(path));
    }
    FileInfo info;
    info.type = S_ISREG(found.st_mode)   ? FileInfo::Type::regular
                : S_ISDIR(found.st_mode) ? FileInfo::Type::directory
                : S_ISLNK(found.st_mode) ? FileInfo::Type::symlink
                                         : FileInfo::Type::other;
    info.mode = found.st_mode & kPermissions;
    info.owner = {found.st_uid, found.st_gid};
    info.size = static_cast<std::uint64_t>(found.st_size);
    return info;
}

SecureBytes RealFiles::read(const std::string& path, std::uint64_t limit) const {
    const std::string where = real(path);
    const Descriptor fd(::open(where.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat found {};
    if (!fd.valid() || ::fstat(fd.get(), &found) != 0) {
        fail("read", where);
    }
    if (!S_ISREG(found.st_mode)) {
        throw Error("cannot read " + where + ": it is no regular file");
    }
    if (static_cast<std::uint64_t>(found.st_size) > limit) {
        throw Error("cannot read " + where + ": it is larger than " + std::to_string(limit) + " bytes");
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
            fail("read", where);
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
    const std::string where = real(path);
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(where.c_str()), &::closedir);
    if (directory == nullptr) {
        fail("list", where);
    }
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
    const std::string where = real(path);
    Sibling sibling(where);
    writeAll(sibling.fd(), bytes, sibling.path());
    // The owner first: changing it clears set-id bits, and the mode may take away our own right to write.
    if (owner && ::fchown(sibling.fd(), owner->uid, owner->gid) != 0) {
        fail("set the owner of", sibling.path());
    }
    if (::fchmod(sibling.fd(), mode) != 0) {
        fail("set the mode of", sibling.path());
    }
    if (::fsync(sibling.fd()) != 0) {
        fail("sync", sibling.path());
    }
    sibling.becomes(where);
    syncDirectory(parentOf(where));
}

void RealFiles::makeDirectory(const std::string& path, unsigned mode, std::optional<Owner> owner) {
    const std::string where = real(path);
    if (::mkdir(where.c_str(), 0700) != 0) {
        fail("make the directory", where);
    }
    setAttributes(path, mode, owner);
    syncDirectory(parentOf(where));
}

void RealFiles::setAttributes(const std::string& path, unsigned mode, std::optional<Owner> owner) {
    const std::string where = real(path);
    const Descriptor fd(::open(where.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd.valid()) {
        fail("open", where);
    }
    if (owner && ::fchown(fd.get(), owner->uid, owner->gid) != 0) {
        fail("set the owner of", where);
    }
    if (::fchmod(fd.get(), mode) != 0) {
        fail("set the mode of", where);
    }
    if (::fsync(fd.get()) != 0) {
        fail("sync", where);
    }
}

bool RealFiles::cleanUp(const std::string& path) {
    const std::string where = siblingOf(real(path));
    if (nothingAt(where)) {
        return false;
    }
    if (::unlink(where.c_str()) != 0 && errno != ENOENT) {
        fail("remove", where);
    }
    return true;
}

void RealFiles::remove(const std::string& path) {
    const std::string where = withoutSlashes(real(path));
    if (nothingAt(where)) {
        return;
    }
    if (::unlink(where.c_str()) != 0) {
        if (errno != EISDIR && errno != EPERM && errno != ENOENT) {
            fail("remove", where);
        }
        if (errno != ENOENT && ::rmdir(where.c_str()) != 0 && errno != ENOENT) {
            fail("remove", where);
        }
    }
    syncWhatIsLeft(parentOf(where));
}

}  // namespace vigie::system
