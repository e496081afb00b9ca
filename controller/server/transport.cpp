// The bytes of one connection, in the clear or through TLS.

#include "controller/server/transport.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <utility>

namespace vigie::controller {
namespace {

namespace asio = boost::asio;

class Plain : public Transport {
public:
    explicit Plain(Socket socket) : socket_(std::move(socket)) {}

    void handshake(Done done) override {
        asio::post(socket_.get_executor(), [done = std::move(done)] { done({}, 0); });
    }
    void read(asio::mutable_buffer to, Done done) override { socket_.async_read_some(to, std::move(done)); }
    void write(std::array<asio::const_buffer, 2> from, Done done) override {
        asio::async_write(socket_, from, std::move(done));
    }
    void end(Done done) override {
        asio::post(socket_.get_executor(), [done = std::move(done)] { done({}, 0); });
    }
    Socket& socket() override { return socket_; }

private:
    Socket socket_;
};

class Encrypted : public Transport {
public:
    Encrypted(Socket socket, asio::ssl::context& context) : stream_(std::move(socket), context) {}

    void handshake(Done done) override {
        stream_.async_handshake(asio::ssl::stream_base::server,
                                [done = std::move(done)](const Error& error) { done(error, 0); });
    }
    void read(asio::mutable_buffer to, Done done) override { stream_.async_read_some(to, std::move(done)); }
    void write(std::array<asio::const_buffer, 2> from, Done done) override {
        asio::async_write(stream_, from, std::move(done));
    }
    void end(Done done) override {
        stream_.async_shutdown([done = std::move(done)](const Error& error) { done(error, 0); });
    }
    Socket& socket() override { return stream_.next_layer(); }

private:
    asio::ssl::stream<Socket> stream_;
};

}  // namespace

std::unique_ptr<Transport> makeTransport(asio::io_context& io, system::Descriptor descriptor, int family,
                                         asio::ssl::context* context) {
    Transport::Socket socket(io);
    socket.assign(asio::generic::stream_protocol(family, 0), descriptor.get());
    descriptor.release();
    if (context == nullptr) {
        return std::make_unique<Plain>(std::move(socket));
    }
    return std::make_unique<Encrypted>(std::move(socket), *context);
}

}  // namespace vigie::controller
