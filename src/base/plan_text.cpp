// Which lines of a plan that was written as text are differences.

#include "base/plan_text.hpp"

#include "base/text.hpp"

#include <cstddef>

namespace vigie {
namespace {

constexpr std::string_view kIndent = "    ";  // of a difference

/// Below the line of a resource there is its reason, and below that the difference, which may begin with two
/// lines that name files. Everything else begins further left.
class PlanLines {
public:
    /// Whether the next line belongs to a difference.
    bool isDiff(std::string_view line) {
        if (!line.starts_with(kIndent)) {
            below_ = 0;
            return false;
        }
        return ++below_ > 1;
    }
    /// True if that line was a removal.
    [[nodiscard]] bool takesAway(std::string_view line) const {
        const auto text = line.substr(kIndent.size());
        return text.starts_with("-") && (below_ != 2 || !text.starts_with("--- "));
    }

private:
    std::size_t below_ = 0;  ///< the line of a resource
};

void say(std::size_t& hidden, std::string& out) {
    if (hidden != 0) {
        out.append(kIndent).append("# " + count(hidden, "line") + " not shown\n");
    }
    hidden = 0;
}

}  // namespace

std::string withoutFoundLines(std::string_view plan) {
    std::string out;
    PlanLines lines;
    std::size_t hidden = 0;
    for (const auto line : splitLines(plan)) {
        if (lines.isDiff(line) && lines.takesAway(line)) {
            ++hidden;
            continue;
        }
        say(hidden, out);
        out.append(line).append("\n");
    }
    say(hidden, out);
    return out;
}

std::string withoutDiffs(std::string_view plan) {
    std::string out;
    PlanLines lines;
    for (const auto line : splitLines(plan)) {
        if (!lines.isDiff(line)) {
            out.append(line).append("\n");
        }
    }
    return out;
}

}  // namespace vigie
