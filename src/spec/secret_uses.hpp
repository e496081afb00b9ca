// Where the document names secrets, and which hosts need them.
#pragma once

#include "spec/settings.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::spec {

/// Every place of the document that names a secret, with the hosts that need its value there. References,
/// lint and rendering all walk these.
std::vector<SecretUse> secretUses(const Stack& stack);

/// Why a place of this form cannot hold `value`, in words that follow "the value": nothing of it is in them.
std::optional<std::string> unfit(SecretForm form, std::string_view value);

/// To whom a secret is sealed: a host, or a key that lies offline.
struct Recipient {
    std::string name;
    std::string sealingKey;  ///< may be empty: a host that has none in the document
    bool recovery = false;
};

/// Who must be able to open the secret, hosts first, each in the document's order.
std::vector<Recipient> recipientsOf(const Stack& stack, std::string_view secret);

}  // namespace vigie::spec
