// Checks text as Go's text/template parses it.

#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::lint {

struct TemplateProblem {
    std::size_t at = 0;  ///< an offset in bytes
    std::string what;    ///< the message without its subject
};

/// A name that a template uses, and where.
struct TemplateName {
    std::string name;
    std::size_t at = 0;
};

struct Template {
    std::optional<TemplateProblem> problem;  ///< the first one; what follows was not read
    std::set<std::string> defined;           ///< by `define` and `block`
    std::vector<TemplateName> called;        ///< by `template`
    /// First fields of the data as a whole: `.Status` outside of `range`, `with` and `define`, `$.Status`
    /// outside of `define`.
    std::vector<TemplateName> fields;
};

/// Reads a text as Go parses it; nothing is executed. `knows` says whether a function exists, beside Go's
/// own. Source: Go's text/template/parse; tried with `amtool template render` 0.33.1.
Template readTemplate(std::string_view text, const std::function<bool(std::string_view)>& knows);

}  // namespace vigie::lint
