// Enters a network namespace and connects there.

#include "system/attach_connect.hpp"

#include "base/text.hpp"
#include "system/attach.hpp"

#include <arpa/inet.h>
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
#include <cstring>

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
    return out;
}

}  // namespace vigie::system
