// Writes a document as a person would.
#pragma once

#include "spec/stack.hpp"

#include <map>
#include <string>

namespace vigie::imports {

/// The document as a person would write it: fields that have their default are left away, texts are quoted
/// only where YAML wants it, and each of `comments` stands above what its path names.
std::string emit(const spec::Stack& stack, const std::map<std::string, std::string>& comments);

}  // namespace vigie::imports
