// What `vigie status` says of a host, from what its controller told.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

namespace vigie::cli {

/// Who told it, and when it is read.
struct Seen {
    int pid = 0;               ///< the controller's process; 0: it does not run, and what it told is old
    std::int64_t now = 0;      ///< Unix milliseconds
    std::int64_t written = 0;  ///< the same: when what it told was written; 0 when it told it just now
};

/// `status` as it holds now, with `controller: {running, process, since}`. What nobody looks at is Unknown:
/// of a controller that does not run no condition is what it was.
nlohmann::ordered_json asSeen(nlohmann::ordered_json status, const Seen& seen);

/// For a terminal: a verdict, each message once and with its lines, then the conditions.
std::string statusText(const nlohmann::ordered_json& asSeen, const Seen& seen);

/// `3 s`, `4 min`, `5 h`, `6 days`: roughly `milliseconds`, never negative.
std::string roughly(std::int64_t milliseconds);

/// A message behind something in its line: its further lines are indented.
std::string besideIt(const std::string& message);

/// 0 when the condition Ready is True, else 1.
int readiness(const nlohmann::ordered_json& status);

}  // namespace vigie::cli
