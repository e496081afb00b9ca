// Where the threads of the controller meet.
#include "controller/queue.hpp"

#include "base/error.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace vigie::controller {

bool Work::asksRemote() const {
    return std::any_of(why.begin(), why.end(), controller::asksRemote);
}

std::string Work::reasons() const {
    std::string out;
    for (const auto each : why) {
        out += (out.empty() ? "" : ", ") + std::string(toText(each));
    }
    return out;
}

Queue::Queue(const system::Clock& clock, std::int64_t requests, Waiter waiter)
    : clock_(clock),
      requests_(requests),
      poked_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      waiter_(std::move(waiter)) {
    if (!poked_.valid()) {
        throw Error("cannot make an eventfd");
    }
}

void Queue::pollBoth(int stop, int poked, std::chrono::milliseconds time) {
    std::array<pollfd, 2> waiting{{{stop, POLLIN, 0}, {poked, POLLIN, 0}}};
    ::poll(waiting.data(), waiting.size(), static_cast<int>(time.count()));
}

void Queue::poke() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(poked_.get(), &one, sizeof(one));
}

void Queue::drain() const {
    std::uint64_t ignored = 0;
    [[maybe_unused]] const auto n = ::read(poked_.get(), &ignored, sizeof(ignored));
}

void Queue::wake(Trigger why) {
    const std::lock_guard lock(mutex_);
    schedule_.happened(why, clock_.monotonic());
    if (!asksRemote(why)) {
        hostEvent_.raise();
    }
    poke();
}

std::int64_t Queue::request() {
    const std::lock_guard lock(mutex_);
    schedule_.happened(Trigger::request, clock_.monotonic());
    poke();
    return ++requests_;
}

std::int64_t Queue::post(Command command) {
    const std::lock_guard lock(mutex_);
    commands_.push_back(std::move(command));
    schedule_.happened(Trigger::request, clock_.monotonic());
    poke();
    return ++requests_;
}

void Queue::plan(Trigger why, std::int64_t at) {
    const std::lock_guard lock(mutex_);
    schedule_.plan(why, at);
    poke();
}

void Queue::cancel(Trigger why) {
    const std::lock_guard lock(mutex_);
    schedule_.cancel(why);
}

std::int64_t Queue::due() const {
    const std::lock_guard lock(mutex_);
    return schedule_.due().value_or(std::numeric_limits<std::int64_t>::max());
}

Work Queue::wait(const system::Stop& stop) {
    constexpr std::int64_t kLongestPoll = 3'600'000;
    while (true) {
        stop.check();
        std::int64_t left = kLongestPoll;
        {
            const std::lock_guard lock(mutex_);
            drain();
            const auto now = clock_.monotonic();
            Work work;
            work.why = schedule_.take(now);
            if (!work.why.empty()) {
                work.commands = std::exchange(commands_, {});
                work.request = requests_;
                hostEvent_.clear();
                return work;
            }
            if (const auto due = schedule_.due()) {
                left = std::clamp<std::int64_t>(*due - now, 0, kLongestPoll);
            }
        }
        waiter_(stop.fd(), poked_.get(), std::chrono::milliseconds(left));
    }
}

}  // namespace vigie::controller
