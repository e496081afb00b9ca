// The only translation unit that sees Boost. Of Beast it takes the parser; poll waits for the engine, the
// deadline and the operator at once.

#include "system/unix_http.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "system/descriptor.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace vigie::system {
namespace {

namespace http = boost::beast::http;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kMaxHeader = 65536;
constexpr const char* kSeeLog = "see the log of the Docker engine";

/// Path and query of a URL.
std::string targetOf(const std::string& url) {
    if (url.rfind('/', 0) == 0) {
        return url;
    }
    constexpr std::string_view kSchemeEnd = "://";
    const auto scheme = url.find(kSchemeEnd);
    if (scheme == std::string::npos) {
        throw std::invalid_argument("not a URL: " + printable(url));
    }
    const auto path = url.find_first_of("/?", scheme + kSchemeEnd.size());
    if (path == std::string::npos) {
        return "/";
    }
    return (url[path] == '?' ? "/" : "") + url.substr(path);
}

std::string textOf(const HttpRequest& request, const HttpPeer& peer) {
    const std::string target = targetOf(request.url);
    const auto isVisible = [](char c) { return c > ' ' && c <= '~'; };
    const auto isUpper = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto isHeader = [](char c) { return c >= ' ' && c <= '~'; };
    if (!std::all_of(peer.host.begin(), peer.host.end(), isVisible) ||
        !std::all_of(peer.authorization.begin(), peer.authorization.end(), isHeader)) {
        throw std::invalid_argument("a header cannot be sent");
    }
    if (!std::all_of(request.url.begin(), request.url.end(), isVisible) || request.method.empty() ||
        !std::all_of(request.method.begin(), request.method.end(), isUpper)) {
        throw std::invalid_argument("cannot be sent: " + printable(request.method + " " + request.url));
    }
    std::string out =
        request.method + " " + target + " HTTP/1.1\r\nHost: " + peer.host + "\r\nConnection: close\r\n";
    if (!peer.authorization.empty()) {
        out += "Authorization: " + peer.authorization + "\r\n";
    }
    if (!request.body.empty()) {
        out += "Content-Type: application/json\r\n";
    }
    if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD")) {
        out += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    }
    return out + "\r\n" + request.body;
}

/// Waits until the deadline at most, and no longer than the operator lets us.
class Waiting {
public:
    Waiting(const Stop& stop, milliseconds timeout, std::string hint)
        : stop_(stop), timeout_(timeout), deadline_(Clock::now() + timeout), hint_(std::move(hint)) {}

    /// What `socket` is ready for.
    [[nodiscard]] int ready(const Descriptor& socket, bool writing) const {
        while (true) {
            constexpr milliseconds kLongestPoll{3'600'000};  // poll takes an int of milliseconds
            const short events = writing ? POLLIN | POLLOUT : POLLIN;
            std::array<pollfd, 2> waiting{{{stop_.fd(), POLLIN, 0}, {socket.get(), events, 0}}};
            ::poll(waiting.data(), waiting.size(), static_cast<int>(std::min(left(), kLongestPoll).count()));
            if (waiting[0].revents != 0) {
                throw Interrupted{};
            }
            if (waiting[1].revents != 0) {
                return waiting[1].revents;
            }
        }
    }

    void pause() const {
        constexpr milliseconds kPause{10};
        if (stop_.waitFor(std::min(left(), kPause))) {
            throw Interrupted{};
        }
    }

private:
    [[nodiscard]] milliseconds left() const {
        const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - Clock::now());
        if (left.count() <= 0) {
            throw Error("no answer within " + std::to_string(timeout_.count()) + " ms", hint_);
        }
        return left;
    }

    const Stop& stop_;
    milliseconds timeout_;
    Clock::time_point deadline_;
    std::string hint_;
};

std::string hintFor(int error) {
    if (error == ENOENT || error == ECONNREFUSED) {
        return "check that the Docker engine runs";
    }
    return error == EACCES ? "run as root, or as a member of the group docker" : "";
}

Descriptor connectTo(const std::string& path, const Waiting& waiting) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path)) {
        throw Error("the path is too long for a socket");
    }
    path.copy(address.sun_path, path.size());
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket.valid()) {
        throw Error(std::string("cannot create a socket: ") + std::strerror(errno));
    }
    while (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        if (errno != EAGAIN) {
            const int error = errno;
            throw Error(std::string("cannot connect: ") + std::strerror(error), hintFor(error));
        }
        waiting.pause();  // its queue is full, and poll does not tell when there is room
    }
    return socket;
}

/// An answer on its way in.
class Answer {
public:
    Answer(const HttpRequest& request, std::string hint)
        : maxBytes_(request.maxBytes), hint_(std::move(hint)) {
        parser_.header_limit(kMaxHeader);
        parser_.body_limit(request.maxBytes);
        parser_.skip(request.method == "HEAD");
    }

    [[nodiscard]] bool done() const { return parser_.is_done(); }

    /// Where the next bytes are to be put. The parser counts its limit anew with every field, we do not.
    [[nodiscard]] std::span<char> room() {
        const std::size_t left = kMaxHeader - (parser_.is_header_done() ? size_ : header_);
        if (left == 0) {
            check(http::error::header_limit);  // or that of a chunk, or the trailer
        }
        return std::span(buffer_).subspan(size_, left);
    }

    /// `n` bytes were put there.
    void take(std::size_t n) {
        header_ += parser_.is_header_done() ? 0 : n;
        size_ += n;
        std::size_t used = 0;
        // One element at a time: when it is eager, Boost 1.74 forgets the body's limit if the header and a
        // part of the body come together. And "0", CR, LF, CR as all of a chunked body fail an assertion, up
        // to 1.83 at least; what is missing of a chunked body is never shorter than five bytes.
        constexpr std::size_t kLastChunk = 5;
        while (!done() && size_ - used >= (inChunks() ? kLastChunk : 1)) {
            boost::beast::error_code error;
            used += parser_.put(boost::asio::const_buffer(buffer_.data() + used, size_ - used), error);
            if (error == http::error::need_more) {
                break;
            }
            check(error);
        }
        size_ -= used;
        std::memmove(buffer_.data(), buffer_.data() + used, size_);
    }

    /// The peer says no more.
    void end() {
        boost::beast::error_code error = http::error::partial_message;
        if (parser_.got_some()) {
            parser_.put_eof(error);
        }
        check(error);
    }

    [[nodiscard]] HttpResponse release() {
        return {static_cast<int>(parser_.get().result_int()), std::move(parser_.get().body())};
    }

private:
    [[nodiscard]] bool inChunks() const { return parser_.is_header_done() && parser_.chunked(); }

    void check(const boost::beast::error_code& error) const {
        if (error == http::error::body_limit) {
            throw Error("the answer is larger than " + std::to_string(maxBytes_) + " bytes");
        }
        if (error == http::error::header_limit) {
            throw Error("a header of the answer is larger than " + std::to_string(kMaxHeader) + " bytes",
                        hint_);
        }
        if (error == http::error::partial_message) {
            throw Error("the connection was closed before the end of the answer", hint_);
        }
        if (error) {
            throw Error("the answer is not HTTP: " + error.message(), hint_);
        }
    }

    std::size_t maxBytes_;
    std::string hint_;
    http::response_parser<http::string_body> parser_;
    std::size_t header_ = 0;  ///< bytes that came before the header's end
    std::size_t size_ = 0;    ///< bytes in the buffer
    std::array<char, kMaxHeader> buffer_{};
};

void write(const Descriptor& socket, std::string_view& unsent) {
    const ssize_t n = ::send(socket.get(), unsent.data(), unsent.size(), MSG_NOSIGNAL);
    if (n > 0) {
        unsent.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno != EAGAIN && errno != EINTR) {
        unsent = {};  // it reads no further, and may have said why
    }
}

void read(const Descriptor& socket, Answer& answer, const std::string& hint) {
    const auto room = answer.room();
    const ssize_t n = ::recv(socket.get(), room.data(), room.size(), 0);
    if (n > 0) {
        answer.take(static_cast<std::size_t>(n));
    } else if (n == 0) {
        answer.end();
    } else if (errno != EAGAIN && errno != EINTR) {
        throw Error(std::string("the connection broke: ") + std::strerror(errno), hint);
    }
}

HttpResponse exchangeWithin(const Waiting& waiting, const Descriptor& socket, const HttpRequest& request,
                            std::string_view unsent, const std::string& hint) {
    Answer answer(request, hint);
    while (!answer.done()) {
        const int ready = waiting.ready(socket, !unsent.empty());
        if ((ready & POLLOUT) != 0) {
            write(socket, unsent);
        }
        if ((ready & ~POLLOUT) != 0) {
            read(socket, answer, hint);
        }
    }
    return answer.release();
}

}  // namespace

HttpResponse exchange(const Descriptor& connection, const HttpRequest& request, const HttpPeer& peer,
                      const Stop& stop) {
    const std::string text = textOf(request, peer);
    const Waiting waiting(stop, request.timeout, peer.hint);
    return exchangeWithin(waiting, connection, request, text, peer.hint);
}

HttpResponse UnixHttp::send(const HttpRequest& request) {
    stop_.check();
    const std::string text = textOf(request, {"docker", {}, kSeeLog});
    try {
        const Waiting waiting(stop_, request.timeout, kSeeLog);
        return exchangeWithin(waiting, connectTo(socketPath_, waiting), request, text, kSeeLog);
    } catch (const Error& error) {
        throw Error(request.method + " " + request.url + " on " + socketPath_ + ": " + error.what(),
                    error.hint());
    }
}

}  // namespace vigie::system
