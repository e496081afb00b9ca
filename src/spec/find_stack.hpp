// Which file of a directory is the document.
#pragma once

#include "spec/node.hpp"

#include <optional>
#include <string_view>

namespace vigie::spec {

/// Where a text says that it is a document of vigie, well-formed or not: the key `kind` with MonitoringStack,
/// or `apiVersion` with `vigie.dev/`, at the top of a block mapping or of one in braces, quoted or not. Looks
/// at the text only, which may be a large file of somebody else's, or be broken. Nothing: it does not.
std::optional<Position> findStack(std::string_view text);

}  // namespace vigie::spec
