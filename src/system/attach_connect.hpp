// Connects in the network of another process.
#pragma once

#include "system/descriptor.hpp"
#include "system/held_process.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace vigie::system {

/// Enters the network namespace of `process`, gives up all capabilities, and connects to `address`, a number
/// that is one of that network's own and at which `process` itself listens. This process never gets back: it
/// must be one that ends with its answer. Throws AttachError.
Descriptor connectInside(const HeldProcess& process, const std::string& address, std::uint16_t port,
                         std::chrono::milliseconds timeout);

}  // namespace vigie::system
