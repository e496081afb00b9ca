// The real time.
#pragma once

#include "system/clock.hpp"

#include <time.h>

#include <fstream>
#include <thread>

namespace vigie::system {

class RealClock : public Clock {
public:
    [[nodiscard]] std::int64_t now() const override { return since<std::chrono::system_clock>(); }
    [[nodiscard]] std::int64_t monotonic() const override { return since<std::chrono::steady_clock>(); }
    [[nodiscard]] std::int64_t sinceBoot() const override {
        timespec time{};
        ::clock_gettime(CLOCK_BOOTTIME, &time);
        return static_cast<std::int64_t>(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000;
    }
    [[nodiscard]] std::string bootId() const override {
        std::string out;
        std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), out);
        return out;
    }
    void sleep(std::chrono::milliseconds time) override { std::this_thread::sleep_for(time); }

private:
    template <class C>
    static std::int64_t since() {
        return std::chrono::duration_cast<std::chrono::milliseconds>(C::now().time_since_epoch()).count();
    }
};

}  // namespace vigie::system
