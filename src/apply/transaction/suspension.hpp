// What an operator says when nothing is to be changed for a while.
#pragma once

#include <cstdint>
#include <string>

namespace vigie::apply {

/// A suspension that an operator asked for.
struct Suspension {
    std::string why;         ///< in words, with the reason and its end
    std::int64_t until = 0;  ///< Unix milliseconds; 0: until somebody resumes
};

/// `reason` may be empty. `time` is how long it lasts, such as `2h`; empty: until somebody resumes. `now` in
/// Unix milliseconds. Throws Error when one of them cannot be used.
Suspension suspensionFor(const std::string& reason, const std::string& time, std::int64_t now);

/// What is told when a suspension has come to its end.
constexpr const char* kSuspensionOver = "the suspension is over: its time has passed";

}  // namespace vigie::apply
