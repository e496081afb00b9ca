// Whether the operator asked us to stop.
#pragma once

#include <chrono>

namespace vigie::system {

/// Whether the operator asked us to stop. SIGTERM and SIGINT raise it once `listen` was called; whoever waits
/// for something waits for `fd()` as well.
class Stop {
public:
    Stop();
    Stop(const Stop&) = delete;
    Stop& operator=(const Stop&) = delete;
    Stop(Stop&&) = delete;
    Stop& operator=(Stop&&) = delete;
    ~Stop();

    /// Makes SIGTERM and SIGINT raise this object. One object of a process may do so.
    void listen();
    /// Counts as raised as long as `other`, which must live longer, is raised. Once for each object.
    void follow(const Stop& other);
    void raise() const noexcept;
    /// Takes back what `raise` did; not what another one does that is followed.
    void clear() const noexcept;
    [[nodiscard]] bool raised() const;
    /// Readable when raised.
    [[nodiscard]] int fd() const { return both_ >= 0 ? both_ : read_; }
    /// Throws Interrupted when raised.
    void check() const;
    /// Waits; returns early, with true, when raised.
    [[nodiscard]] bool waitFor(std::chrono::milliseconds time) const;

private:
    int read_ = -1;
    int write_ = -1;
    int both_ = -1;  ///< an epoll of our own pipe and of another one
};

}  // namespace vigie::system
