// Checks across components of a document.
#pragma once

#include "spec/diagnostics.hpp"
#include "spec/stack.hpp"

#include <map>
#include <string>

namespace vigie::lint {

/// Checks across components, on a document that may have other mistakes already: fields that are
/// absent or have no meaning are passed over. Each finding's code has a page in docs/codes/.
void lint(const spec::Stack& stack, const spec::Reporter& report);

/// The same for the dashboards among the files that the document names.
void lintDashboards(const spec::Stack& stack, const std::map<std::string, std::string>& files,
                    const spec::Reporter& report);

}  // namespace vigie::lint
