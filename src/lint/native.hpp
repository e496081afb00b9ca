// Checks of native configuration that no document without one needs.
#pragma once

#include "spec/native_words.hpp"

#include <map>
#include <string>

namespace vigie::lint {

/// Checks the configuration and the files that it names, at their own lines. `files` are those of the
/// document's directory, `base` stands before their names in messages. Adds the texts of files with findings
/// to `sources`.
void lintNative(const spec::Stack& stack, const spec::NativeRead& native,
                const std::map<std::string, std::string>& files, const std::string& base,
                spec::Diagnostics& diagnostics, std::map<std::string, std::string>& sources);

/// What the configuration and the document say together; positions as `spec::combine` counts them.
void lintCombined(const spec::CombinedDocument& combined, const std::vector<spec::NativeRead>& natives,
                  const spec::Reporter& report);

/// Takes out what was said of derived jobs that gave way, or of jobs that only look like two.
void dropGivenWay(const std::vector<spec::NativeRead>& natives, spec::Diagnostics& diagnostics);

}  // namespace vigie::lint
