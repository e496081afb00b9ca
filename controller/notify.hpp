// Notifies systemd of readiness, status and the watchdog.
#pragma once

#include <chrono>
#include <string>

namespace vigie::controller {

// What systemd is told (sd_notify(3)); nothing happens where it does not listen.

/// `READY=1`, `STOPPING=1`, `STATUS=…`, `WATCHDOG=1`.
void notifyManager(const std::string& state);

/// How often the watchdog wants to hear of us at most (half of its deadline); 0: there is none.
std::chrono::milliseconds watchdogInterval();

}  // namespace vigie::controller
