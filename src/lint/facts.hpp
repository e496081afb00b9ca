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
    std::optional<facts::HostFacts> facts;  ///< nothing when it has mistakes
};

/// What lies beside a document and says something about its hosts.
struct Known {
    std::map<std::string, FactsFile> hosts;             ///< by the name that the file bears
    std::map<std::string, std::string> composeDigests;  ///< of compose files, by their path in the project
};

/// Tells that checks were not made, which no check that lacks its fact may keep to itself.
constexpr Code kNotChecked = code::VG0350;

/// Checks the document against what its hosts are. Findings are no errors: facts can be older than the host.
void lintFacts(const spec::Stack& stack, const Known& known, const spec::Reporter& report,
               spec::Diagnostics& diagnostics);

}  // namespace vigie::lint
