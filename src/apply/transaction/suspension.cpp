// What an operator says when nothing is to be changed for a while.

#include "apply/transaction/suspension.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "spec/format.hpp"
#include "state/time.hpp"

namespace vigie::apply {

Suspension suspensionFor(const std::string& reason, const std::string& time, std::int64_t now) {
    constexpr std::size_t kLongestReason = 500;                        // bytes
    constexpr std::int64_t kLongest = std::int64_t{366} * 86'400'000;  // a time that is meant
    if (reason.size() > kLongestReason || findNonText(reason) != std::string::npos ||
        reason.find('\n') != std::string::npos) {
        throw Error(
            "the reason must be one line of text, at most " + std::to_string(kLongestReason) + " bytes",
            "say in short why nothing may be changed");
    }
    Suspension out;
    out.why = "suspended by the operator" + (reason.empty() ? "" : ": " + reason);
    if (time.empty()) {
        return out;
    }
    const auto duration = spec::parseDuration(time);
    if (!duration || *duration <= 0 || *duration > kLongest) {
        throw Error("`" + printable(time) + "` is no time after which a suspension ends",
                    "write `30m`, `2h` or `3d`, at most a year; without it `vigie resume` ends it");
    }
    out.until = now + *duration;
    out.why += "; until " + state::rfc3339(out.until);
    return out;
}

}  // namespace vigie::apply
