// Formats a log message as one line of text or JSON.

#include "controller/log_line.hpp"

#include "base/one_line.hpp"
#include "base/text.hpp"
#include "state/time.hpp"

#include <nlohmann/json.hpp>

namespace vigie::controller {
namespace {

const char* nameOf(Severity severity) {
    return severity == Severity::error ? "error" : severity == Severity::warning ? "warning" : "info";
}

const char* priorityOf(Severity severity) {
    return severity == Severity::error ? "<3>" : severity == Severity::warning ? "<4>" : "<6>";
}

/// No line of somebody else's text can be taken for one of the log.
constexpr std::string_view kContinued = "  ";

}  // namespace

std::string logLine(LogFormat format, LogReader reader, Severity severity, std::int64_t time,
                    const std::string& host, std::string_view message) {
    const std::string when = state::rfc3339Millis(time);
    std::string text;
    if (format == LogFormat::json) {
        const nlohmann::ordered_json object{{"time", when},
                                            {"level", nameOf(severity)},
                                            {"host", host},
                                            {"message", shownLines(message, "")}};
        text = object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    } else {
        text = (reader == LogReader::journal ? "" : when + " ") + nameOf(severity) + " host=" + host + " " +
               shownLines(message, kContinued);
    }
    return withPriority(reader, severity, text);
}

std::string withPriority(LogReader reader, Severity severity, std::string_view text) {
    if (reader == LogReader::person) {
        return std::string(text) + "\n";
    }
    // A longer one journald would cut, and take what follows for a line with a priority of its own: LineMax=
    // of journald.conf(5), 48 KiB.
    constexpr std::size_t kLongest = 32U << 10U;
    std::string out;
    for (auto line : splitLines(text)) {
        do {
            const auto piece = utf8Prefix(line, kLongest);
            out += priorityOf(severity) + std::string(piece) + "\n";
            line.remove_prefix(piece.size());
        } while (!line.empty());
    }
    return out;
}

bool isJournal(const char* journalStream, std::uint64_t device, std::uint64_t inode) {
    return journalStream != nullptr && journalStream == std::to_string(device) + ":" + std::to_string(inode);
}

}  // namespace vigie::controller
