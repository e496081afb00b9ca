// Turns a checked document into structs, and structs into a document.
#pragma once

#include "spec/node.hpp"
#include "spec/stack.hpp"

namespace vigie::spec {

/// Turns a document that `checkSchema` accepted into structs.
Stack decode(const Node& document);

/// The inverse: `decode(encode(x)) == x`, and `checkSchema` accepts `encode(x)` whenever x came from a
/// document.
Node encode(const Stack& stack);

}  // namespace vigie::spec
