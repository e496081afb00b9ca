// One connection: reads requests, calls the handler, writes responses.
#pragma once

#include "controller/server.hpp"
#include "controller/server/body.hpp"
#include "controller/server/checks.hpp"
#include "controller/server/head.hpp"
#include "controller/server/transport.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace vigie::controller {

class Session;

/// What all sessions of a server share. Outlives them.
struct SessionHost {
    std::shared_ptr<boost::asio::io_context> io;
    const ServerSettings& settings;
    const Limits& limits;
    const HttpHandler& handler;
    Log& log;
    std::string_view token;  ///< empty: nobody has it
    std::function<void(const std::shared_ptr<Session>&)> closed;
};

/// One connection: reads a request, has it answered, writes the answer, and begins again. One request at a
/// time; what the client sends early waits. At every moment exactly one deadline runs. Everything happens on
/// the I/O thread.
class Session : public std::enable_shared_from_this<Session> {
public:
    using Clock = std::chrono::steady_clock;

    Session(const SessionHost& host, std::unique_ptr<Transport> transport, Way way, std::size_t listener);

    void start();
    void close();
    /// Ends as soon as no answer is under way.
    void finish();

    [[nodiscard]] std::size_t listener() const { return listener_; }
    /// Whether it may be closed in favour of a newcomer: nobody works on an answer for it.
    [[nodiscard]] bool waits() const { return phase_ != Phase::answering && phase_ != Phase::writing; }
    [[nodiscard]] Clock::time_point since() const { return since_; }

private:
    enum class Phase { handshake, head, body, answering, writing, lingering, closed };
    class Replier;

    void nextRequest();
    void readMore();
    void advance();
    void advanceHead();
    void advanceBody();
    void takeHead(std::string_view bytes);
    void sendContinue();
    void dispatch();
    void watchClient();
    void answer(std::uint64_t request, HttpResponse response);
    void respond(HttpResponse response, bool keepAlive);
    void written();
    void linger();
    void drain();
    void tooLate();

    void armUntil(Clock::time_point deadline);
    void arm(std::chrono::milliseconds time) { armUntil(Clock::now() + time); }
    /// Wraps a member so that it does nothing once the session is closed.
    template <class F>
    Transport::Done then(F f);

    const SessionHost& host_;
    std::unique_ptr<Transport> transport_;
    Way way_;
    std::size_t listener_;
    boost::asio::steady_timer timer_;
    Phase phase_ = Phase::handshake;
    Clock::time_point since_;  ///< last answer, or the connection
    bool finishing_ = false;

    std::array<char, 4096> chunk_{};
    std::string in_;  ///< read and not used yet
    std::size_t requests_ = 0;

    HeadScanner scanner_;
    bool forgave_ = false;     ///< an empty line before the request
    Clock::time_point began_;  ///< first byte of the request
    Head head_;
    std::optional<BodyReader> body_;

    std::uint64_t request_ = 0;  ///< counts, so that a late reply answers nothing else
    Clock::time_point asked_;
    Clock::time_point answerDeadline_;
    std::string method_;
    int status_ = 0;
    bool keepAlive_ = false;
    std::string outHead_;
    Body outBody_;
    std::size_t drained_ = 0;
};

}  // namespace vigie::controller
