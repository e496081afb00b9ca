// What a guest of the tunnel needs to connect, as text and as a picture to scan.
#pragma once

#include "base/secure.hpp"
#include "spec/stack.hpp"

#include <string>
#include <string_view>

namespace vigie::cli {

/// The configuration of the guest's WireGuard, as wg-quick and the apps for phones read it. With its private
/// key: for the guest alone. `presharedKey` may be empty.
SecureBytes guestConfiguration(const spec::Stack& stack, const spec::Guest& guest,
                               std::string_view privateKey, std::string_view presharedKey);

/// A QR code of `text` for a terminal: dark on light, whatever its colours are. Throws Error when it does not
/// fit into one.
SecureBytes qrCode(std::string_view text);

}  // namespace vigie::cli
