// How far an apply goes beyond files.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace vigie::plan {

/// How far beyond files a plan goes: not at all; to programs that reload; to the tunnel, the firewall,
/// services and containers.
enum class Activation : std::uint8_t { none, reload, all };

std::string_view toText(Activation activation);
/// Nothing when `text` names none.
std::optional<Activation> activationFrom(std::string_view text);

}  // namespace vigie::plan
