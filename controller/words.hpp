// How revisions and errors are worded.
#pragma once

#include "base/error.hpp"
#include "base/text.hpp"

#include <string>
#include <string_view>

namespace vigie::controller {

/// Whether `text` is a commit, or at least its first 12 digits.
inline bool namesRevision(std::string_view text) {
    constexpr std::size_t kShortest = 12;
    constexpr std::size_t kWhole = 40;
    return text.size() >= kShortest && text.size() <= kWhole &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Whether `name` names the commit `revision`.
inline bool isRevision(std::string_view revision, std::string_view name) {
    return namesRevision(name) && revision.substr(0, name.size()) == name;
}

inline std::string withHint(const Error& error) {
    return error.hint().empty() ? std::string(error.what())
                                : std::string(error.what()) + " (" + error.hint() + ")";
}

}  // namespace vigie::controller
