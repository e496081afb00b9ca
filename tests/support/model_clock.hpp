// A clock that a test moves.
#pragma once

#include "system/clock.hpp"

#include <functional>

namespace vigie::tests {

/// A host's clock. Time passes in `sleep`, and when a test says so.
class ModelClock : public system::Clock {
public:
    [[nodiscard]] std::int64_t now() const override { return kEpoch + milliseconds; }
    [[nodiscard]] std::int64_t monotonic() const override { return milliseconds; }
    [[nodiscard]] std::int64_t sinceBoot() const override { return milliseconds - bootedAt; }
    [[nodiscard]] std::string bootId() const override { return "boot-" + std::to_string(boots); }
    void sleep(std::chrono::milliseconds time) override {
        if (onSleep) {
            onSleep(time);
        } else {
            milliseconds += time.count();
        }
    }
    /// Unix seconds.
    [[nodiscard]] std::int64_t seconds() const { return now() / kMilliseconds; }
    void reboot() {
        ++boots;
        bootedAt = milliseconds;
    }

    static constexpr std::int64_t kMilliseconds = 1000;
    static constexpr std::int64_t kEpoch = 1'760'000'000'000;
    std::int64_t milliseconds = 1'000'000;
    std::int64_t bootedAt = 0;
    int boots = 1;
    /// Who lets the time of several hosts pass together.
    std::function<void(std::chrono::milliseconds)> onSleep;
};

}  // namespace vigie::tests
