#include "apply/lock.hpp"

#include "base/error.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace vigie::apply {
namespace {

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

}  // namespace

Lock::Lock(const std::string& path, const std::string& what, WithTools tools)
    : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | (tools == WithTools::no ? O_CLOEXEC : 0),
                 0600)) {
    if (!fd_.valid()) {
        throw Error("cannot open " + path + ": " + std::strerror(errno));
    }
    struct flock whole = wholeFile();
    if (::fcntl(fd_.get(), F_OFD_SETLK, &whole) != 0) {
        throw Error(what + " is held by process " + std::to_string(pidIn(fd_.get())),
                    "wait until it has finished, or stop it");
    }
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(fd_.get(), 0) != 0 || ::pwrite(fd_.get(), pid.data(), pid.size(), 0) < 0) {
        throw Error("cannot write " + path + ": " + std::strerror(errno));
    }
}

int Lock::holder(const std::string& path) {
    const system::Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct flock whole = wholeFile();
    if (!fd.valid() || ::fcntl(fd.get(), F_OFD_GETLK, &whole) != 0 || whole.l_type == F_UNLCK) {
        return 0;
    }
    return pidIn(fd.get());
}

}  // namespace vigie::apply
