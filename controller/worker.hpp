// A thread for answers that take a moment.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace vigie::controller {

/// Does one thing after the other, on a thread of its own. Not for: what must happen; what waits when it ends
/// is not done any more.
class Worker {
public:
    static constexpr std::size_t kWaiting = 8;

    Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    Worker(Worker&&) = delete;
    Worker& operator=(Worker&&) = delete;
    ~Worker();  ///< waits for the one that is being done

    /// False when too many wait already. `what` must not throw.
    bool later(std::function<void()> what);

private:
    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> waiting_;
    bool ends_ = false;
    std::thread thread_;
};

}  // namespace vigie::controller
