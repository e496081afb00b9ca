// Judges regular expressions as the programs do that will read them.
#include "spec/regex.hpp"

#include "spec/characters.hpp"

#include <re2/re2.h>

#include <cstdint>

namespace vigie::spec {
namespace {

/// What RE2 is given in place of an expression of Go's package regexp/syntax, which knows the same syntax but
/// for two things.
struct Translated {
    std::string
        text;  ///< named groups without their names: Go takes two of one name, older RE2s no `(?<name>`
    bool singleByte = false;  ///< there is a `\C`, which RE2 knows and Go does not
};

/// The length of `(?P<name>` or `(?<name>` at the beginning of `text`; 0 when there is none.
std::size_t namedGroup(std::string_view text) {
    const std::size_t name = text.starts_with("(?P<") ? 4 : text.starts_with("(?<") ? 3 : 0;
    if (name == 0) {
        return 0;
    }
    auto end = name;
    while (end < text.size() && (alnum(text[end]) || text[end] == '_')) {
        ++end;
    }
    return end != name && end < text.size() && text[end] == '>' ? end + 1 : 0;
}

Translated translated(std::string_view text) {
    Translated out;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t length = 1;
        if (text[i] == '\\' && text.substr(i, 2) == "\\Q") {  // literally, up to \E
            const auto end = text.find("\\E", i);
            length = end == std::string_view::npos ? text.size() - i : end + 2 - i;
        } else if (text[i] == '\\' && i + 1 < text.size()) {
            out.singleByte = out.singleByte || text[i + 1] == 'C';
            length = 2;
        } else if (const auto named = namedGroup(text.substr(i)); named != 0) {
            out.text += '(';
            i += named;
            continue;
        }
        out.text += text.substr(i, length);
        i += length;
    }
    return out;
}

std::string escapeProblem(const std::string& escape) {
    if (escape.size() > 1 && escape[1] >= '1' && escape[1] <= '9') {
        return "has a back-reference, which RE2 does not support";
    }
    return "has `" + escape + "`, which RE2 does not support";
}

std::string perlProblem(const std::string& group) {
    if (group == "(?=" || group == "(?!" || group.starts_with("(?<")) {
        return "has a look-ahead or look-behind, which RE2 does not support";
    }
    if (group == "(?>") {
        return "has an atomic group, which RE2 does not support";
    }
    return "has `" + group + "`, which RE2 does not support";
}

/// Nothing also where an RE2 of another age could think otherwise: classes of Unicode. How much memory an
/// expression may take is not asked.
std::optional<std::string> problemOf(const re2::RE2& compiled) {
    const std::string& part = compiled.error_arg();
    switch (compiled.error_code()) {
        case re2::RE2::NoError:
        case re2::RE2::ErrorPatternTooLarge:
            return std::nullopt;
        case re2::RE2::ErrorBadEscape:
            return escapeProblem(part);
        case re2::RE2::ErrorBadCharRange:
            if (part.starts_with("\\p") || part.starts_with("\\P")) {
                return std::nullopt;
            }
            return "has the range `" + part + "`, which is not valid";
        case re2::RE2::ErrorMissingBracket:
            return "has a `[` without its `]`";
        case re2::RE2::ErrorMissingParen:
            return "has a `(` without its `)`";
        case re2::RE2::ErrorUnexpectedParen:
            return "has a `)` without its `(`";
        case re2::RE2::ErrorTrailingBackslash:
            return "ends with a backslash";
        case re2::RE2::ErrorRepeatArgument:
            return "has nothing to repeat before `" + part + "`";
        case re2::RE2::ErrorRepeatSize:
            return "repeats with `" + part + "`: RE2 allows at most 1000, and the smaller number first";
        case re2::RE2::ErrorRepeatOp:
            return "repeats a repetition with `" + part + "`";
        case re2::RE2::ErrorBadPerlOp:
            return perlProblem(part);
        case re2::RE2::ErrorBadNamedCapture:
            return part.starts_with("(?<=") || part.starts_with("(?<!") ? perlProblem(part)
                                                                        : "has a group with a bad name";
        default:
            return "is not a valid RE2 expression: " + compiled.error();
    }
}

std::optional<std::string> syntaxProblem(const std::string& text) {
    re2::RE2::Options options(re2::RE2::Quiet);
    // Without room for a program RE2 only parses, which takes as long as the text is; compiling may take the
    // square.
    options.set_max_mem(1);
    return problemOf(re2::RE2(text, options));
}

}  // namespace

std::optional<std::string> regexProblem(std::string_view text) {
    const auto given = translated(text);
    if (given.singleByte) {
        return "has `\\C`, which Prometheus and Alertmanager do not support";
    }
    if (auto problem = syntaxProblem(given.text)) {
        return problem;
    }
    // Both programs put it between anchors, which only a literal without an end swallows.
    const bool literal = given.text.find("\\Q") != std::string::npos;
    return literal && syntaxProblem("^(?s:" + given.text + ")$")
               ? std::optional<std::string>("has a `\\Q` without its `\\E`")
               : std::nullopt;
}

}  // namespace vigie::spec
