// Accepts connections at one address or at the unix socket.

#include "controller/server/listener.hpp"

#include "base/error.hpp"
#include "spec/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <utility>

namespace vigie::controller {
namespace {

constexpr int kBacklog = 512;

std::string failed(const std::string& what) {
    return "cannot " + what + ": " + std::strerror(errno);
}

system::Descriptor makeSocket(int family) {
    return system::Descriptor(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

bool isServed(const Endpoint& endpoint) {
    const auto probe = makeSocket(AF_UNIX);
    const auto* address = reinterpret_cast<const sockaddr*>(&endpoint.address);
    // A full queue is somebody's as well.
    return probe.valid() && (::connect(probe.get(), address, endpoint.size) == 0 || errno == EAGAIN);
}

/// The mode of the socket's file says the same; this also holds while somebody changes it.
bool isTrusted(int descriptor) {
    ucred peer{};
    socklen_t size = sizeof(peer);
    return ::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           (peer.uid == 0 || peer.uid == ::geteuid());
}

}  // namespace

Endpoint tcpEndpoint(const std::string& text) {
    const auto colon = text.rfind(':');
    std::string host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    }
    const auto address = spec::parseIp(host);
    std::uint16_t port = 0;
    const std::string digits = colon == std::string::npos ? "" : text.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (!address || error != std::errc{} || end != digits.data() + digits.size()) {
        throw Error("cannot listen on `" + text + "`", "write it like `127.0.0.1:9469` or `[::1]:9469`");
    }
    Endpoint out{text, {}, 0};
    if (address->v6) {
        sockaddr_in6 in{};
        in.sin6_family = AF_INET6;
        in.sin6_port = htons(port);
        std::memcpy(&in.sin6_addr, address->bytes.data(), sizeof(in.sin6_addr));
        std::memcpy(&out.address, &in, sizeof(in));
        out.size = sizeof(in);
    } else {
        sockaddr_in in{};
        in.sin_family = AF_INET;
        in.sin_port = htons(port);
        std::memcpy(&in.sin_addr, address->bytes.data(), sizeof(in.sin_addr));
        std::memcpy(&out.address, &in, sizeof(in));
        out.size = sizeof(in);
    }
    return out;
}

Endpoint socketEndpoint(const std::string& path) {
    sockaddr_un un{};
    un.sun_family = AF_UNIX;
    if (path.size() >= sizeof(un.sun_path)) {
        throw Error("the path is too long for a socket: " + path, "choose a shorter state directory");
    }
    path.copy(un.sun_path, path.size());
    Endpoint out{path, {}, sizeof(un)};
    std::memcpy(&out.address, &un, sizeof(un));
    return out;
}

Listener::Listener(boost::asio::io_context& io, Endpoint endpoint, const Limits& limits, Log& log,
                   Accepted accepted)
    : endpoint_(std::move(endpoint)),
      limits_(limits),
      log_(log),
      accepted_(std::move(accepted)),
      socket_(io),
      timer_(io) {}

void Listener::open() {
    auto bound = isLocal() ? bindSocket() : bindTcp();
    if (!bound.valid()) {
        return tryAgain(failed("listen on " + endpoint_.name));
    }
    name_ = nameOf(bound.get());
    socket_.assign(boost::asio::generic::stream_protocol(family(), 0), bound.get());
    bound.release();
    listens_ = true;
    if (std::exchange(complained_, false)) {
        log_.info("listens on " + endpoint_.name + " now");
    }
    wait();
}

system::Descriptor Listener::bindTcp() {
    auto out = makeSocket(family());
    const int on = 1;
    const bool v6 = family() == AF_INET6;
    if (!out.valid() || ::setsockopt(out.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        (v6 && ::setsockopt(out.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0) ||
        ::bind(out.get(), reinterpret_cast<const sockaddr*>(&endpoint_.address), endpoint_.size) != 0 ||
        ::listen(out.get(), kBacklog) != 0) {
        const int error = errno;
        out.reset();
        errno = error;
    }
    return out;
}

system::Descriptor Listener::bindSocket() {
    const char* path = endpoint_.name.c_str();
    struct stat found {};
    if (::lstat(path, &found) == 0) {
        if (!S_ISSOCK(found.st_mode)) {
            throw Error(endpoint_.name + " is there already and no socket", "remove it");
        }
        if (isServed(endpoint_)) {
            throw Error(endpoint_.name + " is served by another process");
        }
        ::unlink(path);
    }
    auto out = makeSocket(AF_UNIX);
    // Nobody can connect before listen, so that there is no moment with another mode.
    if (!out.valid() ||
        ::bind(out.get(), reinterpret_cast<const sockaddr*>(&endpoint_.address), endpoint_.size) != 0 ||
        ::chmod(path, 0600) != 0 || ::lstat(path, &found) != 0 || ::listen(out.get(), kBacklog) != 0) {
        const int error = errno;
        out.reset();
        errno = error;
        return out;
    }
    device_ = found.st_dev;
    inode_ = found.st_ino;
    return out;
}

void Listener::tryAgain(const std::string& why) {
    if (!std::exchange(complained_, true)) {
        log_.warning(why + "; it is tried again");
    }
    timer_.expires_after(limits_.bindAgain);
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (error) {
            return;
        }
        try {
            open();
        } catch (const Error& problem) {
            tryAgain(problem.what());
        }
    });
}

void Listener::wait() {
    socket_.async_wait(boost::asio::socket_base::wait_read, [this](const boost::system::error_code& error) {
        if (!error) {
            accept();
        }
    });
}

/// Not Asio's accept: that makes descriptors which the tools that vigie starts would inherit.
void Listener::accept() {
    constexpr int kAtOnce = 64;  // others want to be served too
    for (int i = 0; i < kAtOnce; ++i) {
        system::Descriptor one(
            ::accept4(socket_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!one.valid()) {
            const int error = errno;
            if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
                return pause(error);
            }
            if (error == EAGAIN || error == EWOULDBLOCK) {
                break;
            }
            continue;  // the client has gone again, or the network reports something about it
        }
        paused_ = false;
        if (isLocal() && !isTrusted(one.get())) {
            continue;
        }
        const int on = 1;
        if (!isLocal()) {
            ::setsockopt(one.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        }
        accepted_(std::move(one));
        if (!socket_.is_open()) {
            return;
        }
    }
    wait();
}

void Listener::pause(int error) {
    if (!std::exchange(paused_, true)) {
        log_.warning("no connection can be accepted on " + endpoint_.name + ": " + std::strerror(error));
    }
    constexpr std::chrono::milliseconds kPause{200};
    timer_.expires_after(kPause);
    timer_.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            accept();
        }
    });
}

void Listener::close() {
    timer_.cancel();
    if (!socket_.is_open()) {
        return;
    }
    listens_ = false;
    boost::system::error_code ignored;
    socket_.close(ignored);
    struct stat found {};
    if (isLocal() && ::lstat(endpoint_.name.c_str(), &found) == 0 && found.st_dev == device_ &&
        found.st_ino == inode_) {
        ::unlink(endpoint_.name.c_str());
    }
}

std::string Listener::nameOf(int descriptor) const {
    sockaddr_storage found{};
    socklen_t size = sizeof(found);
    if (isLocal() || ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&found), &size) != 0) {
        return endpoint_.name;
    }
    std::uint16_t port = 0;
    const auto offset =
        family() == AF_INET6 ? offsetof(sockaddr_in6, sin6_port) : offsetof(sockaddr_in, sin_port);
    std::memcpy(&port, reinterpret_cast<const char*>(&found) + offset, sizeof(port));
    return endpoint_.name.substr(0, endpoint_.name.rfind(':') + 1) + std::to_string(ntohs(port));
}

}  // namespace vigie::controller
