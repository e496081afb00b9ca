// Alertmanager's matchers as text.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::lint {

/// How Alertmanager reads matchers. From 0.27 on it takes names of any characters, and reads what its new
/// parser refuses in the old way; `--enable-feature` chooses one of the two. Source: Alertmanager's
/// matcher/compat/parse.go and cmd/alertmanager/main.go.
enum class MatcherSyntax : std::uint8_t { classic, fallback, utf8 };

struct Matcher {
    std::string name;
    std::string op;  ///< `=`, `!=`, `=~` or `!~`
    std::string value;
    bool quoted = false;  ///< the value stood in double quotes
    bool operator==(const Matcher&) const = default;
};

/// What Alertmanager understands of one line of `matchers`, which may hold several with commas between them,
/// in braces or not.
struct Matchers {
    std::vector<Matcher> matchers;
    std::string problem;   ///< why it refuses the line, behind its subject; empty: it does not
    bool classic = false;  ///< understood in the old way only, which takes nearly anything for a value
};

Matchers readMatchers(std::string_view text, MatcherSyntax syntax);

}  // namespace vigie::lint
