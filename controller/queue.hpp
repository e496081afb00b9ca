// Where the threads of the controller meet.
#pragma once

#include "controller/schedule.hpp"
#include "system/clock.hpp"
#include "system/descriptor.hpp"
#include "system/stop.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace vigie::controller {

/// What an operator wants done on the reconcile thread, between two passes.
struct Command {
    enum class What : std::uint8_t { rollback };
    What what = What::rollback;
    std::string argument;  ///< a generation's number or a revision; empty: the one before
};

/// What the loop does next.
struct Work {
    std::vector<Trigger> why;  ///< never empty
    std::vector<Command> commands;
    std::int64_t request = 0;  ///< the number of the latest request that this pass answers

    [[nodiscard]] bool asksRemote() const;
    /// `webhook, files`, for people.
    [[nodiscard]] std::string reasons() const;
};

/// Where the threads of the controller meet: everybody puts reasons and commands in, the reconcile thread
/// takes them out. All functions but `wait` may be called from any thread and do not block.
class Queue {
public:
    /// Waits until `time` has passed or one of the two descriptors is readable; may return earlier.
    using Waiter = std::function<void(int stop, int poked, std::chrono::milliseconds time)>;

    /// Requests are numbered from behind `requests` on: whoever waits for one of a controller before this one
    /// must not wait for ever. A test brings a waiter that lets time pass by itself.
    explicit Queue(const system::Clock& clock, std::int64_t requests = 0, Waiter waiter = pollBoth);
    /// poll(2).
    static void pollBoth(int stop, int poked, std::chrono::milliseconds time);

    void wake(Trigger why);
    /// Asks for a look. The returned number is in the status as `lastHandledRequest` (or a higher one) as
    /// soon as a look that began after this call has ended.
    std::int64_t request();
    std::int64_t post(Command command);
    /// `why` is poll, retry, suspension or tunnel, `at` monotonic.
    void plan(Trigger why, std::int64_t at);
    void cancel(Trigger why);

    /// Raised from the moment at which the host reports something of its own until the next work is taken:
    /// what may take long and can wait is given up then. It follows `stop` as well.
    [[nodiscard]] const system::Stop& hostEvent() const { return hostEvent_; }
    void follow(const system::Stop& stop) { hostEvent_.follow(stop); }

    /// When the next look is due as things stand; monotonic, or INT64_MAX.
    [[nodiscard]] std::int64_t due() const;

    /// Waits for work. Throws Interrupted when `stop` is raised.
    Work wait(const system::Stop& stop);

private:
    void poke() const;
    void drain() const;

    const system::Clock& clock_;
    mutable std::mutex mutex_;
    Schedule schedule_;
    std::vector<Command> commands_;
    std::int64_t requests_;
    system::Stop hostEvent_;
    system::Descriptor poked_;  ///< an eventfd
    Waiter waiter_;
};

}  // namespace vigie::controller
