#pragma once

#include "system/clock.hpp"

#include <thread>

namespace vigie::system {

class RealClock : public Clock {
public:
    [[nodiscard]] std::int64_t now() const override { return since<std::chrono::system_clock>(); }
    [[nodiscard]] std::int64_t monotonic() const override { return since<std::chrono::steady_clock>(); }
    void sleep(std::chrono::milliseconds time) override { std::this_thread::sleep_for(time); }

private:
    template <class C>
    static std::int64_t since() {
        return std::chrono::duration_cast<std::chrono::milliseconds>(C::now().time_since_epoch()).count();
    }
};

}  // namespace vigie::system
