// The end of a git operation that takes too long: told by the process that hangs, since it alone knows where.
#pragma once

#include "source/git_phase.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace vigie::source {

/// How far this process has come; libgit2's callbacks move it on. Lookup, connection and greeting are one
/// call of libgit2, and told apart by what the kernel says of this process' sockets.
class GitProgress {
public:
    void reached(GitPhase phase) { phase_ = phase; }
    [[nodiscard]] GitPhase phase() const { return phase_; }

private:
    std::atomic<GitPhase> phase_{GitPhase::lookup};
};

/// Calls `late` from a thread of its own when the time is over before this object is. libgit2 cannot be
/// interrupted: what `late` has to say it must say before it ends the process.
class GitDeadline {
public:
    GitDeadline(std::chrono::milliseconds time, std::function<void()> late);
    GitDeadline(const GitDeadline&) = delete;
    GitDeadline& operator=(const GitDeadline&) = delete;
    GitDeadline(GitDeadline&&) = delete;
    GitDeadline& operator=(GitDeadline&&) = delete;
    ~GitDeadline();

private:
    std::mutex mutex_;
    std::condition_variable over_;
    bool done_ = false;
    std::thread thread_;
};

/// Where this process stands that talks to `port`.
GitPhase currentPhase(const GitProgress& progress, std::uint16_t port);

}  // namespace vigie::source
