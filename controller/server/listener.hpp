// Accepts connections at one address or at the unix socket.
#pragma once

#include "controller/log.hpp"
#include "controller/server/limits.hpp"
#include "system/descriptor.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <string>

namespace vigie::controller {

/// Where to listen, in the kernel's form.
struct Endpoint {
    std::string name;  ///< as it was written, for messages
    sockaddr_storage address{};
    socklen_t size = 0;

    [[nodiscard]] bool isLocal() const { return address.ss_family == AF_UNIX; }
};

/// `127.0.0.1:9469`, `[::1]:9469`. Throws Error.
Endpoint tcpEndpoint(const std::string& text);
/// Throws Error when the path is longer than a socket's may be.
Endpoint socketEndpoint(const std::string& path);

/// Binds one address and accepts. What cannot be bound is tried again; when descriptors run out it waits
/// instead of spinning. Takes care of the unix socket's file: its mode is 0600, one that nobody serves is
/// replaced, and only root and our own user get through.
class Listener {
public:
    using Accepted = std::function<void(system::Descriptor)>;

    Listener(boost::asio::io_context& io, Endpoint endpoint, const Limits& limits, Log& log,
             Accepted accepted);

    /// Binds, or plans to try again. Throws Error when somebody else serves the unix socket.
    void open();
    void close();
    /// From any thread. When true, `name` stays what it is.
    [[nodiscard]] bool listens() const { return listens_; }
    [[nodiscard]] bool isLocal() const { return endpoint_.isLocal(); }
    [[nodiscard]] int family() const { return endpoint_.address.ss_family; }
    /// The address with its real port, or the path.
    [[nodiscard]] const std::string& name() const { return name_; }

private:
    system::Descriptor bindTcp();
    system::Descriptor bindSocket();
    [[nodiscard]] std::string nameOf(int descriptor) const;
    void tryAgain(const std::string& why);
    void wait();
    void accept();
    void pause(int error);

    Endpoint endpoint_;
    std::string name_;
    std::atomic<bool> listens_ = false;
    const Limits& limits_;
    Log& log_;
    Accepted accepted_;
    boost::asio::generic::stream_protocol::socket socket_;
    boost::asio::steady_timer timer_;
    bool complained_ = false;  ///< about an address that is not there
    bool paused_ = false;      ///< descriptors ran out, and it was said
    dev_t device_ = 0;         ///< of the unix socket's file
    ino_t inode_ = 0;
};

}  // namespace vigie::controller
