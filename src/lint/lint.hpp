#pragma once

#include "spec/diagnostics.hpp"
#include "spec/stack.hpp"

namespace vigie::lint {

/// Checks across components, on a document that may have other mistakes already: fields that are
/// absent or have no meaning are passed over. Each finding's code has a page in docs/codes/.
void lint(const spec::Stack& stack, const spec::Reporter& report);

}  // namespace vigie::lint
