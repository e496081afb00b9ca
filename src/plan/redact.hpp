// Masks what a found file may hold before it is shown in a diff.
#pragma once

#include "render/text.hpp"

#include <string>
#include <string_view>

namespace vigie::plan {

/// What of a file found on a host may be shown beside `desired`, line by line.
///
/// In a file that will hold secrets, only lines that are known to be harmless are shown: those that `desired`
/// has as well, and the public settings of a WireGuard configuration. A line that stands where a secret
/// belongs is cut at the secret, any other is hidden: it may be an older secret. In other files the values of
/// what looks like passwords are masked, because somebody may have written them there by hand; unless it
/// `heldSecrets`, which `desired` knows nothing of any more: then only lines that `desired` has as well are
/// shown.
std::string showable(std::string_view observed, const render::Text& desired, bool heldSecrets = false);

}  // namespace vigie::plan
