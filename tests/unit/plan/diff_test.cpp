// Tests plan/diff: Differences between texts, line by line, of a bounded size.

#include "plan/diff.hpp"

#include "base/text.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>

namespace vigie::plan {
namespace {

/// The length of the longest common subsequence, by the definition.
std::size_t common(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) {
    std::vector<std::vector<std::size_t>> best(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            best[i][j] =
                a[i - 1] == b[j - 1] ? best[i - 1][j - 1] + 1 : std::max(best[i - 1][j], best[i][j - 1]);
        }
    }
    return best[a.size()][b.size()];
}

/// What patch(1) would make of `before`.
std::string patched(const std::string& before, const std::string& diff) {
    const auto old = splitLines(before);
    std::string out;
    std::size_t next = 0;  // the first line of `old` that was not copied yet
    for (const auto line : splitLines(diff)) {
        if (line.substr(0, 4) == "--- " || line.substr(0, 4) == "+++ ") {
            continue;
        }
        if (line.substr(0, 4) == "@@ -") {
            const auto first = static_cast<std::size_t>(std::stoul(std::string(line.substr(4))));
            const auto range = line.substr(4, line.find(' ', 4) - 4);
            const bool none = range.size() > 2 && range.substr(range.size() - 2) == ",0";
            for (const std::size_t begin = none ? first : first - 1; next < begin; ++next) {
                out.append(old.at(next)).append("\n");
            }
            continue;
        }
        if (line.front() != '+') {
            REQUIRE(old.at(next) == line.substr(1));
            ++next;
        }
        if (line.front() != '-') {
            out.append(line.substr(1)).append("\n");
        }
    }
    for (; next < old.size(); ++next) {
        out.append(old[next]).append("\n");
    }
    return out;
}

std::size_t changedLines(const std::string& diff) {
    std::size_t n = 0;
    const auto lines = splitLines(diff);
    for (std::size_t i = 2; i < lines.size(); ++i) {
        n += lines[i].front() == '+' || lines[i].front() == '-' ? 1U : 0U;
    }
    return n;
}

std::string randomText(tests::Dice& dice, std::size_t most, std::size_t letters) {
    std::string out;
    for (std::size_t n = dice.below(most + 1); n > 0; --n) {
        out += static_cast<char>('a' + dice.below(letters));
        out += '\n';
    }
    return out;
}

TEST_CASE("a diff gives the new text when applied, and is as short as can be", "[plan]") {
    tests::Dice dice;
    for (int i = 0; i < 3000; ++i) {
        const std::size_t letters = 1 + dice.below(6);
        const auto before = randomText(dice, 24, letters);
        const auto after = randomText(dice, 24, letters);
        const auto diff = unifiedDiff(before, after, "a", "b");
        INFO(before << "---\n" << after << "---\n" << diff);
        if (before == after) {
            REQUIRE(diff.empty());
            continue;
        }
        const auto a = splitLines(before);
        const auto b = splitLines(after);
        REQUIRE(patched(before, diff) == after);
        REQUIRE(changedLines(diff) == a.size() + b.size() - 2 * common(a, b));
    }
}

TEST_CASE("few changes in a long text are few hunks with three lines around them", "[plan]") {
    std::string before;
    for (int i = 1; i <= 40; ++i) {
        before += std::to_string(i) + "\n";
    }
    std::string after = before;
    after.replace(after.find("\n10\n"), 4, "\nten\n");
    after.replace(after.find("\n30\n"), 4, "\n");
    const auto diff = unifiedDiff(before, after, "a", "b");
    CHECK(diff ==
          "--- a\n+++ b\n@@ -7,7 +7,7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n"
          "@@ -27,7 +27,6 @@\n 27\n 28\n 29\n-30\n 31\n 32\n 33\n");
    CHECK(patched(before, diff) == after);
}

TEST_CASE("new and deleted files have empty ranges as in diff(1)", "[plan]") {
    CHECK(unifiedDiff("", "a\n", "/dev/null", "b") == "--- /dev/null\n+++ b\n@@ -0,0 +1 @@\n+a\n");
    CHECK(unifiedDiff("a\nb\n", "", "a", "/dev/null") == "--- a\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n");
}

TEST_CASE("a missing last line end is mentioned in a diff", "[plan]") {
    CHECK(tests::contains(unifiedDiff("a\n", "a", "a", "b"), "only the line end"));
}

TEST_CASE("texts with thousands of differing lines are replaced as a whole", "[plan]") {
    std::string before;
    std::string after;
    for (int i = 0; i < 3000; ++i) {
        before += "a" + std::to_string(i) + "\n";
        after += "b" + std::to_string(i) + "\n";
    }
    CHECK(patched(before, unifiedDiff(before, after, "a", "b")) == after);
}

TEST_CASE("a diff longer than the limit is cut and counts the missing lines", "[plan]") {
    std::string many;
    for (std::size_t i = 0; i < 2 * kMostDiffLines; ++i) {
        many += "x\n";
    }
    const auto lines = unifiedDiff("", many, "a", "b");
    CHECK(lines.rfind("--- a\n+++ b\n@@ -0,0 +1,10000 @@\n+x\n", 0) == 0);
    CHECK(lines.ends_with("+x\n\\ 10000 more lines not shown\n"));
    const std::string wide = std::string(kLongestDiff / 2, 'y') + "\n";
    const auto bytes = unifiedDiff("k\n", wide + wide + wide, "a", "b");
    CHECK(bytes.size() < kLongestDiff + 1000);
    CHECK(bytes.ends_with("\\ 2 more lines not shown\n"));
    CHECK(unifiedDiff(std::string(kLongestDiff, 'z'), "", "a", "b") ==
          "--- a\n+++ b\n\\ 1 more line not shown\n");
}

TEST_CASE("texts too large for a diff are shown by their sizes", "[plan]") {
    std::string many;
    for (std::size_t i = 0; i <= kMostLines; ++i) {
        many += "x\n";
    }
    CHECK(isTooLarge(many));
    CHECK_FALSE(isTooLarge(many.substr(2)));
    CHECK(isTooLarge(std::string(kMostBytes + 1, 'x')));
    CHECK(unifiedDiff(many, "y\n", "a", "b") ==
          "--- a\n+++ b\n\\ too large to be compared line by line: 200002 bytes before, 2 bytes "
          "after\n");
    CHECK(unifiedDiff(many, many, "a", "b").empty());
}

}  // namespace
}  // namespace vigie::plan
