#pragma once

#include <string>

namespace vigie::spec {

/// Names one of `spec.secrets`.
struct SecretReference {
    std::string secret;
    bool operator==(const SecretReference&) const = default;
};

}  // namespace vigie::spec
