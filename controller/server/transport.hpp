// The bytes of one connection, in the clear or through TLS.
#pragma once

#include "system/descriptor.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include <array>
#include <functional>
#include <memory>

namespace vigie::controller {

/// One connection's bytes, in the clear or through TLS. Functions are called on the I/O thread, also with an
/// error when the transport was closed meanwhile.
class Transport {
public:
    using Socket = boost::asio::generic::stream_protocol::socket;
    using Error = boost::system::error_code;
    using Done = std::function<void(const Error&, std::size_t)>;

    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    Transport(Transport&&) = delete;
    Transport& operator=(Transport&&) = delete;
    virtual ~Transport() = default;

    virtual void handshake(Done done) = 0;
    virtual void read(boost::asio::mutable_buffer to, Done done) = 0;
    /// All of it.
    virtual void write(std::array<boost::asio::const_buffer, 2> from, Done done) = 0;
    /// Tells the peer that nothing more comes.
    virtual void end(Done done) = 0;
    /// What lies below TLS.
    virtual Socket& socket() = 0;
};

/// `context`: null for plain bytes. `descriptor` is a connected socket of that family.
std::unique_ptr<Transport> makeTransport(boost::asio::io_context& io, system::Descriptor descriptor,
                                         int family, boost::asio::ssl::context* context);

}  // namespace vigie::controller
