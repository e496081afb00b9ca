// The shortest edit script, and unified diffs made of it.

#include "plan/diff.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace vigie::plan {
namespace {

struct Edit {
    char sign = ' ';
    std::string_view line;
};

using Lines = std::vector<std::string_view>;

/// Unchanged lines around a change.
constexpr std::size_t kContext = 3;

/// Beyond this many differing lines the shortest edit script is not worth its quadratic cost.
constexpr std::ptrdiff_t kMostEdits = 1000;

/// Everything out, everything in.
void replaceAll(const Lines& a, const Lines& b, std::size_t begin, std::size_t endA, std::size_t endB,
                std::vector<Edit>& out) {
    for (std::size_t i = begin; i < endA; ++i) {
        out.push_back({'-', a[i]});
    }
    for (std::size_t i = begin; i < endB; ++i) {
        out.push_back({'+', b[i]});
    }
}

/// The shortest edit script between a[begin, endA) and b[begin, endB).
/// Source: E. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986, the greedy algorithm of
/// figure 2.
void shortestEdits(const Lines& a, const Lines& b, std::size_t begin, std::size_t endA, std::size_t endB,
                   std::vector<Edit>& out) {
    if (begin == endA || begin == endB) {  // a new file, most of all
        return replaceAll(a, b, begin, endA, endB, out);
    }
    const auto n = static_cast<std::ptrdiff_t>(endA - begin);
    const auto m = static_cast<std::ptrdiff_t>(endB - begin);
    const std::ptrdiff_t most = std::min(n + m, kMostEdits);
    const auto lineA = [&](std::ptrdiff_t x) { return a[begin + static_cast<std::size_t>(x)]; };
    const auto lineB = [&](std::ptrdiff_t y) { return b[begin + static_cast<std::size_t>(y)]; };
    std::vector<std::ptrdiff_t> furthest(static_cast<std::size_t>(2 * most + 3), 0);
    const auto at = [&](std::vector<std::ptrdiff_t>& v, std::ptrdiff_t k) -> std::ptrdiff_t& {
        return v[static_cast<std::size_t>(k + most + 1)];
    };
    // What step d has looked at: k from -d - 1 to d + 1, and no more.
    std::vector<std::vector<std::ptrdiff_t>> trace;
    std::ptrdiff_t found = -1;
    for (std::ptrdiff_t d = 0; d <= most && found < 0; ++d) {
        const auto first = furthest.begin() + (most - d);
        trace.emplace_back(first, first + 2 * d + 3);
        for (std::ptrdiff_t k = -d; k <= d; k += 2) {
            const bool down = k == -d || (k != d && at(furthest, k - 1) < at(furthest, k + 1));
            std::ptrdiff_t x = down ? at(furthest, k + 1) : at(furthest, k - 1) + 1;
            std::ptrdiff_t y = x - k;
            while (x < n && y < m && lineA(x) == lineB(y)) {
                ++x;
                ++y;
            }
            at(furthest, k) = x;
            if (x >= n && y >= m) {
                found = d;
                break;
            }
        }
    }
    if (found < 0) {
        return replaceAll(a, b, begin, endA, endB, out);
    }
    std::vector<Edit> reversed;
    std::ptrdiff_t x = n;
    std::ptrdiff_t y = m;
    for (std::ptrdiff_t d = found; d >= 0; --d) {
        const auto& v = trace[static_cast<std::size_t>(d)];
        const auto was = [&](std::ptrdiff_t k) { return v[static_cast<std::size_t>(k + d + 1)]; };
        const std::ptrdiff_t k = x - y;
        const bool down = k == -d || (k != d && was(k - 1) < was(k + 1));
        const std::ptrdiff_t previousK = down ? k + 1 : k - 1;
        const std::ptrdiff_t previousX = d == 0 ? 0 : was(previousK);
        const std::ptrdiff_t previousY = d == 0 ? 0 : previousX - previousK;
        while (x > previousX && y > previousY) {
            --x;
            --y;
            reversed.push_back({' ', lineA(x)});
        }
        if (d > 0) {
            if (down) {
                reversed.push_back({'+', lineB(--y)});
            } else {
                reversed.push_back({'-', lineA(--x)});
            }
        }
    }
    out.insert(out.end(), reversed.rbegin(), reversed.rend());
}

std::vector<Edit> edits(const Lines& a, const Lines& b) {
    std::size_t begin = 0;
    while (begin < a.size() && begin < b.size() && a[begin] == b[begin]) {
        ++begin;
    }
    std::size_t endA = a.size();
    std::size_t endB = b.size();
    while (endA > begin && endB > begin && a[endA - 1] == b[endB - 1]) {
        --endA;
        --endB;
    }
    std::vector<Edit> out;
    for (std::size_t i = 0; i < begin; ++i) {
        out.push_back({' ', a[i]});
    }
    shortestEdits(a, b, begin, endA, endB, out);
    for (std::size_t i = endA; i < a.size(); ++i) {
        out.push_back({' ', a[i]});
    }
    return out;
}

/// `12,3`, `12` for one line, and `11,0` for none, as diff(1) writes ranges.
std::string range(std::size_t first, std::size_t count) {
    if (count == 1) {
        return std::to_string(first);
    }
    return std::to_string(count == 0 ? first - 1 : first) + "," + std::to_string(count);
}

/// What a diff may still have.
class Room {
public:
    /// Whether a line of that size fits; it has then taken its place.
    bool takes(std::size_t size) {
        if (lines_ == 0 || size + 1 > bytes_) {
            lines_ = 0;
            return false;
        }
        --lines_;
        bytes_ -= size + 1;
        return true;
    }

private:
    std::size_t bytes_ = kLongestDiff;
    std::size_t lines_ = kMostDiffLines;
};

/// Where the hunk that has the change at `change` ends: 2 * kContext unchanged lines follow, or the script is
/// over.
std::size_t endOfHunk(const std::vector<Edit>& script, std::size_t change) {
    std::size_t end = change;
    for (std::size_t j = change; j < script.size() && j - end <= 2 * kContext; ++j) {
        if (script[j].sign != ' ') {
            end = j + 1;
        }
    }
    return std::min(end + kContext, script.size());
}

/// `@@ -1,2 +1,3 @@` and what follows; `lineA` and `lineB` become the lines behind it.
class Hunk {
public:
    void add(const Edit& edit) {
        body_ += edit.sign;
        body_ += edit.line;
        body_ += '\n';
        countA_ += edit.sign != '+' ? 1U : 0U;
        countB_ += edit.sign != '-' ? 1U : 0U;
    }
    [[nodiscard]] std::string text(std::size_t& lineA, std::size_t& lineB) const {
        std::string out = "@@ -" + range(lineA, countA_) + " +" + range(lineB, countB_) + " @@\n" + body_;
        lineA += countA_;
        lineB += countB_;
        return countA_ + countB_ == 0 ? "" : out;
    }

private:
    std::string body_;
    std::size_t countA_ = 0;
    std::size_t countB_ = 0;
};

std::string cutOf(const std::vector<Edit>& script, std::size_t from) {
    const auto left = std::count_if(script.begin() + static_cast<std::ptrdiff_t>(from), script.end(),
                                    [](const Edit& edit) { return edit.sign != ' '; });
    return left == 0 ? "" : "\\ " + count(static_cast<std::size_t>(left), "more line") + " not shown\n";
}

std::string hunksOf(const std::vector<Edit>& script) {
    std::string out;
    Room room;
    std::size_t lineA = 1;
    std::size_t lineB = 1;
    std::size_t i = 0;
    while (i < script.size()) {
        std::size_t change = i;
        while (change < script.size() && script[change].sign == ' ') {
            ++change;
        }
        if (change == script.size()) {
            break;
        }
        const std::size_t begin = change - std::min(kContext, change - i);
        const std::size_t end = endOfHunk(script, change);
        lineA += begin - i;
        lineB += begin - i;
        Hunk hunk;
        std::size_t j = begin;
        while (j < end && room.takes(script[j].line.size() + 1)) {
            hunk.add(script[j++]);
        }
        out += hunk.text(lineA, lineB);
        if (j < end) {
            return out + cutOf(script, j);
        }
        i = end;
    }
    return out;
}

std::string sizes(std::uint64_t before, std::uint64_t after) {
    return "\\ too large to be compared line by line: " + count(before, "byte") + " before, " +
           count(after, "byte") + " after\n";
}

}  // namespace

bool isTooLarge(std::string_view text) {
    return text.size() > kMostBytes ||
           static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) > kMostLines;
}

std::string diffHead(std::string_view beforeName, std::string_view afterName) {
    return "--- " + std::string(beforeName) + "\n+++ " + std::string(afterName) + "\n";
}

std::string diffOfSizes(std::uint64_t before, std::string_view after, std::string_view name) {
    return diffHead(name, name) + sizes(before, after.size());
}

std::string unifiedDiff(std::string_view before, std::string_view after, std::string_view beforeName,
                        std::string_view afterName) {
    if (before == after) {
        return {};
    }
    std::string out = diffHead(beforeName, afterName);
    if (isTooLarge(before) || isTooLarge(after)) {
        return out + sizes(before.size(), after.size());
    }
    const auto script = edits(splitLines(before), splitLines(after));
    if (std::all_of(script.begin(), script.end(), [](const Edit& e) { return e.sign == ' '; })) {
        return out + "\\ only the line end of the last line differs\n";
    }
    return out + hunksOf(script);
}

}  // namespace vigie::plan
