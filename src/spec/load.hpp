// Loads a document from its text.
#pragma once

#include "spec/diagnostics.hpp"
#include "spec/read_yaml.hpp"
#include "spec/stack.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::spec {

/// What the document itself may cost: some tens of thousands of hosts. Files that it names may be larger.
constexpr YamlLimits kDocumentLimits{8U << 20U, 400'000};

/// Pairs of a host and a project, application or exporter.
constexpr std::size_t kMostPairs = 5'000'000;

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
