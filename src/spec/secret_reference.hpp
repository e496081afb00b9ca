// A field that names a secret.
#pragma once

#include <string>

namespace vigie::spec {

struct SecretReference {
    std::string secret;
    bool operator==(const SecretReference&) const = default;
};

}  // namespace vigie::spec
