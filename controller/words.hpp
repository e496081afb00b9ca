#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <string>

/// How the reconciler words things.
namespace vigie::controller {

constexpr std::int64_t kLongestPause = 600'000;  ///< milliseconds between attempts at what fails

inline std::string shortRevision(const std::string& revision) {
    constexpr std::size_t kShort = 12;
    return revision.substr(0, kShort);
}

inline std::string withHint(const Error& error) {
    return error.hint().empty() ? std::string(error.what())
                                : std::string(error.what()) + " (" + error.hint() + ")";
}

}  // namespace vigie::controller
