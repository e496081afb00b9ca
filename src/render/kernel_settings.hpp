// Settings of the kernel that a host needs, in their file and live.
#pragma once

#include "render/builder.hpp"

#include <string>
#include <vector>

namespace vigie::render {

/// Sets each of `keys` to 1, now and after a boot. The ids of what it added; none for no key. A host has one
/// such file, so this is called once.
std::vector<std::string> kernelSettings(Builder& builder, const std::vector<std::string>& keys,
                                        const std::string& purpose);

}  // namespace vigie::render
