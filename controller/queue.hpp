#pragma once

#include "controller/schedule.hpp"
#include "system/clock.hpp"
#include "system/descriptor.hpp"
#include "system/stop.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace vigie::controller {

/// What an operator wants done on the reconcile thread, between two looks.
struct Command {
    enum class What : std::uint8_t { rollback };
    What what = What::rollback;
    std::string argument;  ///< a generation's number or a revision; empty: the one before
};

/// What the loop does next.
struct Work {
    std::vector<Trigger> why;  ///< never empty
    std::vector<Command> commands;
    std::int64_t request = 0;  ///< the number of the latest request that this look answers

    [[nodiscard]] bool asksRemote() const;
    /// `webhook, files`, for people.
    [[nodiscard]] std::string reasons() const;
};

/// Where the threads of the controller meet: everybody puts reasons and commands in, the reconcile thread
/// takes them out. All functions but `wait` may be called from any thread and do not block.
class Queue {
public:
    explicit Queue(const system::Clock& clock);

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
    [[nodiscard]] const system::Stop& hurry() const { return hurry_; }
    void follow(const system::Stop& stop) { hurry_.follow(stop); }

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
    std::int64_t requests_ = 0;
    system::Stop hurry_;
    system::Descriptor poked_;  ///< an eventfd
};

}  // namespace vigie::controller
