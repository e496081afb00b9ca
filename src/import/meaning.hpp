// What a configuration means, value by value, without its secrets.
#pragma once

#include "import/seen.hpp"

#include <map>
#include <string>
#include <vector>

namespace vigie::imports {

/// A URL that carries who may use it: a user, a query, or a long word that nobody would choose for a path.
bool urlWithSecret(const std::string& text);

/// Replaces the value of every field that may hold a secret by `***`: passwords, tokens, headers, webhooks'
/// URLs, paths with a query, URLs with a user or with something that looks like a token in it. Each is added
/// to `findings` but for those that `sealed` names.
void maskSecrets(spec::Node& node, const std::string& file, const std::vector<std::string>& sealed,
                 std::vector<Finding>& findings);

/// Takes out what `maskSecrets` masked.
void dropMasked(spec::Node& node);

/// path → value: what a YAML file says, without order of keys, quoting or comments, and with list items known
/// by what names them: a job's name, a port inside the container, a mount's target.
std::map<std::string, std::string> meaningOf(const spec::Node& root);

/// Of a compose file: values that may hold a secret are `***`.
std::map<std::string, std::string> composeMeaning(const spec::Node& root);

}  // namespace vigie::imports
