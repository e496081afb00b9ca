// Follows the event stream of the Docker engine.
#pragma once

#include "system/descriptor.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::controller {

/// Something happened to a container. Source: the Docker Engine API, `GET /events`.
struct EngineEvent {
    std::string action;   ///< start, die, oom, destroy, or `health_status: healthy`
    std::string project;  ///< of compose; empty for other containers
    std::string service;

    bool operator==(const EngineEvent&) const = default;
};

/// Reads the engine's answer to `kEventsRequest`, however it is cut into pieces. Pure.
class EngineEventParser {
public:
    /// Throws Error when it is no answer of the engine, or a line is too long; nothing more may be fed then.
    std::vector<EngineEvent> feed(std::string_view bytes);
    /// The engine has answered with 200.
    [[nodiscard]] bool established() const { return state_ != State::header; }

private:
    enum class State : std::uint8_t { header, size, data, dataEnd, plain };

    void readHeader();
    void take(std::string_view body, std::vector<EngineEvent>& out);

    State state_ = State::header;
    std::string pending_;   ///< of the header, or of a chunk's size
    std::size_t left_ = 0;  ///< bytes of the chunk
    std::string line_;
};

/// Asks for what becomes of containers, and nothing else.
extern const std::string_view kEventsRequest;

/// The engine's stream of events. Not thread-safe; never blocks.
class EngineStream {
public:
    /// Connects and asks. Throws Error.
    explicit EngineStream(const std::string& socketPath);

    [[nodiscard]] int fd() const { return socket_.get(); }
    /// What has come. Throws Error when the stream ended.
    std::vector<EngineEvent> read();
    [[nodiscard]] bool established() const { return parser_.established(); }

private:
    system::Descriptor socket_;
    EngineEventParser parser_;
};

}  // namespace vigie::controller
