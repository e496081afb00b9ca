// Compares the document with the facts of its hosts.
#pragma once

#include "facts/model.hpp"
#include "spec/diagnostics.hpp"
#include "spec/stack.hpp"

#include <map>
#include <optional>
#include <string>

namespace vigie::lint {

/// A file `facts/HOST.json`.
struct FactsFile {
    std::string name;                       ///< for messages
    std::optional<facts::HostFacts> facts;  ///< nullopt if the file is invalid
};

/// Facts in the repository: the files below `facts/` and the digests of compose files.
struct RepositoryFacts {
    std::map<std::string, FactsFile> hosts;             ///< by the file's name without `.json`
    std::map<std::string, std::string> composeDigests;  ///< of compose files, by their path in the project
};

/// The code that reports skipped checks: every check that lacks a fact must be counted in it.
constexpr Code kChecksSkipped = code::VG0350;

/// Compares the document with facts of its hosts. Findings are never errors, because facts can be outdated.
void lintFacts(const spec::Stack& stack, const RepositoryFacts& known, const spec::Reporter& report,
               spec::Diagnostics& diagnostics);

}  // namespace vigie::lint
