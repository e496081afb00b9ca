#pragma once

#include "base/error.hpp"
#include "base/text.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// How the reconciler words things.
namespace vigie::controller {

constexpr int kHistory = 20;                     ///< attempts that the status has
constexpr std::int64_t kLongestPause = 600'000;  ///< milliseconds between attempts at what fails

/// Somebody changed the host between the plan and its apply. It is over at once, mostly: an editor that
/// writes.
class HostMoved : public Error {
public:
    HostMoved() : Error("the host changed while its plan was made", "it is looked at again in a moment") {}
};

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
