// Alertmanager's two parsers of matchers, and which of them applies.

#include "lint/matchers.hpp"

#include "base/text.hpp"
#include "spec/names.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace vigie::lint {
namespace {

constexpr std::string_view kBlank = " \t\r\n\f\v";
constexpr std::array<std::string_view, 4> kOperators = {"=~", "!~", "!=", "="};

std::string_view operatorAt(std::string_view text) {
    const auto it =
        std::find_if(kOperators.begin(), kOperators.end(), [&](auto op) { return text.starts_with(op); });
    return it == kOperators.end() ? std::string_view{} : *it;
}

std::string_view trimLeft(std::string_view text) {
    return text.substr(std::min(text.find_first_not_of(kBlank), text.size()));
}

/// The value without its quotes; nullopt if a quote is misplaced. Invalid escapes stay unchanged.
/// Source: Alertmanager's pkg/labels/parse.go.
std::optional<std::string> classicValue(std::string_view raw) {
    bool open = !raw.empty() && raw.front() == '"';
    if (open) {
        raw.remove_prefix(1);
    }
    std::string out;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        const bool last = i + 1 == raw.size();
        if (raw[i] == '\\' && !last) {
            ++i;
            if (raw[i] == 'n') {
                out += '\n';
            } else if (raw[i] == '"' || raw[i] == '\\') {
                out += raw[i];
            } else {
                out += '\\';
                out += raw[i];
            }
        } else if (raw[i] == '"') {
            if (!open || !last) {
                return std::nullopt;
            }
            open = false;
        } else {
            out += raw[i];
        }
    }
    return open ? std::nullopt : std::optional(out);
}

/// One matcher in the old way: anything behind the operator is the value.
Matchers readClassic(std::string_view text) {
    Matchers out;
    text = trim(text);
    const auto end = std::min(text.find_first_of("=!~{}, \t\n\r\""), text.size());
    const auto name = text.substr(0, end);
    if (!spec::isMetricName(name, spec::Names::legacy)) {  // a colon is taken as well
        out.problem = "does not begin with a label name";
        return out;
    }
    const auto rest = trimLeft(text.substr(end));
    const auto op = operatorAt(rest);
    if (op.empty()) {
        out.problem = "has no `=`, `!=`, `=~` or `!~` after the label";
        return out;
    }
    const auto raw = trim(rest.substr(op.size()));
    const bool quoted = raw.starts_with("\"");
    const auto value = classicValue(raw);
    if (!value) {
        const bool ends = raw.size() > 1 && raw.back() == '"';
        out.problem = quoted && !ends ? "has an unclosed quote" : "has a quote inside its value";
        return out;
    }
    out.matchers.push_back({std::string(name), std::string(op), *value, quoted});
    return out;
}

/// Several with commas between them; those inside of quotes are no separators.
std::vector<std::string_view> parts(std::string_view text) {
    if (text.starts_with("{")) {
        text.remove_prefix(1);
    }
    if (!text.empty() && text.back() == '}') {
        text.remove_suffix(1);
    }
    std::vector<std::string_view> out;
    bool quoted = false;
    bool escaped = false;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == ',' && !quoted) {
            out.push_back(text.substr(begin, i - begin));
            begin = i + 1;
        }
        quoted = quoted != (text[i] == '"' && !escaped);
        escaped = text[i] == '\\' && !escaped;
    }
    if (const auto last = trim(text.substr(begin)); !last.empty()) {
        out.push_back(last);
    }
    return out;
}

Matchers readAllClassic(std::string_view text) {
    Matchers out;
    for (const auto part : parts(trim(text))) {
        auto one = readClassic(part);
        if (!one.problem.empty()) {
            return one;
        }
        out.matchers.push_back(std::move(one.matchers.front()));
    }
    out.classic = true;
    return out;
}

std::optional<unsigned> hexOf(std::string_view digits) {
    unsigned out = 0;
    for (const char c : digits) {
        const unsigned value = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
                               : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a') + 10
                               : c >= 'A' && c <= 'F' ? static_cast<unsigned>(c - 'A') + 10
                                                      : 16;
        if (value == 16) {
            return std::nullopt;
        }
        out = out * 16 + value;
    }
    return out;
}

void appendUtf8(unsigned code, std::string& out) {
    constexpr unsigned kLow = 0x3f;
    const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80U | ((code >> shift) & kLow)); };
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0U | (code >> 6U));
        tail(0);
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0U | (code >> 12U));
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xF0U | (code >> 18U));
        tail(12);
        tail(6);
        tail(0);
    }
}

/// Of the new parser: texts in double quotes are those of Go, anything else stands for itself.
class Utf8Parser {
public:
    explicit Utf8Parser(std::string_view text) : rest_(text) {}

    Matchers read() {
        const bool braces = take("{");
        while (out_.problem.empty() && !atEnd(braces)) {
            matcher();
            if (!out_.problem.empty() || atEnd(braces)) {
                break;
            }
            if (!take(",")) {
                fail("has text after its value");
            }
        }
        if (out_.problem.empty() && braces && !take("}")) {
            fail("has a `{` without its `}`");
        }
        blank();
        if (out_.problem.empty() && !rest_.empty()) {
            fail("has text after its value");
        }
        return std::move(out_);
    }

private:
    void blank() { rest_ = trimLeft(rest_); }
    void fail(const char* problem) {
        if (out_.problem.empty()) {
            out_.problem = problem;
        }
    }
    bool take(std::string_view token) {
        blank();
        if (!rest_.starts_with(token)) {
            return false;
        }
        rest_.remove_prefix(token.size());
        return true;
    }
    bool atEnd(bool braces) {
        blank();
        return rest_.empty() || (braces && rest_.front() == '}');
    }

    void matcher() {
        Matcher next;
        bool quotedName = false;
        next.name = word("does not begin with a label name", quotedName);
        blank();
        const auto op = operatorAt(rest_);
        if (op.empty()) {
            return fail("has no `=`, `!=`, `=~` or `!~` after the label");
        }
        rest_.remove_prefix(op.size());
        next.op = op;
        next.value = word("has no value", next.quoted);
        out_.matchers.push_back(std::move(next));
    }

    std::string word(const char* missing, bool& quoted) {
        blank();
        quoted = rest_.starts_with("\"");
        if (quoted) {
            return quotedWord();
        }
        const auto end = std::min(rest_.find_first_of(" \t\r\n\f\v{}!=~,\\\"'`"), rest_.size());
        if (end == 0) {
            fail(missing);
        }
        std::string out(rest_.substr(0, end));
        rest_.remove_prefix(end);
        return out;
    }

    std::string quotedWord() {
        std::string out;
        for (std::size_t i = 1; i < rest_.size(); ++i) {
            if (rest_[i] == '"') {
                rest_.remove_prefix(i + 1);
                return out;
            }
            if (rest_[i] == '\n') {
                break;
            }
            if (rest_[i] != '\\') {
                out += rest_[i];
            } else if (!escape(i, out)) {
                fail("has an invalid escape");
                return {};
            }
        }
        fail("has an unclosed quote");
        return {};
    }

    /// Of Go's strings; `i` is left at its last byte.
    bool escape(std::size_t& i, std::string& out) {
        static constexpr std::string_view kFrom = "abfnrtv\\\"";
        static constexpr std::string_view kTo = "\a\b\f\n\r\t\v\\\"";
        const char c = ++i < rest_.size() ? rest_[i] : '\0';
        if (const auto at = kFrom.find(c); c != '\0' && at != std::string_view::npos) {
            out += kTo[at];
            return true;
        }
        const std::size_t length = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
        if (length != 0) {
            const auto code = hexOf(rest_.substr(i + 1, length));
            if (!code || rest_.size() < i + 1 + length || *code > 0x10FFFF) {
                return false;
            }
            i += length;
            if (c == 'x') {
                out += static_cast<char>(*code);
            } else {
                appendUtf8(*code, out);
            }
            return true;
        }
        constexpr std::size_t kOctal = 3;
        const auto digits = rest_.substr(std::min(i, rest_.size()), kOctal);
        if (digits.size() != kOctal || digits.find_first_not_of("01234567") != std::string_view::npos ||
            digits.front() > '3') {
            return false;
        }
        out += static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
        i += kOctal - 1;
        return true;
    }

    std::string_view rest_;
    Matchers out_;
};

}  // namespace

Matchers readMatchers(std::string_view text, MatcherSyntax syntax) {
    auto classic = readAllClassic(text);
    if (syntax == MatcherSyntax::classic) {
        return classic;
    }
    auto utf8 = Utf8Parser(text).read();
    if (syntax == MatcherSyntax::utf8) {
        return utf8;
    }
    if (utf8.problem.empty()) {
        // Where the two disagree, the classic one applies.
        return classic.problem.empty() && classic.matchers != utf8.matchers ? classic : utf8;
    }
    return classic.problem.empty() ? classic : utf8;
}

}  // namespace vigie::lint
