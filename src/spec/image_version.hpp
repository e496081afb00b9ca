// The version that an image's tag names.
#pragma once

#include <compare>
#include <optional>
#include <string_view>

namespace vigie::spec {

struct ImageVersion {
    int major = 0;
    int minor = 0;
    auto operator<=>(const ImageVersion&) const = default;
};

/// The version in an image's tag (`prom/prometheus:v3.5.0` → 3.5); nothing for `latest`, digests and other
/// words.
std::optional<ImageVersion> imageVersion(std::string_view image);

}  // namespace vigie::spec
