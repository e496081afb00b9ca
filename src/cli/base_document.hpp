// The document as it was at a revision, for `vigie plan --base`.

#pragma once

#include "source/directory.hpp"

#include <optional>
#include <string>

namespace vigie::cli {

struct BaseDocument {
    std::optional<source::Loaded> loaded;  ///< usable; nothing: there is none to compare with
    std::string note;                      ///< why there is none, for the plan; else empty
};

/// Of the repository in which `directory` lies, at the same place. A revision without a document, or with one
/// that has mistakes, is no error: a change that brings or mends the document can be planned. Throws Error
/// when the revision cannot be read.
BaseDocument baseDocument(const std::string& directory, const std::string& revision);

}  // namespace vigie::cli
