// The formats of durations and sizes. Which program reads a field decides which of them it has.
#pragma once

#include "spec/format.hpp"

namespace vigie::spec {

/// As Prometheus' common library reads it (model.Duration): `1d`, `1h30m`.
std::optional<FormatProblem> checkDuration(std::string_view text);
/// The same, where 0 would mean something else than what stands there, or stop the program.
std::optional<FormatProblem> checkPositiveDuration(std::string_view text);

/// As Go's own library reads it (time.ParseDuration), which knows fractions and no days: `36h`, `1.5h`.
std::optional<FormatProblem> checkGoDuration(std::string_view text);
std::optional<FormatProblem> checkPositiveGoDuration(std::string_view text);

/// A size as Prometheus reads it (units.Base2Bytes): `512MB`, `1.5GiB`; 1KB is 1024 bytes.
std::optional<FormatProblem> checkByteSize(std::string_view text);
std::optional<FormatProblem> checkPositiveByteSize(std::string_view text);
/// A size of ours: `512MiB`, `2GiB`.
std::optional<FormatProblem> checkBinarySize(std::string_view text);

/// A duration in Go's spelling in nanoseconds; nothing when malformed or longer than 2^63 of them.
std::optional<std::int64_t> parseGoDuration(std::string_view text);

}  // namespace vigie::spec
