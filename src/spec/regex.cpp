// What Go's regular expressions (RE2's syntax) refuse.

#include "spec/regex.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace vigie::spec {
namespace {

constexpr int kMostRepeats = 1000;

bool digit(char c) {
    return c >= '0' && c <= '9';
}

bool hexadecimal(char c) {
    return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool alphanumeric(char c) {
    return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Source: Go's regexp/syntax/parse.go; tried with amtool 0.33.1.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    std::optional<std::string> problem() {
        while (!problem_ && at_ < text_.size()) {
            step();
        }
        if (!problem_ && depth_ != 0) {
            problem_ = "has a `(` without its `)`";
        }
        return problem_;
    }

private:
    [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
    [[nodiscard]] char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    void fail(std::string problem) {
        if (!problem_) {
            problem_ = std::move(problem);
        }
        at_ = text_.size();
    }

    void step() {
        switch (next()) {
            case '\\':
                return escape(false);
            case '[':
                return characterClass();
            case '(':
                return open();
            case ')':
                ++at_;
                repeatable_ = true;
                return --depth_ < 0 ? fail("has a `)` without its `(`") : void();
            case '*':
            case '+':
            case '?':
                return repeat(1);
            case '{':
                return braces();
            default:
                repeatable_ = next() != '|';
                ++at_;
        }
    }

    /// What repeats the thing before it, `length` bytes long.
    void repeat(std::size_t length) {
        const std::string what(rest().substr(0, length));
        if (!repeatable_) {
            return fail("repeats nothing with `" + what + "`");
        }
        at_ += length;
        if (next() == '?') {
            ++at_;  // as few as possible
        }
        repeatable_ = false;  // of two in a row the second is refused
    }

    /// `{2}`, `{2,}` or `{2,4}`; anything else is a brace like any other character.
    void braces() {
        auto end = at_ + 1;
        const int low = number(end);
        int high = low;
        if (low >= 0 && text_.substr(end, 1) == ",") {
            ++end;
            high = text_.substr(end, 1) == "}" ? low : number(end);
        }
        if (low < 0 || high < 0 || text_.substr(end, 1) != "}") {
            repeatable_ = true;
            ++at_;
            return;
        }
        const auto length = end + 1 - at_;
        if (low > kMostRepeats || high > kMostRepeats || high < low) {
            return fail("cannot repeat `" + std::string(rest().substr(0, length)) + "` times (1000 at most)");
        }
        repeat(length);
    }

    /// The number at `at`, which is moved behind it: -1 when there is none, or one with zeros in front.
    int number(std::size_t& at) const {
        const auto begin = at;
        while (at < text_.size() && digit(text_[at])) {
            ++at;
        }
        const auto digits = text_.substr(begin, at - begin);
        if (digits.empty() || (digits != "0" && digits.front() == '0')) {
            return -1;
        }
        int out = kMostRepeats + 1;  // stays when the number is too large
        std::from_chars(digits.data(), digits.data() + digits.size(), out);
        return out;
    }

    void open() {
        ++at_;
        if (next() != '?') {
            ++depth_;
            repeatable_ = false;
            return;
        }
        const auto group = rest();
        if (group.substr(0, 2) == "?=" || group.substr(0, 2) == "?!" || group.substr(0, 3) == "?<=" ||
            group.substr(0, 3) == "?<!") {
            return fail("looks ahead or behind, which RE2 cannot");
        }
        if (group.substr(0, 2) == "?>") {
            return fail("has an atomic group, which RE2 does not know");
        }
        if (group.substr(0, 3) == "?P<" || group.substr(0, 2) == "?<") {
            at_ += group.find('<') + 1;
            ++depth_;
            repeatable_ = false;
            return;
        }
        const auto end = std::min(group.find_first_not_of("imsU-", 1), group.size());
        const char last = end < group.size() ? group[end] : '\0';
        if (last != ':' && last != ')') {
            return last == '\0' ? fail("has a `(` without its `)`")
                                : fail("has a group `(" + std::string(group.substr(0, end + 1)) +
                                       "`, which RE2 does not know");
        }
        at_ += end + 1;
        depth_ += last == ':' ? 1 : 0;
        repeatable_ = false;
    }

    void escape(bool inClass) {
        const char c = text_.substr(at_ + 1, 1).empty() ? '\0' : text_[at_ + 1];
        repeatable_ = true;
        if (c == '\0') {
            return fail("ends with a backslash");
        }
        if (c == 'Q' && !inClass) {
            return literal();
        }
        if (c == 'x') {
            return hexadecimalEscape();
        }
        if (c >= '1' && c <= '9') {
            const bool octal = c < '8' && text_.substr(at_ + 2, 1) >= "0" && text_.substr(at_ + 2, 1) <= "7";
            return octal ? octalEscape() : fail("refers back to a group, which RE2 cannot");
        }
        if (c == '0') {
            return octalEscape();
        }
        static constexpr std::string_view kEverywhere = "aftnrvdDsSwWpP";
        static constexpr std::string_view kOutside = "AzbB";
        if (alphanumeric(c) && kEverywhere.find(c) == std::string_view::npos &&
            (inClass || kOutside.find(c) == std::string_view::npos)) {
            return fail(std::string("has `\\") + c + "`, which RE2 does not know");
        }
        at_ += 2;
        if ((c == 'p' || c == 'P') && next() == '{') {
            at_ = std::min(text_.find('}', at_), text_.size() - 1) + 1;
        } else if (c == 'p' || c == 'P') {
            at_ = std::min(at_ + 1, text_.size());
        }
    }

    void octalEscape() {
        std::size_t digits = 0;
        constexpr std::size_t kMost = 3;
        ++at_;
        while (digits < kMost && next() >= '0' && next() <= '7') {
            ++at_;
            ++digits;
        }
    }

    void hexadecimalEscape() {
        constexpr std::size_t kBegin = 2;
        const bool braces = rest().substr(kBegin, 1) == "{";
        const auto begin = at_ + kBegin + (braces ? 1 : 0);
        auto end = begin;
        while (end < text_.size() && hexadecimal(text_[end]) && (braces || end < begin + 2)) {
            ++end;
        }
        const auto digits = text_.substr(begin, end - begin);
        unsigned code = 0;
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
        constexpr unsigned kLast = 0x10FFFF;
        if (read.ec != std::errc{} || code > kLast ||
            (braces ? text_.substr(end, 1) != "}" : digits.size() != 2)) {
            return fail("has a `\\x` without the two digits, or `{…}`, of a character");
        }
        at_ = end + (braces ? 1 : 0);
    }

    /// `\Q…\E`: everything in between stands for itself.
    void literal() {
        const auto end = text_.find("\\E", at_ + 2);
        if (end == std::string_view::npos) {
            return fail("has a `\\Q` without its `\\E`");
        }
        repeatable_ = end != at_ + 2;
        at_ = end + 2;
    }

    void characterClass() {
        ++at_;
        at_ += next() == '^' ? 1U : 0U;
        for (bool first = true; first || next() != ']'; first = false) {
            if (at_ >= text_.size()) {
                return fail("has a `[` without its `]`");
            }
            if (rest().substr(0, 2) == "[:" && namedClass()) {
                continue;
            }
            const auto begin = at_;
            one();
            const bool range = !problem_ && next() == '-' && at_ + 1 < text_.size() && text_[at_ + 1] != ']';
            if (range) {
                const auto low = text_.substr(begin, at_ - begin);
                ++at_;
                const auto from = at_;
                one();
                const auto high = text_.substr(from, at_ - from);
                // Characters of one byte; others are left to the program.
                if (low.size() == 1 && high.size() == 1 && low[0] > high[0]) {
                    return fail("has the range `" + std::string(low) + "-" + std::string(high) +
                                "`, which runs backwards");
                }
            }
            if (problem_) {
                return;
            }
        }
        ++at_;
        repeatable_ = true;
    }

    void one() {
        if (next() == '\\') {
            return escape(true);
        }
        do {
            ++at_;
        } while ((static_cast<unsigned char>(next()) & 0xC0U) == 0x80U);  // of one character
    }

    bool namedClass() {
        static constexpr std::array<std::string_view, 14> kNames = {
            "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph",
            "lower", "print", "punct", "space", "upper", "word",  "xdigit"};
        const auto end = text_.find(":]", at_ + 2);
        if (end == std::string_view::npos) {
            return false;
        }
        auto name = text_.substr(at_ + 2, end - at_ - 2);
        name.remove_prefix(name.substr(0, 1) == "^" ? 1 : 0);
        if (std::find(kNames.begin(), kNames.end(), name) == kNames.end()) {
            fail("has a class `[:" + std::string(name) + ":]`, which RE2 does not know");
        } else {
            at_ = end + 2;
        }
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
    bool repeatable_ = false;
    std::optional<std::string> problem_;
};

}  // namespace

std::optional<std::string> regexProblem(std::string_view text) {
    return Reader(text).problem();
}

}  // namespace vigie::spec
