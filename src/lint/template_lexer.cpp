// Go's text/template as tokens.

#include "lint/template_lexer.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>

namespace vigie::lint {
namespace {

using Kind = TemplateToken::Kind;

constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";

bool blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct Character {
    unsigned code = 0;
    std::size_t length = 0;  ///< in bytes; 0 at the end
};

Character characterAt(std::string_view text, std::size_t at) {
    if (at >= text.size()) {
        return {};
    }
    const auto byte = [&](std::size_t i) {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
    };
    constexpr unsigned kTail = 0x3f;
    const unsigned first = byte(0);
    if (first < 0xC0) {
        return {first, 1};
    }
    if (first < 0xE0) {
        return {((first & 0x1fU) << 6U) | (byte(1) & kTail), 2};
    }
    if (first < 0xF0) {
        return {((first & 0x0fU) << 12U) | ((byte(1) & kTail) << 6U) | (byte(2) & kTail), 3};
    }
    return {
        ((first & 7U) << 18U) | ((byte(1) & kTail) << 12U) | ((byte(2) & kTail) << 6U) | (byte(3) & kTail),
        4};
}

/// Letters, digits and `_`. Beyond ASCII everything but punctuation and symbols, as far as these are met in
/// texts.
bool wordCharacter(unsigned code) {
    if (code < 0x80) {
        return code == '_' || (code >= '0' && code <= '9') || (code >= 'a' && code <= 'z') ||
               (code >= 'A' && code <= 'Z');
    }
    const bool latin = code < 0xC0 && code != 0xAA && code != 0xB5 && code != 0xBA;
    return !latin && code != 0xD7 && code != 0xF7 && (code < 0x2000 || code > 0x2BFF) &&
           (code < 0x3000 || code > 0x303F) && code < 0x1F000;
}

bool digit(char c) {
    return c >= '0' && c <= '9';
}

/// `U+201C '“'`.
std::string named(std::string_view text, std::size_t at) {
    const auto character = characterAt(text, at);
    char code[16];
    std::snprintf(code, sizeof code, "U+%04X", character.code);
    const bool shown = character.code > ' ' && character.code != 0x7f;
    return std::string(code) + (shown ? " `" + std::string(text.substr(at, character.length)) + "`" : "");
}

}  // namespace

TemplateToken TemplateLexer::token(Kind kind, std::size_t begin) {
    return {kind, std::string(input_.substr(begin, at_ - begin)), begin};
}

TemplateToken TemplateLexer::fail(std::string why, std::size_t at) {
    stopped_ = true;
    stop_ = {Kind::error, std::move(why), at};
    return stop_;
}

TemplateToken TemplateLexer::next() {
    if (stopped_) {
        return stop_;
    }
    return inside_ ? inside() : outside();
}

TemplateToken TemplateLexer::outside() {
    const auto begin = at_;
    const auto open = std::min(input_.find(kOpen, at_), input_.size());
    if (open != begin) {
        at_ = open;
        return token(Kind::text, begin);
    }
    if (at_ == input_.size()) {
        stopped_ = true;
        stop_ = {Kind::end, {}, at_};
        return stop_;
    }
    return opening();
}

TemplateToken TemplateLexer::opening() {
    const auto begin = at_;
    at_ += kOpen.size();
    const bool trims = input_.substr(at_, 1) == "-" && at_ + 1 < input_.size() && blank(input_[at_ + 1]);
    const auto behind = at_ + (trims ? 2 : 0);
    if (input_.substr(behind, 2) == "/*") {
        at_ = behind;
        return comment(begin);
    }
    at_ += trims ? 1 : 0;  // the blank behind it stays
    inside_ = true;
    parens_ = 0;
    return {Kind::open, std::string(kOpen), begin};
}

TemplateToken TemplateLexer::comment(std::size_t begin) {
    const auto end = input_.find("*/", at_ + 2);
    if (end == std::string_view::npos) {
        return fail("has an unclosed comment", begin);
    }
    at_ = end + 2;
    const auto length = closingLength();
    if (length == 0) {
        return fail("has text between `*/` and `}}` of a comment", at_);
    }
    at_ += length;
    return token(Kind::comment, begin);
}

std::size_t TemplateLexer::closingLength() const {
    const auto rest = input_.substr(std::min(at_, input_.size()));
    if (rest.substr(0, 2) == kClose) {
        return 2;
    }
    constexpr std::size_t kTrimmed = 4;  // ` -}}`
    return rest.size() >= kTrimmed && blank(rest[0]) && rest.substr(1, 3) == "-}}" ? kTrimmed : 0;
}

TemplateToken TemplateLexer::closing(std::size_t length) {
    if (parens_ != 0) {
        return fail("has a `(` without its `)`", at_);
    }
    const auto begin = at_;
    at_ += length;
    inside_ = false;
    return token(Kind::close, begin);
}

void TemplateLexer::skipWord() {
    for (auto c = characterAt(input_, at_); c.length != 0 && wordCharacter(c.code);
         c = characterAt(input_, at_)) {
        at_ = std::min(at_ + c.length, input_.size());
    }
}

bool TemplateLexer::wordEnds() const {
    return at_ == input_.size() || blank(input_[at_]) ||
           std::string_view(".,|:()").find(input_[at_]) != std::string_view::npos || closingLength() != 0;
}

TemplateToken TemplateLexer::word(Kind kind, std::size_t begin) {
    skipWord();
    if (!wordEnds()) {
        return fail("has the character " + named(input_, at_) + " in the name `" +
                        std::string(input_.substr(begin, at_ - begin)) + "`",
                    at_);
    }
    return token(kind, begin);
}

TemplateToken TemplateLexer::quoted(char quote, Kind kind, const char* unterminated) {
    const auto begin = at_++;
    for (; at_ < input_.size() && input_[at_] != quote; ++at_) {
        if (quote != '`' && input_[at_] == '\\') {
            ++at_;
        }
        if (quote != '`' && at_ < input_.size() && input_[at_] == '\n') {
            return fail(unterminated, begin);
        }
    }
    if (at_ >= input_.size()) {
        return fail(unterminated, begin);
    }
    ++at_;
    return token(kind, begin);
}

TemplateToken TemplateLexer::number() {
    const auto begin = at_;
    at_ += input_[at_] == '+' || input_[at_] == '-' ? 1U : 0U;
    const auto prefix = input_.substr(at_, 2);
    const bool hex = prefix == "0x" || prefix == "0X";
    const bool other = prefix == "0o" || prefix == "0b" || prefix == "0O" || prefix == "0B";
    at_ += hex || other ? 2 : 0;
    const auto digits = [&](std::string_view all) {
        while (at_ < input_.size() && all.find(input_[at_]) != std::string_view::npos) {
            ++at_;
        }
    };
    const std::string_view all = hex ? "0123456789_abcdefABCDEF" : "0123456789_";
    digits(all);
    if (input_.substr(at_, 1) == ".") {
        ++at_;
        digits(all);
    }
    const auto exponent = input_.substr(at_, 1);
    if (!exponent.empty() &&
        std::string_view(hex ? "pP" : "eE").find(exponent[0]) != std::string_view::npos) {
        ++at_;
        at_ += input_.substr(at_, 1) == "+" || input_.substr(at_, 1) == "-" ? 1U : 0U;
        digits("0123456789_");
    }
    at_ += input_.substr(at_, 1) == "i" ? 1U : 0U;
    const auto read = input_.substr(begin, at_ - begin);
    const bool none = read.find_first_of("0123456789") == std::string_view::npos;
    if (const auto c = characterAt(input_, at_); none || (c.length != 0 && wordCharacter(c.code))) {
        return fail(
            "has the invalid number `" + std::string(input_.substr(begin, at_ + c.length - begin)) + "`",
            begin);
    }
    return token(Kind::number, begin);
}

TemplateToken TemplateLexer::inside() {
    if (const auto length = closingLength(); length != 0) {
        return closing(length);
    }
    if (at_ >= input_.size()) {
        return fail("has a `{{` without its `}}`", input_.size());
    }
    const auto begin = at_;
    const char c = input_[at_];
    const char following = at_ + 1 < input_.size() ? input_[at_ + 1] : '\0';
    if (blank(c)) {
        while (at_ < input_.size() && blank(input_[at_]) && closingLength() == 0) {
            ++at_;
        }
        return token(Kind::space, begin);
    }
    if (digit(c) || ((c == '+' || c == '-') && following != '\0') || (c == '.' && digit(following))) {
        return number();
    }
    if (c == '.') {
        ++at_;
        const auto field = characterAt(input_, at_);
        return field.length != 0 && wordCharacter(field.code) ? word(Kind::field, begin)
                                                              : token(Kind::dot, begin);
    }
    if (c == '$') {
        ++at_;
        return word(Kind::variable, begin);
    }
    if (c == '"') {
        return quoted(c, Kind::quoted, "has an unclosed quote");
    }
    if (c == '`') {
        return quoted(c, Kind::quoted, "has an unclosed quote");
    }
    if (c == '\'') {
        return quoted(c, Kind::character, "has an unclosed quote");
    }
    const auto character = characterAt(input_, at_);
    if (wordCharacter(character.code)) {
        return word(Kind::word, begin);
    }
    if (character.code > 0x7e || character.code < ' ') {
        return fail("has the character " + named(input_, at_) + ", which is not allowed there", begin);
    }
    ++at_;
    if (c == ':') {
        if (following != '=') {
            return fail("has a `:` without its `=`", begin);
        }
        ++at_;
        return token(Kind::declare, begin);
    }
    parens_ += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (parens_ < 0) {
        return fail("has a `)` without its `(`", begin);
    }
    return token(c == '|'   ? Kind::pipe
                 : c == '(' ? Kind::openParen
                 : c == ')' ? Kind::closeParen
                 : c == ',' ? Kind::comma
                 : c == '=' ? Kind::assign
                            : Kind::sign,
                 begin);
}

}  // namespace vigie::lint
