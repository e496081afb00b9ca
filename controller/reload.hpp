// SIGHUP: the configuration is read anew, or everything stays as it is.
#pragma once

#include "controller/events.hpp"
#include "controller/log.hpp"
#include "controller/queue.hpp"
#include "system/clock.hpp"
#include "system/stop.hpp"

#include <atomic>
#include <string>
#include <thread>

namespace vigie::controller {

/// From here on SIGHUP does not end the process; it is kept until a Reload listens. To be called before there
/// is a second thread.
void keepHangups();

/// Holds SIGHUP, SIGTERM and SIGINT back; what comes meanwhile is there for the program that is executed in
/// our place.
void holdSignals();
/// The opposite, for the program that was executed: call it once everything listens.
void releaseSignals();

/// The thread that hears SIGHUP and looks at the configuration then. With mistakes in it, or with files that
/// the server could not use, everything stays as it is, and is told so. One object of a process.
class Reload {
public:
    struct Parts {
        std::string path;  ///< of the configuration
        Queue& queue;
        Log& log;
        Events& events;
        const system::Clock& clock;
    };
    explicit Reload(const Parts& parts);
    Reload(const Reload&) = delete;
    Reload& operator=(const Reload&) = delete;
    Reload(Reload&&) = delete;
    Reload& operator=(Reload&&) = delete;
    ~Reload();  ///< ends the thread

    /// Whether there is a good configuration that was asked for: when this look has ended, the controller may
    /// begin anew with it.
    [[nodiscard]] bool wanted() const { return wanted_; }

private:
    void run();
    void look();

    Parts parts_;
    system::Stop stop_;
    std::atomic<bool> wanted_ = false;
    std::thread thread_;
};

}  // namespace vigie::controller
