// Time, and waiting for it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace vigie::system {

/// Time, and waiting for it.
class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    Clock(Clock&&) = delete;
    Clock& operator=(Clock&&) = delete;
    virtual ~Clock() = default;

    /// Unix milliseconds. For people and records; it may jump.
    [[nodiscard]] virtual std::int64_t now() const = 0;
    /// Milliseconds that never jump. For deadlines.
    [[nodiscard]] virtual std::int64_t monotonic() const = 0;
    /// Milliseconds since the machine started, also while it sleeps: CLOCK_BOOTTIME. Together with `bootId`
    /// an absolute time that outlives a process.
    [[nodiscard]] virtual std::int64_t sinceBoot() const = 0;
    /// Another one after each start of the machine.
    [[nodiscard]] virtual std::string bootId() const = 0;
    virtual void sleep(std::chrono::milliseconds time) = 0;
};

}  // namespace vigie::system
