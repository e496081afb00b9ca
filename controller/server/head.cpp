// Finds and parses the head of a request.

#include "controller/server/head.hpp"

#include "base/redact.hpp"
#include "base/secure.hpp"
#include "base/text.hpp"
#include "controller/router.hpp"
#include "controller/server/target.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

namespace vigie::controller {
namespace {

namespace http = boost::beast::http;

/// Beast's, in memory that is wiped: there may be a token in a header.
using Fields = http::basic_fields<WipingAllocator<char>>;

HttpResponse bad(std::string_view error, std::string_view hint = {}) {
    return errorResponse(400, error, hint);
}

/// Fields that mean something else, or nothing, when they come twice.
bool isSingle(std::string_view name) {
    static constexpr std::array<std::string_view, 7> kSingle = {
        "authorization", "content-length", "content-type", "expect", "host", "origin", "transfer-encoding"};
    return std::find(kSingle.begin(), kSingle.end(), name) != kSingle.end();
}

bool isAuthority(std::string_view text) {
    const auto fits = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view(".-_:[]").find(c) != std::string_view::npos;
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

std::string_view fieldOf(const HttpRequest& request, const char* name) {
    const auto found = request.headers.find(name);
    return found == request.headers.end() ? std::string_view{} : std::string_view(found->second);
}

bool hasToken(std::string_view list, std::string_view token) {
    const auto parts = split(list, ',');
    return std::any_of(parts.begin(), parts.end(),
                       [&](std::string_view part) { return lowerCase(trim(part)) == token; });
}

std::optional<HttpResponse> takeFields(const http::request_header<Fields>& from, const Limits& limits,
                                       HttpRequest& to) {
    std::size_t fields = 0;
    for (const auto& field : from) {
        if (++fields > limits.headerFields) {
            return errorResponse(431, "the request has too many header fields");
        }
        const std::string name =
            lowerCase(std::string_view(field.name_string().data(), field.name_string().size()));
        std::string value(field.value().data(), field.value().size());
        const auto known = to.headers.find(name);
        const bool isNew = known == to.headers.end();
        if (isNew) {
            to.headers.emplace(name, std::move(value));
        }
        if (!isNew && isSingle(name)) {
            return bad("the header field " + name + " comes twice");
        }
        if (!isNew) {
            known->second += ", " + value;
        }
    }
    return std::nullopt;
}

/// Who is asked, and for what.
std::optional<HttpResponse> takeTarget(std::string_view text, bool http11, HttpRequest& to) {
    const auto host = to.headers.find("host");
    if (host == to.headers.end() ? http11 : !isAuthority(host->second)) {
        return bad("the request needs one Host");
    }
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (lowerCase(text.substr(0, scheme.size())) == scheme) {
            const auto end = std::min(text.find_first_of("/?", scheme.size()), text.size());
            if (host == to.headers.end() ||
                lowerCase(text.substr(scheme.size(), end - scheme.size())) != lowerCase(host->second)) {
                return bad("the target and Host name different hosts");
            }
            text.remove_prefix(end);
            break;
        }
    }
    auto target = parseTarget(text.empty() ? "/" : text);
    if (!target || (target->path == "*" && to.method != "OPTIONS")) {
        return bad("the request's target is malformed", "write a path without `.`, `..` and encoded slashes");
    }
    to.path = std::move(target->path);
    to.query = std::move(target->query);
    return std::nullopt;
}

/// How long the body is. Two ways to say it, or one way twice, is how requests are smuggled past proxies.
std::optional<HttpResponse> takeFraming(bool http11, Head& to) {
    const auto& headers = to.request.headers;
    const auto encoding = headers.find("transfer-encoding");
    const auto length = headers.find("content-length");
    if (encoding != headers.end()) {
        if (length != headers.end() || !http11) {
            return bad("Transfer-Encoding does not go with Content-Length or HTTP/1.0");
        }
        if (lowerCase(encoding->second) != "chunked") {
            return errorResponse(501, "the only transfer coding known here is chunked");
        }
        to.chunked = true;
    } else if (length != headers.end()) {
        const std::string& text = length->second;
        constexpr std::size_t kLongest = 18;  // digits that fit into 64 bits
        const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
        if (text.empty() || text.size() > kLongest || !std::all_of(text.begin(), text.end(), isDigit)) {
            return bad("Content-Length is no number of bytes");
        }
        std::from_chars(text.data(), text.data() + text.size(), to.length);
    }
    return std::nullopt;
}

}  // namespace

HeadScanner::State HeadScanner::scan(std::string_view bytes) {
    for (; at_ < bytes.size(); ++at_) {
        const auto c = static_cast<unsigned char>(bytes[at_]);
        const bool startsLine = at_ == lineStart_;
        const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (c == '\n') {
            if (at_ == 0 || bytes[at_ - 1] != '\r') {
                return State::malformed;
            }
            if (at_ == lineStart_ + 1) {
                ++at_;
                return State::complete;
            }
            lineStart_ = at_ + 1;
        } else if ((at_ > 0 && bytes[at_ - 1] == '\r') || (c < ' ' && c != '\t' && c != '\r') || c == 0x7f ||
                   (startsLine && (c == ' ' || c == '\t')) || (at_ == 0 && !letter)) {
            return State::malformed;  // a bare CR, a control character, a folded line, no method
        }
    }
    return State::more;
}

std::variant<Head, HttpResponse> parseHead(std::string_view bytes, const Limits& limits) {
    const auto line = bytes.substr(0, bytes.find('\r'));
    const auto target = split(line, ' ');
    if (target.size() == 3 && target[1].size() > limits.targetBytes) {
        return errorResponse(414, "the request's target is too long");
    }
    http::request_parser<http::empty_body, WipingAllocator<char>> parser;
    parser.header_limit(static_cast<std::uint32_t>(std::max(limits.headerBytes, bytes.size()) + 1));
    parser.skip(true);  // the body is BodyReader's
    boost::beast::error_code error;
    parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
    if (error == http::error::bad_version) {
        return errorResponse(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
    }
    if (error || !parser.is_header_done()) {
        return bad("the request is no HTTP");
    }
    const auto& message = parser.get();
    const bool http11 = message.version() == 11;
    Head out;
    out.request.method = std::string(message.method_string().data(), message.method_string().size());
    if (auto refused = takeFields(message, limits, out.request)) {
        return *refused;
    }
    if (auto refused = takeTarget({message.target().data(), message.target().size()}, http11, out.request)) {
        return *refused;
    }
    if (auto refused = takeFraming(http11, out)) {
        return *refused;
    }
    const auto connection = fieldOf(out.request, "connection");
    out.keepAlive = !hasToken(connection, "close") && (http11 || hasToken(connection, "keep-alive"));
    const std::string expect = lowerCase(fieldOf(out.request, "expect"));
    if (!expect.empty() && expect != "100-continue") {
        return errorResponse(417, "the only expectation known here is 100-continue");
    }
    out.expectsContinue = http11 && !expect.empty();
    return out;
}

}  // namespace vigie::controller
