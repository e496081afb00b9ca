// Reads a request's body, plain or in chunks, within a limit.

#include "controller/server/body.hpp"

#include <algorithm>
#include <charconv>

namespace vigie::controller {
namespace {

constexpr std::size_t kLongestLine = 256;  ///< a size with its extension, or a trailer's field
constexpr std::size_t kMostFraming = 65536;

}  // namespace

BodyReader BodyReader::plain(std::uint64_t length, std::size_t limit) {
    BodyReader out(Part::plain, length, limit);
    if (length > limit) {
        out.state_ = State::tooLarge;
    } else if (length == 0) {
        out.state_ = State::done;
    }
    return out;
}

BodyReader BodyReader::chunked(std::size_t limit) {
    return {Part::size, 0, limit};
}

BodyReader::State BodyReader::take(std::string_view& bytes) {
    while (state_ == State::more && !bytes.empty()) {
        if (part_ == Part::plain || part_ == Part::data) {
            takeData(bytes);
        } else {
            takeLine(bytes);
        }
    }
    return state_;
}

void BodyReader::takeData(std::string_view& bytes) {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    body += bytes.substr(0, n);
    bytes.remove_prefix(n);
    left_ -= n;
    if (left_ == 0 && part_ == Part::plain) {
        state_ = State::done;
    } else if (left_ == 0) {
        part_ = Part::dataEnd;
    }
}

void BodyReader::takeLine(std::string_view& bytes) {
    const char c = bytes.front();
    bytes.remove_prefix(1);
    const bool afterReturn = !line_.empty() && line_.back() == '\r';
    const auto byte = static_cast<unsigned char>(c);
    if (++framing_ > kMostFraming || line_.size() > kLongestLine || (c == '\n') != afterReturn ||
        (byte < ' ' && c != '\n' && c != '\r' && c != '\t') || byte == 0x7f) {
        state_ = State::malformed;
        return;
    }
    if (c != '\n') {
        line_ += c;
        return;
    }
    line_.pop_back();
    endOfLine();
    line_.clear();
}

void BodyReader::endOfLine() {
    if (part_ == Part::size) {
        chunkSize();
    } else if (part_ == Part::dataEnd) {
        part_ = Part::size;
        if (!line_.empty()) {
            state_ = State::malformed;
        }
    } else if (line_.empty()) {
        state_ = State::done;
    }
}

void BodyReader::chunkSize() {
    const std::string digits = line_.substr(0, line_.find(';'));
    constexpr std::size_t kMostDigits = 15;  // fit into 64 bits
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), left_, 16);
    if (digits.empty() || digits.front() == '-' || error != std::errc{} ||
        end != digits.data() + digits.size() || digits.size() > kMostDigits) {
        state_ = State::malformed;
    } else if (left_ > limit_ - body.size()) {
        state_ = State::tooLarge;
    } else {
        part_ = left_ == 0 ? Part::trailer : Part::data;
    }
}

}  // namespace vigie::controller
