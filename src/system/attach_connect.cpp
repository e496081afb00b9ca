// Enters a network namespace and connects there.

#include "system/attach_connect.hpp"

#include "attach/proc_text.hpp"
#include "base/text.hpp"
#include "system/attach.hpp"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <set>
#include <string_view>
#include <vector>

namespace vigie::system {
namespace {

using Kind = AttachError::Kind;

struct Address {
    sockaddr_storage bytes{};
    socklen_t size = 0;
    bool loopback = false;

    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }
};

Address addressOf(const std::string& text, std::uint16_t port) {
    Address out;
    constexpr std::uint32_t kLoopback = 127;
    constexpr unsigned kFirstByte = 24;
    auto* four = reinterpret_cast<sockaddr_in*>(&out.bytes);
    auto* six = reinterpret_cast<sockaddr_in6*>(&out.bytes);
    if (::inet_pton(AF_INET, text.c_str(), &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(port);
        out.size = sizeof(*four);
        out.loopback = ntohl(four->sin_addr.s_addr) >> kFirstByte == kLoopback;
    } else if (::inet_pton(AF_INET6, text.c_str(), &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(port);
        out.size = sizeof(*six);
        out.loopback = IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
    }
    if (out.size == 0 || port == 0) {
        throw AttachError(Kind::refused, printable(text) + " is no numeric address with a port");
    }
    return out;
}

void dropCapabilities() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
    if (::syscall(SYS_capset, &header, none.data()) != 0) {
        throw AttachError(Kind::unavailable,
                          std::string("cannot give up capabilities: ") + std::strerror(errno));
    }
}

Descriptor makeSocket(const Address& address, int type) {
    Descriptor out(::socket(address.bytes.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!out.valid()) {
        throw AttachError(Kind::unreachable,
                          std::string("cannot make a socket there: ") + std::strerror(errno));
    }
    return out;
}

std::string hex(std::uint32_t value, unsigned digits) {
    std::array<char, 16> out{};
    static_cast<void>(std::snprintf(out.data(), out.size(), "%0*X", static_cast<int>(digits), value));
    return out.data();
}

/// How the kernel's tables spell sockets that may have taken a connection to `address`: at it, or at any.
std::vector<std::string> spelled(const Address& address, std::uint16_t port) {
    constexpr unsigned kWord = 8;
    constexpr unsigned kPort = 4;
    const std::string end = ":" + hex(port, kPort);
    const std::string any(4 * kWord, '0');
    if (address.bytes.ss_family == AF_INET) {
        const auto four = hex(reinterpret_cast<const sockaddr_in*>(&address.bytes)->sin_addr.s_addr, kWord);
        return {four + end, std::string(kWord, '0') + end, any + end,
                std::string(2 * kWord, '0') + hex(htonl(0xFFFFU), kWord) + four + end};
    }
    std::array<std::uint32_t, 4> parts{};
    std::memcpy(parts.data(), &reinterpret_cast<const sockaddr_in6*>(&address.bytes)->sin6_addr,
                sizeof(parts));
    std::string six;
    for (const auto part : parts) {
        six += hex(part, kWord);
    }
    return {six + end, any + end};
}

/// The inodes of all sockets that a process has open.
std::set<std::uint64_t> socketsOf(const HeldProcess& process) {
    const std::unique_ptr<DIR, int (*)(DIR*)> list(
        ::fdopendir(process.open("fd", O_RDONLY | O_DIRECTORY).release()), ::closedir);
    std::set<std::uint64_t> out;
    while (const auto* entry = list ? ::readdir(list.get()) : nullptr) {
        constexpr std::string_view kSocket = "socket:[";
        std::array<char, 64> target{};
        const ssize_t n = ::readlinkat(::dirfd(list.get()), entry->d_name, target.data(), target.size());
        const std::string_view text(target.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
        std::uint64_t inode = 0;
        if (text.starts_with(kSocket) &&
            std::from_chars(text.data() + kSocket.size(), text.data() + text.size(), inode).ec ==
                std::errc()) {
            out.insert(inode);
        }
    }
    return out;
}

/// Who listens in the network of a process. What is opened goes on telling when all rights are given up.
class Listeners {
public:
    explicit Listeners(const HeldProcess& process)
        : own_(socketsOf(process)), four_(process.open("net/tcp", O_RDONLY)) {
        try {
            six_ = process.open("net/tcp6", O_RDONLY);
        } catch (const AttachError&) {  // the kernel has no IPv6
            process.demandAlive();
        }
    }

    /// Whoever shares a container's network may have taken its port, and its command line may name anybody's.
    void demandOwn(const Address& address, std::uint16_t port, const std::string& where) const {
        const auto wanted = spelled(address, port);
        std::vector<std::uint64_t> found;
        for (const auto* table : {&four_, &six_}) {
            const auto here = attach::readListeners(textOf(*table), wanted);
            found.insert(found.end(), here.begin(), here.end());
        }
        if (found.empty() ||
            !std::all_of(found.begin(), found.end(), [&](auto inode) { return own_.count(inode) != 0; })) {
            throw AttachError(Kind::unreachable,
                              "who listens at " + where + " in the container is not the program");
        }
    }

private:
    /// Those that listen stand first.
    static std::string textOf(const Descriptor& table) {
        constexpr std::size_t kMost = 1U << 20U;
        std::string out(kMost, '\0');
        std::size_t size = 0;
        while (table.valid() && size < kMost) {
            const ssize_t n = ::read(table.get(), out.data() + size, kMost - size);
            if (n <= 0) {
                break;
            }
            size += static_cast<std::size_t>(n);
        }
        out.resize(size);
        return out;
    }

    std::set<std::uint64_t> own_;
    Descriptor four_;
    Descriptor six_;
};

/// Nobody is reached through the container who is not in it: an address is the network's own if a socket can
/// be bound to it.
void demandOwn(Address address, const std::string& text) {
    if (address.loopback) {
        return;
    }
    if (address.bytes.ss_family == AF_INET) {
        reinterpret_cast<sockaddr_in*>(&address.bytes)->sin_port = 0;
    } else {
        reinterpret_cast<sockaddr_in6*>(&address.bytes)->sin6_port = 0;
    }
    const auto probe = makeSocket(address, SOCK_DGRAM);
    if (::bind(probe.get(), address.get(), address.size) != 0) {
        throw AttachError(Kind::refused, text + " is no address of that container");
    }
}

}  // namespace

Descriptor connectInside(const HeldProcess& process, const std::string& address, std::uint16_t port,
                         std::chrono::milliseconds timeout) {
    const auto to = addressOf(address, port);
    const std::string where = address + " port " + std::to_string(port);
    const Listeners listeners(process);
    {
        const auto network = process.open("ns/net", O_RDONLY);
        process.demandAlive();
        if (::setns(network.get(), CLONE_NEWNET) != 0) {
            throw AttachError(Kind::unavailable,
                              std::string("cannot enter the container's network: ") + std::strerror(errno),
                              "run as root, or start vigie-attach.socket");
        }
    }
    dropCapabilities();
    demandOwn(to, address);
    auto out = makeSocket(to, SOCK_STREAM);
    int error = ::connect(out.get(), to.get(), to.size) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
        constexpr std::chrono::milliseconds kLongest{60'000};
        const auto wait = std::clamp(timeout, std::chrono::milliseconds{0}, kLongest);
        pollfd waiting{out.get(), POLLOUT, 0};
        const int ready = ::poll(&waiting, 1, static_cast<int>(wait.count()));
        socklen_t size = sizeof(error);
        if (ready == 0) {
            error = ETIMEDOUT;
        } else if (ready < 0 || ::getsockopt(out.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
            error = errno;
        }
    }
    if (error != 0) {
        throw AttachError(Kind::unreachable,
                          "cannot connect to " + where + " in the container: " + std::strerror(error));
    }
    // Behind the connection: while its process lives, nobody else has got its port.
    listeners.demandOwn(to, port, where);
    process.demandAlive();
    return out;
}

}  // namespace vigie::system
