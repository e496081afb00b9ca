#include "apply/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/error.hpp"

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

}  // namespace

Lock::Lock(const std::string& path, const std::string& what)
    : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) {
    if (!fd_.valid()) {
        throw Error("cannot open " + path + ": " + std::strerror(errno));
    }
    if (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) {
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
    if (!fd.valid() || ::flock(fd.get(), LOCK_SH | LOCK_NB) == 0) {
        return 0;
    }
    return pidIn(fd.get());
}

}  // namespace vigie::apply
