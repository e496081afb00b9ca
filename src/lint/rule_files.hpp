// Checks files of rules that the document names.
#pragma once

#include "spec/diagnostics.hpp"
#include "spec/stack.hpp"

#include <string>
#include <string_view>

namespace vigie::lint {

/// Checks one of `spec.prometheus.ruleFiles`: `text` is what the file `file` holds. Findings have their
/// position in that file. Whether it is a rule file at all is promtool's to say.
void lintRuleFile(const spec::Stack& stack, const std::string& file, std::string_view text,
                  spec::Diagnostics& diagnostics);

}  // namespace vigie::lint
