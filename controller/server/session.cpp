// One connection: reads requests, calls the handler, writes responses.

#include "controller/server/session.hpp"

#include "base/secure.hpp"
#include "controller/router.hpp"
#include "controller/server/answer.hpp"
#include "controller/shared_secret.hpp"

#include <boost/asio/post.hpp>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <ctime>
#include <stdexcept>
#include <utility>

namespace vigie::controller {
namespace {

namespace asio = boost::asio;

/// Methods as a metric's label: whatever a client makes up is one of them.
std::string knownMethod(const std::string& method) {
    static constexpr std::array<std::string_view, 7> kKnown = {"GET", "HEAD",  "OPTIONS", "POST",
                                                               "PUT", "PATCH", "DELETE"};
    return std::find(kKnown.begin(), kKnown.end(), method) == kKnown.end() ? "other" : method;
}

}  // namespace

/// What the handler holds. Replies once, from any thread; when it is dropped without a reply, that is one
/// too.
class Session::Replier {
public:
    Replier(std::shared_ptr<asio::io_context> io, std::weak_ptr<Session> session, std::uint64_t request)
        : io_(std::move(io)), session_(std::move(session)), request_(request) {}
    Replier(const Replier&) = delete;
    Replier& operator=(const Replier&) = delete;
    Replier(Replier&&) = delete;
    Replier& operator=(Replier&&) = delete;
    ~Replier() {
        try {
            send(errorResponse(500, "nobody answered"));
        } catch (...) {  // NOLINT(bugprone-empty-catch): no memory; the deadline ends it
        }
    }

    void send(HttpResponse response) {
        if (done_.exchange(true)) {
            return;
        }
        asio::post(*io_, [session = session_, request = request_, response = std::move(response)]() mutable {
            if (const auto alive = session.lock()) {
                alive->answer(request, std::move(response));
            }
        });
    }

private:
    std::shared_ptr<asio::io_context> io_;
    std::weak_ptr<Session> session_;
    std::uint64_t request_;
    std::atomic<bool> done_ = false;
};

Session::Session(const SessionHost& host, std::unique_ptr<Transport> transport, Way way, std::size_t listener)
    : host_(host),
      transport_(std::move(transport)),
      way_(std::move(way)),
      listener_(listener),
      timer_(*host.io),
      since_(Clock::now()) {}

template <class F>
Transport::Done Session::then(F f) {
    return [self = shared_from_this(), f = std::move(f)](const Transport::Error& error, std::size_t size) {
        if (self->phase_ != Phase::closed) {
            f(*self, error, size);
        }
    };
}

void Session::armUntil(Clock::time_point deadline) {
    timer_.expires_at(deadline);
    timer_.async_wait([weak = weak_from_this()](const Transport::Error& error) {
        const auto self = weak.lock();
        // A timer that was moved after it had expired still calls.
        if (!error && self && self->phase_ != Phase::closed && self->timer_.expiry() <= Clock::now()) {
            self->tooLate();
        }
    });
}

void Session::start() {
    arm(host_.limits.handshake);
    transport_->handshake(then([](Session& self, const Transport::Error& error, std::size_t /*size*/) {
        if (error) {
            return self.close();
        }
        self.nextRequest();
        self.arm(self.host_.limits.header);
    }));
}

void Session::close() {
    if (phase_ == Phase::closed) {
        return;
    }
    phase_ = Phase::closed;
    timer_.cancel();
    Transport::Error ignored;
    transport_->socket().close(ignored);
    host_.closed(shared_from_this());
}

void Session::finish() {
    finishing_ = true;
    if (phase_ == Phase::handshake || phase_ == Phase::head || phase_ == Phase::body) {
        close();
    }
}

void Session::nextRequest() {
    phase_ = Phase::head;
    scanner_ = {};
    head_ = {};
    body_.reset();
    forgave_ = false;
    method_ = "other";
    since_ = began_ = Clock::now();
    if (in_.empty()) {
        arm(host_.limits.idle);
        return readMore();
    }
    arm(host_.limits.header);
    asio::post(*host_.io, [self = shared_from_this()] {  // not by recursion: many may have been sent at once
        if (self->phase_ != Phase::closed) {
            self->advance();
        }
    });
}

void Session::readMore() {
    transport_->read(asio::buffer(chunk_),
                     then([](Session& self, const Transport::Error& error, std::size_t size) {
                         if (error) {
                             return self.close();
                         }
                         if (self.phase_ == Phase::head && self.in_.empty()) {
                             self.began_ = Clock::now();
                             self.arm(self.host_.limits.header);
                         }
                         self.in_.append(self.chunk_.data(), size);
                         wipe(self.chunk_.data(), size);
                         self.advance();
                     }));
}

void Session::advance() {
    if (phase_ == Phase::head) {
        advanceHead();
    } else if (phase_ == Phase::body) {
        advanceBody();
    }
}

void Session::advanceHead() {
    // One empty line before a request is forgiven: RFC 9112, section 2.2.
    if (in_ == "\r" && !forgave_) {
        return readMore();
    }
    if (in_.compare(0, 2, "\r\n") == 0 && !forgave_) {
        in_.erase(0, 2);
        forgave_ = true;
        if (in_.empty()) {
            return readMore();
        }
    }
    const auto found = scanner_.scan(in_);
    if (found == HeadScanner::State::malformed) {
        return respond(errorResponse(400, "the request is no HTTP"), false);
    }
    const bool complete = found == HeadScanner::State::complete;
    if ((complete ? scanner_.size() : in_.size()) > host_.limits.headerBytes) {
        return respond(errorResponse(431, "the request's header is too large"), false);
    }
    if (!complete) {
        return readMore();
    }
    const auto bytes = secureBytes(std::string_view(in_).substr(0, scanner_.size()));
    wipe(in_.data(), scanner_.size());  // there may be a token in it
    in_.erase(0, scanner_.size());
    takeHead(view(bytes));
}

void Session::takeHead(std::string_view bytes) {
    auto parsed = parseHead(bytes, host_.limits);
    if (auto* refusal = std::get_if<HttpResponse>(&parsed)) {
        return respond(std::move(*refusal), false);
    }
    head_ = std::get<Head>(std::move(parsed));
    auto& request = head_.request;
    method_ = knownMethod(request.method);
    request.local = way_.local;
    const auto authorization = request.headers.find("authorization");
    if (authorization != request.headers.end()) {
        request.mayChange = bears(authorization->second, host_.token);
        wipe(authorization->second.data(), authorization->second.size());
        request.headers.erase(authorization);  // nobody behind us needs it
    }
    request.mayChange = request.mayChange || request.local;
    if (auto refusal = refusalOf(request, way_, host_.settings.names)) {
        // Its body is not worth reading, and without that there is no next request.
        return respond(std::move(*refusal), head_.keepAlive && !head_.hasBody());
    }
    const std::size_t limit = isHook(request) ? host_.limits.hookBodyBytes : host_.limits.bodyBytes;
    body_.emplace(head_.chunked ? BodyReader::chunked(limit) : BodyReader::plain(head_.length, limit));
    phase_ = Phase::body;
    armUntil(began_ + host_.limits.request);
    advanceBody();
}

void Session::advanceBody() {
    std::string_view rest = in_;
    const auto state = body_->take(rest);
    in_.erase(0, in_.size() - rest.size());
    switch (state) {
        case BodyReader::State::malformed:
            return respond(errorResponse(400, "the body's chunks are malformed"), false);
        case BodyReader::State::tooLarge:
            return respond(errorResponse(413, "the body is too large"), false);
        case BodyReader::State::done:
            head_.request.body = std::move(body_->body);
            return dispatch();
        case BodyReader::State::more:
            break;
    }
    if (std::exchange(head_.expectsContinue, false)) {
        return sendContinue();
    }
    readMore();
}

void Session::sendContinue() {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    transport_->write({asio::buffer(kContinue.data(), kContinue.size()), asio::const_buffer()},
                      then([](Session& self, const Transport::Error& error, std::size_t /*size*/) {
                          if (error) {
                              return self.close();
                          }
                          self.readMore();
                      }));
}

void Session::dispatch() {
    phase_ = Phase::answering;
    asked_ = Clock::now();
    answerDeadline_ = asked_ + host_.limits.answer;
    keepAlive_ = head_.keepAlive;
    watchClient();
    const auto replier = std::make_shared<Replier>(host_.io, weak_from_this(), ++request_);
    try {
        host_.handler(std::move(head_.request),
                      [replier](HttpResponse response) { replier->send(std::move(response)); });
    } catch (const std::exception& error) {
        host_.log.error(std::string("a request could not be answered: ") + error.what());
        replier->send(errorResponse(500, "the request could not be answered", "see the controller's log"));
    }
}

/// A client that has gone is noticed within a second although nothing is read.
void Session::watchClient() {
    constexpr std::chrono::seconds kBetweenLooks{1};
    armUntil(std::min(answerDeadline_, Clock::now() + kBetweenLooks));
}

void Session::answer(std::uint64_t request, HttpResponse response) {
    if (phase_ == Phase::answering && request == request_) {
        respond(std::move(response), keepAlive_);
    }
}

void Session::respond(HttpResponse response, bool keepAlive) {
    if (phase_ != Phase::answering) {
        asked_ = Clock::now();
    }
    phase_ = Phase::writing;
    keepAlive_ = keepAlive && !finishing_ && ++requests_ < host_.limits.requestsPerConnection;
    try {
        outHead_ = answerHead(response, keepAlive_, std::time(nullptr));
    } catch (const std::logic_error& error) {
        host_.log.error(std::string("a request could not be answered: ") + error.what());
        response = errorResponse(500, "the request could not be answered", "see the controller's log");
        outHead_ = answerHead(response, keepAlive_, std::time(nullptr));
    }
    status_ = response.status;
    const bool isHead = method_ == "HEAD";
    outBody_ = hasAnswerBody(status_, isHead ? "HEAD" : "GET") ? std::move(response.body) : Body();
    arm(host_.limits.write);
    transport_->write({asio::buffer(outHead_), asio::buffer(outBody_.text())},
                      then([](Session& self, const Transport::Error& error, std::size_t /*size*/) {
                          if (error) {
                              return self.close();
                          }
                          self.written();
                      }));
}

void Session::written() {
    if (host_.settings.observe) {
        const std::chrono::duration<double> took = Clock::now() - asked_;
        host_.settings.observe({method_, status_, took.count(), way_.local});
    }
    outHead_ = {};
    outBody_ = {};
    if (keepAlive_ && !finishing_) {
        nextRequest();
    } else {
        linger();
    }
}

/// A connection that is closed with bytes unread is reset, and the answer may be lost with it: RFC 9112,
/// section 9.6.
void Session::linger() {
    phase_ = Phase::lingering;
    arm(host_.limits.linger);
    transport_->end(then([](Session& self, const Transport::Error& /*error*/, std::size_t /*size*/) {
        Transport::Error ignored;
        self.transport_->socket().shutdown(asio::socket_base::shutdown_send, ignored);
        self.drain();
    }));
}

void Session::drain() {
    constexpr std::size_t kMost = 1U << 20U;
    transport_->socket().async_read_some(
        asio::buffer(chunk_), then([](Session& self, const Transport::Error& error, std::size_t size) {
            self.drained_ += size;
            if (error || self.drained_ > kMost) {
                return self.close();
            }
            self.drain();
        }));
}

void Session::tooLate() {
    if (phase_ == Phase::answering) {
        char byte = 0;
        const ssize_t n = ::recv(transport_->socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
            return close();
        }
        if (Clock::now() < answerDeadline_) {
            return watchClient();
        }
        return respond(errorResponse(504, "the answer took too long"), false);
    }
    if ((phase_ == Phase::head && !in_.empty()) || phase_ == Phase::body) {
        // A read is under way and stays so: it ends when the connection does, and must not begin a request.
        return respond(errorResponse(408, "the request took too long"), false);
    }
    close();
}

}  // namespace vigie::controller
