// Native configuration in the words of the document, so that whatever looks at a document looks at it as
// well.
#pragma once

#include "spec/load.hpp"
#include "spec/native_paths.hpp"

#include <cstdint>
#include <vector>

namespace vigie::spec {

/// A component's native configuration, as it was read.
struct NativeRead {
    NativeSource source;
    std::string shown;  ///< what messages call its file
    Node root;
    std::vector<NativeFile> files = {};
    std::vector<Node> scrapeFiles = {};  ///< of `files`, those with further scrape configurations
};

/// The lines of all files in one count: those of the n-th native configuration lie behind n times as many.
constexpr std::uint32_t kLinesOfAFile = 1U << 26U;

/// A document and its native configurations in one tree, to be looked at and never to be rendered: what the
/// document has no word for stands in `raw` or is left out, and what it could not hold is marked as refused.
struct CombinedDocument {
    Node root;
    Stack stack;
};

/// Texts that are no durations are reported to `report`, whose positions count as said above.
CombinedDocument combine(const Document& document, const std::vector<NativeRead>& natives,
                         const Reporter& report);

/// Gives each finding its file and line back, also in its words.
void separateFiles(Diagnostics& diagnostics, const Document& document,
                   const std::vector<NativeRead>& natives);

}  // namespace vigie::spec
