// One order for the keys of every mapping of a document, so that what is rendered never depends on how the
// document was written down.

#pragma once

#include "spec/node.hpp"
#include "spec/schema.hpp"

namespace vigie::spec {

/// Brings the keys of all mappings below `node` into one order: fields as the schema names them, then keys of
/// the user's own by their bytes; where anything goes, single values before lists and mappings. A machine
/// that rewrites the document (a Kubernetes API server sorts keys) changes nothing by it. Items of lists keep
/// their places.
void orderKeys(Node& node, const Schema& schema);

}  // namespace vigie::spec
