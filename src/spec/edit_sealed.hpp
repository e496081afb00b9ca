// Puts new ciphertexts into the text of a document, and changes nothing else.
#pragma once

#include "spec/node.hpp"

#include <map>
#include <string>
#include <string_view>

namespace vigie::spec {

/// New ciphertexts, by the index of the secret in `spec.secrets`, by host or recovery key.
using SealedEdits = std::map<std::size_t, std::map<std::string, std::string>>;

/// `text` with other ciphertexts, and not one byte else: a ciphertext that is there is replaced within its
/// quotes, one that is not is added behind the last of its secret, in the form of its neighbours. `root` is
/// the tree of `text`. Throws Error, with the place, where a value is written in a way that hides its bytes
/// (an alias, a block, an escape).
std::string withSealed(std::string_view text, const Node& root, const SealedEdits& edits);

}  // namespace vigie::spec
