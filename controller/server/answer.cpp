// Writes a response to a connection.

#include "controller/server/answer.hpp"

#include "base/redact.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <stdexcept>
#include <string_view>

namespace vigie::controller {
namespace {

using Header = std::pair<std::string, std::string>;

std::string_view reasonOf(int status) {
    struct Reason {
        int status;
        std::string_view text;
    };
    static constexpr std::array kReasons = {
        Reason{200, "OK"},
        Reason{201, "Created"},
        Reason{202, "Accepted"},
        Reason{204, "No Content"},
        Reason{304, "Not Modified"},
        Reason{400, "Bad Request"},
        Reason{401, "Unauthorized"},
        Reason{403, "Forbidden"},
        Reason{404, "Not Found"},
        Reason{405, "Method Not Allowed"},
        Reason{408, "Request Timeout"},
        Reason{409, "Conflict"},
        Reason{413, "Content Too Large"},
        Reason{414, "URI Too Long"},
        Reason{415, "Unsupported Media Type"},
        Reason{417, "Expectation Failed"},
        Reason{422, "Unprocessable Content"},
        Reason{429, "Too Many Requests"},
        Reason{431, "Request Header Fields Too Large"},
        Reason{500, "Internal Server Error"},
        Reason{501, "Not Implemented"},
        Reason{503, "Service Unavailable"},
        Reason{504, "Gateway Timeout"},
        Reason{505, "HTTP Version Not Supported"},
    };
    const auto* found = std::find_if(kReasons.begin(), kReasons.end(),
                                     [&](const Reason& reason) { return reason.status == status; });
    return found == kReasons.end() ? "Status" : found->text;
}

/// As in RFC 9110, section 5.6.7; not through strftime, which speaks the locale's language.
std::string httpDate(std::int64_t now) {
    static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t seconds = now;
    std::tm t{};
    ::gmtime_r(&seconds, &t);
    const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    constexpr int kEpoch = 1900;
    return std::string(kDays.at(static_cast<std::size_t>(t.tm_wday))) + ", " + two(t.tm_mday) + " " +
           kMonths.at(static_cast<std::size_t>(t.tm_mon)) + " " + std::to_string(t.tm_year + kEpoch) + " " +
           two(t.tm_hour) + ":" + two(t.tm_min) + ":" + two(t.tm_sec) + " GMT";
}

/// Nothing from elsewhere, nothing in a frame of somebody else, nothing guessed, nothing kept.
const std::vector<Header>& protection() {
    static const std::vector<Header> kProtection = {{"Content-Security-Policy",
                                                     "default-src 'self'; base-uri 'none'; form-action "
                                                     "'self'; frame-ancestors 'none'; object-src 'none'"},
                                                    {"X-Content-Type-Options", "nosniff"},
                                                    {"X-Frame-Options", "DENY"},
                                                    {"Referrer-Policy", "no-referrer"},
                                                    {"Cross-Origin-Resource-Policy", "same-origin"},
                                                    {"Cross-Origin-Opener-Policy", "same-origin"},
                                                    {"Cache-Control", "no-store"}};
    return kProtection;
}

void add(std::string& to, std::string_view name, std::string_view value) {
    const auto isControl = [](unsigned char c) { return c < ' ' || c == 0x7f; };
    if (name.empty() || std::any_of(name.begin(), name.end(), isControl) ||
        std::any_of(value.begin(), value.end(), isControl)) {
        throw std::logic_error("an answer's header with a control character in it");
    }
    to.append(name).append(": ").append(value).append("\r\n");
}

bool mayHaveBody(int status) {
    return status >= 200 && status != 204 && status != 304;
}

}  // namespace

bool hasAnswerBody(int status, const std::string& method) {
    return mayHaveBody(status) && method != "HEAD";
}

std::string answerHead(const HttpResponse& response, bool keepAlive, std::int64_t now) {
    std::string out = "HTTP/1.1 " + std::to_string(response.status) + " ";
    out.append(reasonOf(response.status)).append("\r\n");
    add(out, "Date", httpDate(now));
    for (const auto& [name, value] : response.headers) {
        add(out, name, value);
    }
    for (const auto& [name, value] : protection()) {
        const std::string& ours = name;
        const auto isSame = [&](const Header& header) { return lowerCase(header.first) == lowerCase(ours); };
        if (std::none_of(response.headers.begin(), response.headers.end(), isSame)) {
            add(out, name, value);
        }
    }
    if (mayHaveBody(response.status)) {
        add(out, "Content-Type", response.contentType);
        add(out, "Content-Length", std::to_string(response.body.text().size()));
    }
    add(out, "Connection", keepAlive ? "keep-alive" : "close");
    return out + "\r\n";
}

}  // namespace vigie::controller
