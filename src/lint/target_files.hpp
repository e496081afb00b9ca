// Files of targets (`fileSDConfigs`) that lie beside the document, which Prometheus gets as they are.

#pragma once

#include "spec/diagnostics.hpp"
#include "spec/stack.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace vigie::lint {

/// A file that jobs of the document read their targets from.
struct TargetFile {
    std::string path;      ///< below the document's directory
    bool anyText = false;  ///< every job that reads it makes an address of what stands there
};

std::vector<TargetFile> targetFiles(const spec::Stack& stack);

/// Checks such a file: `text` is what the file, called `shown` in messages, holds. Findings have their
/// position in it. Prometheus itself says nothing of one that it cannot read but in its log, and the job has
/// no target. Source: Prometheus, discovery/file and discovery/targetgroup.
void lintTargetFile(const TargetFile& file, const std::string& shown, std::string_view text,
                    spec::Diagnostics& diagnostics);

}  // namespace vigie::lint
