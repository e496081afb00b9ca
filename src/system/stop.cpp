// Hears SIGTERM and SIGINT.

#include "system/stop.hpp"

#include "base/error.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

namespace vigie::system {
namespace {

std::atomic<int> signalPipe{-1};

void onSignal(int /*number*/) {
    const int saved = errno;
    const int fd = signalPipe.load();
    if (fd >= 0) {
        [[maybe_unused]] const auto written = ::write(fd, "x", 1);
    }
    errno = saved;
}

}  // namespace

Stop::Stop() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
        throw Error("cannot create a pipe");
    }
    read_ = ends[0];
    write_ = ends[1];
}

Stop::~Stop() {
    int mine = write_;
    signalPipe.compare_exchange_strong(mine, -1);
    ::close(read_);
    ::close(write_);
    if (both_ >= 0) {
        ::close(both_);
    }
}

void Stop::listen() {
    signalPipe = write_;
    struct sigaction action {};
    action.sa_handler = onSignal;
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGINT, &action, nullptr);
}

void Stop::follow(const Stop& other) {
    const int both = ::epoll_create1(EPOLL_CLOEXEC);
    for (const int fd : {read_, other.fd()}) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fd;
        if (both < 0 || ::epoll_ctl(both, EPOLL_CTL_ADD, fd, &event) != 0) {
            throw Error("cannot wait for two stop signals at once");
        }
    }
    both_ = both;
}

void Stop::clear() const noexcept {
    std::array<char, 64> ignored{};
    while (::read(read_, ignored.data(), ignored.size()) > 0) {
    }
}

void Stop::raise() const noexcept {
    [[maybe_unused]] const auto written = ::write(write_, "x", 1);
}

bool Stop::raised() const {
    pollfd waiting{fd(), POLLIN, 0};
    return ::poll(&waiting, 1, 0) > 0;
}

void Stop::check() const {
    if (raised()) {
        throw Interrupted{};
    }
}

bool Stop::waitFor(std::chrono::milliseconds time) const {
    constexpr std::int64_t kLongestPoll = 3'600'000;  // poll takes an int of milliseconds
    const auto end = std::chrono::steady_clock::now() + time;
    while (true) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        pollfd waiting{fd(), POLLIN, 0};
        const int ready =
            ::poll(&waiting, 1, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, kLongestPoll)));
        if (ready > 0) {
            return true;
        }
        if (ready == 0 && std::chrono::steady_clock::now() >= end) {
            return false;
        }
    }
}

}  // namespace vigie::system
