// Reads one YAML document within limits.
#pragma once

#include "spec/diagnostics.hpp"
#include "spec/node.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::spec {

/// What a document may cost. Documents are untrusted.
struct YamlLimits {
    std::size_t bytes = 32U << 20U;
    std::size_t nodes = 2'000'000;
    std::size_t aliasNodes = 10'000;  ///< nodes that exist only because an alias copied them
    std::size_t depth = 100;
    bool secretTag = false;  ///< `!secret NAME` is allowed as a value, and becomes `secretScalar(NAME)`
};

/// The text that stands for the secret `name`. No text of a file looks like it: a file with the control
/// character is refused, and so is its escape where `secretTag` is allowed.
std::string secretScalar(std::string_view name);

/// The secrets that a text stands for, in their order.
std::vector<std::string> secretsIn(std::string_view scalar);

/// Reads one YAML document. Duplicate keys, keys that are no plain text, several documents, syntax errors and
/// documents beyond `limits` are reported; nothing is returned when there is no tree worth checking further.
std::optional<Node> readYaml(std::string_view text, const std::string& file, Diagnostics& diagnostics,
                             const YamlLimits& limits = {});

}  // namespace vigie::spec
