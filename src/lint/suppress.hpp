// Findings that a comment or `spec.lint.disable` disables.
#pragma once

#include "spec/diagnostics.hpp"
#include "spec/stack.hpp"

#include <map>
#include <string>

namespace vigie::lint {

/// Takes out the warnings and infos that the document's author knows of: those whose code stands in
/// `spec.lint.disable`, and those on a line with a comment `# vigie: disable=VG0406,VG0410`, or below a line
/// that is nothing but such a comment. Errors stay. A code in `spec.lint.disable` that took nothing out is an
/// info itself (VG0110); one that can never take anything out, here or there, is a warning (VG0111).
/// `sources` are the texts of the files that findings point into, by name; `report` reports on the document.
void suppress(const spec::Stack& stack, const std::map<std::string, std::string>& sources,
              const spec::Reporter& report, spec::Diagnostics& diagnostics);

}  // namespace vigie::lint
