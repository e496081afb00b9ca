// Where in a document a program's complaint about it belongs, when the program gives no line.

#pragma once

#include "spec/node.hpp"

#include <string_view>

namespace vigie::spec {

/// The place below `within` of `root` that the words of `said` speak of: names of settings in the program's
/// own spelling (`group_interval`, "remote write config"), values and names in quotes, `rule 2` of a `group
/// "a"`. Where several places fit alike it is what they have in common, of things that are there twice the
/// last; with no hint at all it is `within`. Reads nothing but the tree: the same words always give the same
/// place.
FieldPath placeOfWords(const Node& root, const FieldPath& within, std::string_view said);

}  // namespace vigie::spec
