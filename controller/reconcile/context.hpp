// What every step of a pass works with.
#pragma once

#include "controller/config.hpp"
#include "controller/reconcile/narrator.hpp"
#include "controller/reconcile/state.hpp"
#include "controller/reconcile/status_report.hpp"
#include "controller/reconcile/world.hpp"
#include "state/store.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace vigie::controller {

struct Context {
    Context(const Config& settings, state::Store& memory, World outside)
        : config(settings),
          store(memory),
          world(std::move(outside)),
          narrator(world.log, world.events, world.looking.clock),
          report(config, store, world) {}

    const Config config;
    state::Store& store;
    const World world;
    Narrator narrator;
    StatusReport report;

    /// Monotonic milliseconds.
    [[nodiscard]] std::int64_t monotonic() const { return world.looking.clock.monotonic(); }
    /// Unix milliseconds.
    [[nodiscard]] std::int64_t now() const { return world.looking.clock.now(); }
};

/// Which changes activate something, as the configuration says.
plan::Options planOptions(const Config& config);

/// Why nothing may be changed: the operator, or the document. Nothing: it may. Ends a suspension whose time
/// has passed.
std::optional<std::string> suspended(Context& on);

}  // namespace vigie::controller
