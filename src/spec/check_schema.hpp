// Checks a document against the schema and fills in defaults.
#pragma once

#include "spec/diagnostics.hpp"
#include "spec/node.hpp"
#include "spec/schema.hpp"

namespace vigie::spec {

/// Checks `node` against `schema` and fills in the schema's defaults, as a Kubernetes API server would.
/// Whatever is wrong is reported, one diagnostic for each cause. When nothing was reported, decoding cannot
/// fail.
void checkSchema(Node& node, const Schema& schema, const Reporter& report);

}  // namespace vigie::spec
