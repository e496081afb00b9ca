// Reads native configuration and the files that it names.
#pragma once

#include "source/directory.hpp"
#include "spec/native_words.hpp"
#include "system/files.hpp"

#include <string>
#include <vector>

namespace vigie::source {

/// Reads what the `configFrom` of the document's components name: files of theirs join `out.files`, their
/// secrets the document. What cannot be read at all is reported and left out. The result refers to
/// `out.document`.
std::vector<spec::NativeRead> readNatives(const system::Files& files, const std::string& base, Loaded& out);

}  // namespace vigie::source
