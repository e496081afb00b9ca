#include "spec/regex.hpp"

namespace vigie::spec {
namespace {

/// The offset behind a character class that begins at `at`; npos when it does not end.
std::size_t behindClass(std::string_view text, std::size_t at) {
    std::size_t i = at + 1;
    if (i < text.size() && text[i] == '^') {
        ++i;
    }
    if (i < text.size() && text[i] == ']') {
        ++i;  // the first one is a character
    }
    for (; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == '[' && text.substr(i, 2) == "[:") {
            const auto end = text.find(":]", i);
            i = end == std::string_view::npos ? i : end + 1;
        } else if (text[i] == ']') {
            return i + 1;
        }
    }
    return std::string_view::npos;
}

std::optional<std::string> groupProblem(std::string_view rest) {
    if (rest.substr(0, 3) == "(?=" || rest.substr(0, 3) == "(?!" || rest.substr(0, 4) == "(?<=" ||
        rest.substr(0, 4) == "(?<!") {
        return "looks ahead or behind, which RE2 cannot";
    }
    if (rest.substr(0, 3) == "(?>") {
        return "has an atomic group, which RE2 does not know";
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> regexProblem(std::string_view text) {
    int depth = 0;
    bool repeatable = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\\') {
            if (++i == text.size()) {
                return "ends with a backslash";
            }
            if (text[i] >= '1' && text[i] <= '9') {
                return "refers back to a group, which RE2 cannot";
            }
            repeatable = true;
        } else if (c == '[') {
            const auto end = behindClass(text, i);
            if (end == std::string_view::npos) {
                return "has a `[` without its `]`";
            }
            i = end - 1;
            repeatable = true;
        } else if (c == '(') {
            if (auto problem = groupProblem(text.substr(i))) {
                return problem;
            }
            if (text.substr(i, 2) == "(?") {
                ++i;
            }
            ++depth;
            repeatable = false;
        } else if (c == ')') {
            if (--depth < 0) {
                return "has a `)` without its `(`";
            }
            repeatable = true;
        } else if (c == '*' || c == '+' || c == '?') {
            if (!repeatable) {
                return std::string("repeats nothing with `") + c + "`";
            }
            if (i + 1 < text.size() && text[i + 1] == '?') {
                ++i;  // as few as possible
            }
            repeatable = false;
        } else {
            repeatable = c != '|' && c != '^';
        }
    }
    return depth == 0 ? std::nullopt : std::optional<std::string>("has a `(` without its `)`");
}

}  // namespace vigie::spec
