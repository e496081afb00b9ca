// Looks at a process through descriptors.

#include "system/held_process.hpp"

#include "attach/proc_text.hpp"
#include "base/text.hpp"
#include "system/attach.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace vigie::system {
namespace {

using Kind = AttachError::Kind;

[[noreturn]] void fail(std::int64_t pid, const std::string& what, int error) {
    const std::string process = "process " + std::to_string(pid);
    if (error == ESRCH || error == ENOENT) {
        throw AttachError(Kind::gone, process + " has ended");
    }
    throw AttachError(Kind::unavailable, process + ": cannot " + what + ": " + std::strerror(error),
                      error == EACCES || error == EPERM ? "run as root, or start vigie-attach.socket" : "");
}

}  // namespace

HeldProcess::HeldProcess(std::int64_t pid) : pid_(pid) {
    constexpr std::int64_t kLargest = 1 << 22;  // PID_MAX_LIMIT of the kernel
    if (pid <= 0 || pid > kLargest) {
        throw AttachError(Kind::refused, std::to_string(pid) + " is no number of a process");
    }
    process_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(pid), 0)));
    if (!process_.valid()) {
        fail(pid, "open it", errno);
    }
    directory_ = Descriptor(
        ::open(("/proc/" + std::to_string(pid)).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!directory_.valid()) {
        fail(pid, "look at it", errno);
    }
}

std::string HeldProcess::read(const char* name, std::size_t limit) const {
    const auto file = open(name, O_RDONLY);
    std::string out(limit, '\0');
    std::size_t size = 0;
    while (size < limit) {
        const ssize_t n = ::read(file.get(), out.data() + size, limit - size);
        if (n < 0 && errno != EINTR) {
            fail(pid_, std::string("read its ") + name, errno);
        }
        if (n == 0) {
            break;
        }
        size += n > 0 ? static_cast<std::size_t>(n) : 0;
    }
    out.resize(size);
    return out;
}

std::string HeldProcess::link(const char* name) const {
    std::array<char, 4096> buffer{};
    const ssize_t n = ::readlinkat(directory_.get(), name, buffer.data(), buffer.size());
    if (n < 0 && errno == ENOENT) {
        demandAlive();
        return {};
    }
    if (n < 0) {
        fail(pid_, std::string("read its ") + name, errno);
    }
    return {buffer.data(), static_cast<std::size_t>(n)};
}

Descriptor HeldProcess::open(const char* name, int flags) const {
    Descriptor out(::openat(directory_.get(), name, flags | O_CLOEXEC));
    if (!out.valid()) {
        fail(pid_, std::string("open its ") + name, errno);
    }
    return out;
}

attach::ProcessId HeldProcess::identity() const {
    constexpr std::size_t kStat = 4096;
    constexpr std::size_t kGroups = 16384;
    const auto stat = attach::readStat(read("stat", kStat));
    if (!stat || stat->state == 'Z' || stat->state == 'X') {
        throw AttachError(Kind::gone, "process " + std::to_string(pid_) + " has ended");
    }
    return {pid_, stat->startTime, attach::readGroup(read("cgroup", kGroups)).value_or(""), link("exe")};
}

void HeldProcess::demand(const attach::ProcessId& expected) const {
    const auto now = identity();
    demandAlive();  // else what was read may be of nobody
    const char* differs = now.startTime != expected.startTime ? "started at another time"
                          : now.group != expected.group       ? "is not in that container or unit"
                          : now.exe != expected.exe           ? "runs another program"
                                                              : nullptr;
    if (expected.group.empty() || expected.exe.empty()) {
        throw AttachError(Kind::refused, "the request does not say which process is meant");
    }
    if (differs != nullptr) {
        throw AttachError(Kind::changed, "process " + std::to_string(pid_) + " " + differs);
    }
}

void HeldProcess::demandAlive() const {
    if (::syscall(SYS_pidfd_send_signal, process_.get(), 0, nullptr, 0) != 0 && errno == ESRCH) {
        fail(pid_, "see it", ESRCH);
    }
}

void HeldProcess::signal(int number) const {
    if (::syscall(SYS_pidfd_send_signal, process_.get(), number, nullptr, 0) != 0) {
        fail(pid_, "signal it", errno);
    }
}

}  // namespace vigie::system
