// Parses the target of a request: path and query.

#include "controller/server/target.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace vigie::controller {
namespace {

int hexDigit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::optional<std::string> decode(std::string_view text, bool inQuery) {
    constexpr std::size_t kEscape = 3;
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += inQuery && text[i] == '+' ? ' ' : text[i];
            continue;
        }
        const int high = i + kEscape <= text.size() ? hexDigit(text[i + 1]) : -1;
        const int low = high >= 0 ? hexDigit(text[i + 2]) : -1;
        const auto byte = static_cast<char>(static_cast<unsigned char>(high * 16 + low));
        if (low < 0 || (!inQuery && byte == '/')) {
            return std::nullopt;
        }
        out += byte;
        i += 2;
    }
    const auto isControl = [](unsigned char c) { return c < ' ' || c == 0x7f; };
    if (findNonText(out) != std::string_view::npos ||
        (!inQuery && std::any_of(out.begin(), out.end(), isControl))) {
        return std::nullopt;
    }
    return out;
}

bool climbs(std::string_view path) {
    const auto parts = split(path, '/');
    return std::any_of(parts.begin(), parts.end(),
                       [](std::string_view part) { return part == "." || part == ".."; });
}

}  // namespace

std::optional<RequestTarget> parseTarget(std::string_view text) {
    if (text == "*") {
        return RequestTarget{"*", {}};
    }
    const auto question = text.find('?');
    auto path = decode(text.substr(0, question), false);
    if (!path || path->empty() || path->front() != '/' || climbs(*path) ||
        text.find('#') != std::string_view::npos) {
        return std::nullopt;
    }
    RequestTarget out{std::move(*path), {}};
    if (question == std::string_view::npos || question + 1 == text.size()) {
        return out;
    }
    for (const auto part : split(text.substr(question + 1), '&')) {
        const auto equals = part.find('=');
        auto name = decode(part.substr(0, equals), true);
        auto value = decode(equals == std::string_view::npos ? "" : part.substr(equals + 1), true);
        if (!name || !value || name->empty() ||
            !out.query.emplace(std::move(*name), std::move(*value)).second) {
            return std::nullopt;
        }
    }
    return out;
}

}  // namespace vigie::controller
