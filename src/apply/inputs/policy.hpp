// From the document's words on how a host is brought to it, to the options of a plan.
#pragma once

#include "apply/apply.hpp"
#include "spec/stack.hpp"

namespace vigie::apply {

/// What the document says about how this host is brought to it; `out.desired` is rendered already.
void addPolicy(const spec::Stack& stack, const spec::Host& host, DesiredState& out);

}  // namespace vigie::apply
