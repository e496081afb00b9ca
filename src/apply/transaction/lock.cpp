// The lock that lets one process change a root.

#include "apply/transaction/lock.hpp"

#include "base/error.hpp"
#include "system/walk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace vigie::apply {
namespace {

[[noreturn]] void cannotOpen(const std::string& path, int error) {
    throw Error("cannot open " + path + ": " + std::strerror(error),
                error == EACCES || error == EPERM ? "run as root" : "");
}

int pidIn(int fd) {
    std::array<char, 32> buffer{};
    const ssize_t n = ::pread(fd, buffer.data(), buffer.size(), 0);
    int pid = 0;
    if (n > 0) {
        std::from_chars(buffer.data(), buffer.data() + n, pid);
    }
    return pid;
}

/// An exclusive lock of the open file, not of the process: it can be asked about without being taken.
struct flock wholeFile() {
    struct flock out {};
    out.l_type = F_WRLCK;
    out.l_whence = SEEK_SET;
    return out;
}

bool isFile(const std::string& path, const struct stat& file) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 && info.st_dev == file.st_dev && info.st_ino == file.st_ino;
}

/// Whether the process has the file open, and this open file is locked (proc(5): fdinfo has a line for each
/// lock).
bool holds(const std::filesystem::path& process, const struct stat& file) {
    std::error_code gone;
    for (const auto& descriptor : std::filesystem::directory_iterator(process / "fd", gone)) {
        if (!isFile(descriptor.path(), file)) {
            continue;
        }
        std::ifstream info(process / "fdinfo" / descriptor.path().filename());
        for (std::string line; std::getline(info, line);) {
            if (line.compare(0, 5, "lock:") == 0) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace

Lock::Lock(const std::string& path, const std::string& what, WithTools tools)
    : fd_(system::openFile(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600)) {
    if (!fd_.valid() || (tools == WithTools::yes && ::fcntl(fd_.get(), F_SETFD, 0) != 0)) {
        cannotOpen(path, errno);
    }
    struct flock whole = wholeFile();
    if (::fcntl(fd_.get(), F_OFD_SETLK, &whole) != 0) {
        throw Error(what + " is held by process " + std::to_string(pidIn(fd_.get())),
                    "wait until it has finished, or stop it");
    }
    const std::string pid = std::to_string(::getpid()) + "\n";
    // Over the number of before: on a full disk there is room for no other.
    if (::pwrite(fd_.get(), pid.data(), pid.size(), 0) < 0 ||
        ::ftruncate(fd_.get(), static_cast<off_t>(pid.size())) != 0) {
        throw Error("cannot write " + path + ": " + std::strerror(errno));
    }
}

int Lock::keep() const {
    if (::fcntl(fd_.get(), F_SETFD, 0) != 0) {
        throw Error(std::string("cannot keep a lock: ") + std::strerror(errno));
    }
    return fd_.get();
}

Lock Lock::kept(int descriptor, const std::string& path, const std::string& what) {
    system::Descriptor fd(descriptor);
    struct stat file {};
    struct flock whole = wholeFile();
    if (::fstat(fd.get(), &file) == 0 && isFile(path, file) && ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC) == 0 &&
        ::fcntl(fd.get(), F_OFD_SETLK, &whole) == 0) {
        return Lock(std::move(fd));
    }
    return Lock(path, what);
}

int Lock::holder(const std::string& path) {
    const system::Descriptor fd = system::openFile(path, O_RDONLY | O_NOFOLLOW);
    if (!fd.valid()) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return 0;
        }
        cannotOpen(path, errno);
    }
    struct flock whole = wholeFile();
    if (::fcntl(fd.get(), F_OFD_GETLK, &whole) != 0 || whole.l_type == F_UNLCK) {
        return 0;
    }
    return pidIn(fd.get());
}

void Lock::endHolders(const std::string& path) {
    struct stat file {};
    if (::stat(path.c_str(), &file) != 0) {
        return;
    }
    for (const auto& process : std::filesystem::directory_iterator("/proc")) {
        const std::string name = process.path().filename();
        int pid = 0;
        const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (parsed.ec != std::errc() || parsed.ptr != name.data() + name.size() || pid == ::getpid()) {
            continue;
        }
        // By descriptor: the number may belong to somebody else by the time it is looked at.
        const system::Descriptor pinned(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        if (pinned.valid() && holds(process.path(), file)) {
            ::syscall(SYS_pidfd_send_signal, pinned.get(), SIGKILL, nullptr, 0);
        }
    }
}

}  // namespace vigie::apply
