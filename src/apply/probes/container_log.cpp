// Reads the last lines that a container wrote.

#include "apply/probes/container_log.hpp"

#include "apply/http_api.hpp"
#include "base/error.hpp"
#include "base/parse_json.hpp"
#include "base/redact.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace vigie::apply {
namespace {

constexpr int kOk = 200;
constexpr std::chrono::milliseconds kPatience{2'000};  // of each question
constexpr std::size_t kMostBytes = 1U << 20U;

unsigned char byteAt(std::string_view bytes, std::size_t i) {
    return static_cast<unsigned char>(bytes[i]);
}

/// Where an escape sequence that begins at `i` ends (ECMA-48: CSI up to its final byte, else two characters).
std::size_t afterEscape(std::string_view line, std::size_t i) {
    if (i + 1 >= line.size() || line[i + 1] != '[') {
        return std::min(i + 2, line.size());
    }
    for (i += 2; i < line.size(); ++i) {
        if (line[i] >= '@' && line[i] <= '~') {
            return i + 1;
        }
    }
    return i;
}

std::string withoutEscapes(std::string_view line) {
    constexpr char kEscape = '\x1b';
    std::string out;
    for (std::size_t i = 0; i < line.size();) {
        if (line[i] == kEscape) {
            i = afterEscape(line, i);
        } else {
            out += line[i++];
        }
    }
    return out;
}

system::HttpResponse ask(const std::string& path, system::Http& engine) {
    system::HttpRequest request;
    request.url = "http://docker" + path;
    request.timeout = kPatience;
    request.maxBytes = kMostBytes;
    auto response = engine.send(request);
    if (response.status != kOk) {
        const auto body = parseJson(response.body);
        const std::string why = text(body, "message");
        throw Error("the Docker engine answered " + std::to_string(response.status) +
                    (why.empty() ? "" : ": " + printable(why)));
    }
    return response;
}

/// Halves the number of lines as long as they are too many bytes.
std::string askLines(const std::string& path, int lines, system::Http& engine) {
    constexpr int kTries = 3;
    constexpr int kFewer = 8;
    for (int tries = 1;; ++tries) {
        try {
            return ask(path + std::to_string(lines), engine).body;
        } catch (const Error&) {
            if (tries == kTries || lines == 1) {
                throw;
            }
            lines = std::max(1, lines / kFewer);
        }
    }
}

}  // namespace

std::string unframed(std::string_view bytes) {
    constexpr std::size_t kHeader = 8;
    constexpr std::size_t kLengthAt = 4;
    std::string out;
    while (bytes.size() > kHeader) {
        std::size_t length = 0;
        for (std::size_t i = kLengthAt; i < kHeader; ++i) {
            length = length << 8U | byteAt(bytes, i);
        }
        bytes.remove_prefix(kHeader);
        out += bytes.substr(0, length);
        bytes.remove_prefix(std::min(length, bytes.size()));
    }
    return out;
}

std::string shownLogLine(std::string_view line) {
    if (!line.empty() && line.back() == '\r') {
        line.remove_suffix(1);
    }
    // A password in colours is one as well. What is cut away first cannot hide half of a secret's name.
    constexpr std::size_t kMasked = 8 * kLongestLogLine;
    return std::string(utf8Prefix(redactLine(withoutEscapes(utf8Prefix(line, kMasked))), kLongestLogLine));
}

std::vector<std::string> lastLogLines(const std::string& containerId, int lines, system::Http& engine) {
    const std::string path = "/containers/" + percentEncoded(containerId);
    const auto about = parseJson(ask(path + "/json", engine).body);
    const auto& tty = member(member(about, "Config"), "Tty");
    const auto bytes = askLines(path + "/logs?stdout=1&stderr=1&tail=", lines, engine);
    const std::string all = tty.is_boolean() && tty.get<bool>() ? bytes : unframed(bytes);
    std::vector<std::string> out;
    std::string_view rest = all;
    while (!rest.empty()) {
        const auto end = rest.find('\n');
        out.push_back(shownLogLine(rest.substr(0, end)));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    if (out.size() > static_cast<std::size_t>(lines)) {
        out.erase(out.begin(), out.end() - lines);
    }
    return out;
}

}  // namespace vigie::apply
