// The `format`s of the schema: whether a text has one, and why not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::spec {

/// Why a text does not have the form that a field asks for.
struct FormatProblem {
    std::string message;  ///< completes "`text` …"
    std::string hint;
    bool secret = false;  ///< the text may hold one, and is not shown
};

/// Checks `text` against a `format` of the schema. Throws std::logic_error for a format that does not exist.
std::optional<FormatProblem> checkFormat(std::string_view format, std::string_view text);

/// All formats that exist.
std::vector<std::string> formatNames();

/// A duration in Prometheus' spelling (`1h30m`) in milliseconds; nothing when malformed, or longer than a
/// program can count in nanoseconds (292 years).
/// Source: Prometheus' documentation of its configuration, `<duration>`.
std::optional<std::int64_t> parseDuration(std::string_view text);

/// A time as RFC 3339 writes it in Unix milliseconds; nothing when malformed.
std::optional<std::int64_t> parseTimestamp(std::string_view text);

/// A size such as `512MiB` or `2GiB` in bytes; nothing when malformed.
std::optional<std::uint64_t> parseByteSize(std::string_view text);

}  // namespace vigie::spec
