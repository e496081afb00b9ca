// What a program has loaded, and making it load what this host has.
#pragma once

#include "plan/observed.hpp"
#include "render/resource.hpp"
#include "system/system.hpp"

#include <chrono>
#include <string>

namespace vigie::apply {

/// What the program behind `reload` has loaded, and what the host has for it where that is the host's own.
plan::ObservedReload observeReload(const render::ConfiguredProgram& reload, const system::System& system);

/// Posts to the program's reload endpoint and waits until it has loaded what `reload` describes: 200 proves
/// nothing, the digest in what it has loaded does. Throws Rejected with the program's own reason.
void reloadAndProve(const render::ConfiguredProgram& reload, std::chrono::milliseconds timeout,
                    const system::System& system);

/// Waits only; for a program that has just been started. Throws Rejected.
void proveLoaded(const render::ConfiguredProgram& reload, std::chrono::milliseconds timeout,
                 const system::System& system);

/// Makes an attached program that is released read what was left to it, and waits until it has. Throws
/// Error, also Rejected.
void reloadReleased(const render::ConfiguredProgram& program, std::chrono::milliseconds timeout,
                    const system::System& system);

/// Posts only; for a rollback, where any answer is better than none. Returns what went wrong, in words, or
/// nothing.
std::string reloadOnly(const render::ConfiguredProgram& reload, std::chrono::milliseconds timeout,
                       const system::System& system);

}  // namespace vigie::apply
