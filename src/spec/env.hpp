// A variable of a container, and where its value comes from.
#pragma once

#include "spec/describable.hpp"
#include "spec/secret_reference.hpp"

#include <optional>
#include <string>

namespace vigie::spec {

/// A secret as a file of its own, of which a variable holds the path.
struct SecretFile {
    std::string secret;
    std::optional<int> uid = {};  ///< who reads it; absent: the user that the container runs as
    bool operator==(const SecretFile&) const = default;
};

VIGIE_DESCRIBE(SecretFile) {
    io.field("secret", value.secret);
    io.field("uid", value.uid);
}

/// A variable of a container. At most one of `value`, `valueFrom` and `fileFrom` is written.
struct EnvVar {
    std::string name;
    std::string value = {};
    std::optional<SecretReference> valueFrom = {};
    std::optional<SecretFile> fileFrom = {};
    bool operator==(const EnvVar&) const = default;
};

VIGIE_DESCRIBE(EnvVar) {
    io.field("name", value.name);
    io.field("value", value.value);
    io.field("valueFrom", value.valueFrom);
    io.field("fileFrom", value.fileFrom);
}

}  // namespace vigie::spec
