// Reads one YAML document within limits.
#pragma once

#include "spec/diagnostics.hpp"
#include "spec/node.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace vigie::spec {

/// What a document may cost. Documents are untrusted.
struct YamlLimits {
    std::size_t bytes = 32U << 20U;
    std::size_t nodes = 2'000'000;
    std::size_t aliasNodes = 10'000;  ///< nodes that exist only because an alias copied them
    std::size_t depth = 100;
};

/// Reads one YAML document. Duplicate keys, keys that are no plain text, several documents, syntax errors and
/// documents beyond `limits` are reported; nothing is returned when there is no tree worth checking further.
std::optional<Node> readYaml(std::string_view text, const std::string& file, Diagnostics& diagnostics,
                             const YamlLimits& limits = {});

}  // namespace vigie::spec
