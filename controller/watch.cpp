// The thread that listens to the host: files and containers.
#include "controller/watch.hpp"

#include "base/error.hpp"
#include "controller/schedule.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace vigie::controller {
namespace {

constexpr std::int64_t kReconnect = 1'000;
constexpr std::int64_t kLongestReconnect = 60'000;

}  // namespace

Watch::Watch(WatchSettings settings, Queue& queue, const system::Clock& clock, Log& log)
    : settings_(std::move(settings)),
      queue_(queue),
      clock_(clock),
      log_(log),
      poked_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!poked_.valid()) {
        throw Error("cannot make an eventfd");
    }
    thread_ = std::thread([this] { run(); });
}

Watch::~Watch() {
    stop_.raise();
    thread_.join();
}

void Watch::poke() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(poked_.get(), &one, sizeof(one));
}

void Watch::only(std::set<std::string> paths, std::set<std::string> projects) {
    const std::lock_guard lock(mutex_);
    if (paths == askedPaths_ && projects == askedProjects_) {
        return;
    }
    newPaths_ = askedPaths_ = std::move(paths);
    newProjects_ = askedProjects_ = std::move(projects);
    poke();
}

void Watch::soon(std::function<void()> what) {
    const std::lock_guard lock(mutex_);
    soon_.push_back(std::move(what));
    poke();
}

void Watch::takeOrders() {
    std::uint64_t ignored = 0;
    [[maybe_unused]] const auto n = ::read(poked_.get(), &ignored, sizeof(ignored));
    std::optional<std::set<std::string>> paths;
    std::optional<std::set<std::string>> projects;
    std::vector<std::function<void()>> soon;
    {
        const std::lock_guard lock(mutex_);
        paths.swap(newPaths_);
        projects.swap(newProjects_);
        soon.swap(soon_);
    }
    for (const auto& each : soon) {
        each();
    }
    if (projects) {
        projects_ = std::move(*projects);
        if (projects_.empty()) {
            engine_.reset();
        }
    }
    if (!paths) {
        return;
    }
    try {
        if (!files_) {
            files_.emplace(settings_.top);
        }
        if (files_->watch(*paths)) {
            // Nobody knows what happened between the look and now; but nothing is given up for that.
            queue_.plan(Trigger::files, clock_.monotonic());
        }
        if (files_->problem() != filesProblem_) {
            filesProblem_ = files_->problem();
            if (!filesProblem_.empty()) {
                log_.warning("cannot watch " + filesProblem_ +
                             " (raise fs.inotify.max_user_watches; until then changes there are noticed at "
                             "each interval)");
            }
        }
    } catch (const Error& error) {
        if (filesProblem_ != error.what()) {
            filesProblem_ = error.what();
            log_.warning(filesProblem_ + " (" + error.hint() + ")");
        }
    }
}

void Watch::readFiles() {
    if (files_->read()) {
        queue_.wake(Trigger::files);
    }
}

void Watch::connectEngine() {
    try {
        engine_.emplace(settings_.engineSocket);
    } catch (const Error& error) {
        loseEngine(error.what());
    }
}

void Watch::loseEngine(const std::string& why) {
    engine_.reset();
    if (!told_) {
        log_.warning("no events of the container engine: " + why +
                     " (its containers are looked at at each interval until it is back)");
    }
    told_ = true;
    connectAt_ = clock_.monotonic() + backoff(kReconnect, kLongestReconnect, ++losses_, 0.5);
}

void Watch::readEngine() {
    try {
        const bool before = engine_->established();
        const auto events = engine_->read();
        if (!before && engine_->established()) {
            if (told_) {
                log_.info("the container engine tells its events again");
            }
            told_ = false;
            losses_ = 0;
            queue_.plan(Trigger::engine, clock_.monotonic());  // nobody knows what happened before
        }
        if (std::any_of(events.begin(), events.end(),
                        [this](const EngineEvent& each) { return projects_.count(each.project) != 0; })) {
            queue_.wake(Trigger::engine);
        }
    } catch (const Error& error) {
        loseEngine(error.what());
        queue_.wake(Trigger::engine);  // an engine that goes takes its containers along
    }
}

int Watch::untilNext() const {
    std::int64_t at = std::numeric_limits<std::int64_t>::max();
    if (!engine_ && !projects_.empty()) {
        at = std::min(at, connectAt_);
    }
    if (settings_.tick.count() != 0) {
        at = std::min(at, tickAt_);
    }
    if (at == std::numeric_limits<std::int64_t>::max()) {
        return -1;
    }
    constexpr std::int64_t kLongest = 3'600'000;
    return static_cast<int>(std::clamp<std::int64_t>(at - clock_.monotonic(), 0, kLongest));
}

void Watch::run() {
    while (true) {
        if (settings_.tick.count() != 0 && clock_.monotonic() >= tickAt_) {
            tickAt_ = clock_.monotonic() + settings_.tick.count();
            settings_.onTick();
        }
        if (!engine_ && !projects_.empty() && clock_.monotonic() >= connectAt_) {
            connectEngine();
        }
        std::array<pollfd, 4> waiting{{{stop_.fd(), POLLIN, 0},
                                       {poked_.get(), POLLIN, 0},
                                       {files_ ? files_->fd() : -1, POLLIN, 0},
                                       {engine_ ? engine_->fd() : -1, POLLIN, 0}}};
        ::poll(waiting.data(), waiting.size(), untilNext());
        if (waiting[0].revents != 0) {
            return;
        }
        if (waiting[2].revents != 0) {
            readFiles();
        }
        if (waiting[3].revents != 0) {
            readEngine();
        }
        if (waiting[1].revents != 0) {
            takeOrders();
        }
    }
}

}  // namespace vigie::controller
