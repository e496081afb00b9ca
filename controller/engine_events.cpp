// Follows the event stream of the Docker engine.

#include "controller/engine_events.hpp"

#include "base/error.hpp"
#include "base/parse_json.hpp"
#include "base/text.hpp"

#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

namespace vigie::controller {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestHeader = 16384;
constexpr std::size_t kLongestLine = 1U << 20U;
constexpr const char* kNoEngine = "is the Docker engine running?";

std::string member(const json& object, const char* key) {
    const auto it = object.find(key);
    return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

std::optional<EngineEvent> eventIn(const std::string& line) {
    const auto parsed = parseJson(line);
    if (!parsed.is_object() || member(parsed, "Type") != "container") {
        return std::nullopt;
    }
    EngineEvent out{member(parsed, "Action"), "", ""};
    const auto actor = parsed.find("Actor");
    if (actor != parsed.end() && actor->is_object()) {
        const auto attributes = actor->find("Attributes");
        if (attributes != actor->end() && attributes->is_object()) {
            out.project = member(*attributes, "com.docker.compose.project");
            out.service = member(*attributes, "com.docker.compose.service");
        }
    }
    return out;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

}  // namespace

// {"type":["container"],"event":["start","die","oom","destroy","health_status"]}, percent-encoded.
const std::string_view kEventsRequest =
    "GET /events?filters=%7B%22type%22%3A%5B%22container%22%5D%2C%22event%22%3A%5B%22start%22%2C%22die%22"
    "%2C%22oom%22%2C%22destroy%22%2C%22health_status%22%5D%7D HTTP/1.1\r\nHost: docker\r\n\r\n";

/// `pending_` holds the whole header.
void EngineEventParser::readHeader() {
    const auto lines = splitLines(pending_);
    const std::string_view status = lines.empty() ? std::string_view() : lines.front();
    if (status.substr(0, 9) != "HTTP/1.1 " && status.substr(0, 9) != "HTTP/1.0 ") {
        throw Error("the engine's answer is no HTTP");
    }
    if (status.substr(9, 3) != "200") {
        throw Error("the engine does not tell its events: " + printable(status));
    }
    const bool chunked = std::any_of(lines.begin(), lines.end(), [](std::string_view line) {
        const std::string text = lower(std::string(line));
        return text.rfind("transfer-encoding:", 0) == 0 && text.find("chunked") != std::string::npos;
    });
    state_ = chunked ? State::size : State::plain;
    pending_.clear();
}

void EngineEventParser::take(std::string_view body, std::vector<EngineEvent>& out) {
    for (const char c : body) {
        if (c != '\n') {
            if (line_.size() == kLongestLine) {
                throw Error("an event of the engine is too long");
            }
            line_ += c;
            continue;
        }
        if (auto event = eventIn(line_)) {
            out.push_back(std::move(*event));
        }
        line_.clear();
    }
}

std::vector<EngineEvent> EngineEventParser::feed(std::string_view bytes) {
    std::vector<EngineEvent> out;
    while (!bytes.empty()) {
        if (state_ == State::plain) {
            take(bytes, out);
            break;
        }
        if (state_ == State::data) {
            const auto part = bytes.substr(0, left_);
            take(part, out);
            bytes.remove_prefix(part.size());
            left_ -= part.size();
            state_ = left_ == 0 ? State::dataEnd : State::data;
            continue;
        }
        if (pending_.size() == kLongestHeader) {
            throw Error("a header of the engine's answer is too long");
        }
        pending_ += bytes.front();
        bytes.remove_prefix(1);
        const auto endsWith = [this](std::string_view end) {
            return pending_.size() >= end.size() &&
                   std::string_view(pending_).substr(pending_.size() - end.size()) == end;
        };
        if (state_ == State::header && endsWith("\r\n\r\n")) {
            readHeader();
        } else if (state_ == State::size && endsWith("\r\n")) {
            const auto result =
                std::from_chars(pending_.data(), pending_.data() + pending_.size(), left_, 16);
            const bool clean = result.ec == std::errc() && (*result.ptr == '\r' || *result.ptr == ';');
            if (!clean || left_ == 0) {
                throw Error(clean ? "the engine ended its events" : "the engine's answer is no HTTP");
            }
            pending_.clear();
            state_ = State::data;
        } else if (state_ == State::dataEnd && endsWith("\r\n")) {
            pending_.clear();
            state_ = State::size;
        }
    }
    return out;
}

EngineStream::EngineStream(const std::string& socketPath)
    : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (!socket_.valid() || socketPath.size() >= sizeof(address.sun_path)) {
        throw Error("cannot make a socket for " + socketPath);
    }
    socketPath.copy(address.sun_path, socketPath.size());
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        throw Error("cannot connect to " + socketPath + ": " + std::strerror(errno), kNoEngine);
    }
    const ssize_t sent = ::send(socket_.get(), kEventsRequest.data(), kEventsRequest.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(kEventsRequest.size())) {
        throw Error("cannot ask " + socketPath + " for its events", kNoEngine);
    }
}

std::vector<EngineEvent> EngineStream::read() {
    std::vector<EngineEvent> out;
    std::array<char, 16384> buffer{};
    while (true) {
        const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (size > 0) {
            auto events = parser_.feed({buffer.data(), static_cast<std::size_t>(size)});
            out.insert(out.end(), events.begin(), events.end());
        } else if (size < 0 && errno == EINTR) {
            continue;
        } else if (size < 0 && errno == EAGAIN) {
            return out;
        } else {
            throw Error("the engine ended its events", kNoEngine);
        }
    }
}

}  // namespace vigie::controller
