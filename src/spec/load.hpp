#pragma once

#include "spec/diagnostics.hpp"
#include "spec/stack.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::spec {

/// A decoded document, with its tree for whoever has to point into it. Only to be rendered when there are no
/// errors.
struct Document {
    std::string file;
    Node root;
    Stack stack;
};

/// Reads, checks and decodes one document. `vigieVersion` is compared with `spec.requires`. Every mistake is
/// in `diagnostics`; a document is returned whenever there is a tree, so that lint can find its mistakes as
/// well.
std::optional<Document> loadStack(std::string_view text, const std::string& file,
                                  std::string_view vigieVersion, Diagnostics& diagnostics);

/// A file of the source directory that the document names.
struct NamedFile {
    std::string path;  ///< relative to the document's directory
    FieldPath at;
};

std::vector<NamedFile> namedFiles(const Stack& stack);

}  // namespace vigie::spec
