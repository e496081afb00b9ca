// The document whose secrets are sealed, and how a command edits it.
#pragma once

#include "source/directory.hpp"
#include "spec/edit_sealed.hpp"

#include <string>

namespace vigie::cli {

/// Reads the document whose secrets are sealed, which may have mistakes elsewhere. Throws Error when the
/// names that go into ciphertexts cannot be told.
source::Loaded loadForSealing(const std::string& directory);

/// Throws Error unless `text`, the edited document, reads as `expected`.
void requireSameMeaning(const source::Loaded& loaded, const std::string& text, const spec::Stack& expected);

/// Writes the document's file as a whole or not at all. Throws Error when it was changed since it was read.
void writeDocument(const source::Loaded& loaded, const std::string& text);

/// Writes the ciphertexts into the document's file as a whole or not at all, and touches nothing else in it.
/// Throws Error when the file was changed since it was read, and when what would stand there does not read
/// back as exactly that.
void writeSealed(const source::Loaded& loaded, const spec::SealedEdits& edits);

}  // namespace vigie::cli
