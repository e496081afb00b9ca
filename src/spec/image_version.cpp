// Reads the version out of an image's tag.

#include "spec/image_version.hpp"

#include <charconv>

namespace vigie::spec {

std::optional<ImageVersion> imageVersion(std::string_view image) {
    image = image.substr(0, image.find('@'));
    const auto colon = image.rfind(':');
    if (colon == std::string_view::npos || image.find('/', colon) != std::string_view::npos) {
        return std::nullopt;  // no tag; the colon, if any, belongs to a registry's port
    }
    auto tag = image.substr(colon + 1);
    if (!tag.empty() && tag.front() == 'v') {
        tag.remove_prefix(1);
    }
    ImageVersion version;
    const char* end = tag.data() + tag.size();
    const auto major = std::from_chars(tag.data(), end, version.major);
    if (major.ec != std::errc{}) {
        return std::nullopt;
    }
    if (major.ptr != end && *major.ptr == '.') {
        std::from_chars(major.ptr + 1, end, version.minor);
    }
    return version;
}

}  // namespace vigie::spec
