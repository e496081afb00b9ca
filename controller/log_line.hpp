// Formats a log message as one line of text or JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vigie::controller {

enum class Severity : std::uint8_t { info, warning, error };

enum class LogFormat : std::uint8_t { text, json };

/// Who reads the log. Journald adds the time itself and takes a priority at the start of each line
/// (sd-daemon(3)).
enum class LogReader : std::uint8_t { person, journal };

/// One message, with its line ends. `time` is in Unix milliseconds. As text: `TIME level host=HOST MESSAGE`,
/// and what more lines the message has, indented; as JSON: one object on one line. The message may quote
/// anybody: of control characters there are only line ends and tabs in the text, and in the message of the
/// object.
std::string logLine(LogFormat format, LogReader reader, Severity severity, std::int64_t time,
                    const std::string& host, std::string_view message);

/// `text` with a line end, and for journald with the priority on each of its lines.
std::string withPriority(LogReader reader, Severity severity, std::string_view text);

/// Whether standard error goes to journald: JOURNAL_STREAM (`DEVICE:INODE`, systemd.exec(5)) names the file
/// with this device and inode.
bool isJournal(const char* journalStream, std::uint64_t device, std::uint64_t inode);

}  // namespace vigie::controller
