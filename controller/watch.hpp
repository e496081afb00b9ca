// The thread that listens to the host: files and containers.
#pragma once

#include "controller/engine_events.hpp"
#include "controller/file_watch.hpp"
#include "controller/log.hpp"
#include "controller/queue.hpp"
#include "system/descriptor.hpp"
#include "system/stop.hpp"

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace vigie::controller {

struct WatchSettings {
    std::string top;           ///< the root, on this machine
    std::string engineSocket;  ///< of the container engine
    /// Called every so often while the thread lives; for the watchdog. 0: never.
    std::chrono::milliseconds tick{0};
    std::function<void()> onTick;
};

/// The thread that listens to the host while the reconcile thread works or sleeps: files, containers, and
/// what must happen at once. It tells the queue that something happened, never what to do about it: what we
/// do ourselves is reported as well, and leads to one more look that finds nothing. Not for: touching files
/// or containers.
class Watch {
public:
    /// Starts the thread.
    Watch(WatchSettings settings, Queue& queue, const system::Clock& clock, Log& log);
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    Watch(Watch&&) = delete;
    Watch& operator=(Watch&&) = delete;
    ~Watch();  ///< ends it

    /// Exactly these from now on: paths on this machine, and compose projects (none: the engine is left
    /// alone).
    void only(std::set<std::string> paths, std::set<std::string> projects);

    /// Runs `what` on this thread, soon. It must be quick and must not throw.
    void soon(std::function<void()> what);

private:
    void run();
    void takeOrders();
    void readFiles();
    void readEngine();
    void connectEngine();
    void loseEngine(const std::string& why);
    [[nodiscard]] int untilNext() const;
    void poke() const;

    WatchSettings settings_;
    Queue& queue_;
    const system::Clock& clock_;
    Log& log_;

    std::mutex mutex_;
    std::optional<std::set<std::string>> newPaths_;
    std::optional<std::set<std::string>> newProjects_;
    std::vector<std::function<void()>> soon_;
    std::set<std::string> askedPaths_;  ///< what `only` was called with last
    std::set<std::string> askedProjects_;

    // Of the thread alone.
    std::optional<FileWatch> files_;
    std::string filesProblem_;
    std::set<std::string> projects_;
    std::optional<EngineStream> engine_;
    bool told_ = false;           ///< that the engine's events are missing
    int losses_ = 0;              ///< in a row
    std::int64_t connectAt_ = 0;  ///< monotonic
    std::int64_t tickAt_ = 0;

    system::Descriptor poked_;
    system::Stop stop_;
    std::thread thread_;
};

}  // namespace vigie::controller
