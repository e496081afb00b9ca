// The only translation unit that sees libsystemd.

#include "controller/notify.hpp"

#include <systemd/sd-daemon.h>

#include <cstdint>

namespace vigie::controller {

void notifyManager(const std::string& state) {
    ::sd_notify(0, state.c_str());
}

std::chrono::milliseconds watchdogInterval() {
    std::uint64_t microseconds = 0;
    if (::sd_watchdog_enabled(0, &microseconds) <= 0) {
        return std::chrono::milliseconds(0);
    }
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::microseconds(microseconds / 2));
}

}  // namespace vigie::controller
