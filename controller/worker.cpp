// Runs slow answers one after the other on a thread of its own.

#include "controller/worker.hpp"

#include <utility>

namespace vigie::controller {

Worker::Worker() : thread_([this] { run(); }) {}

Worker::~Worker() {
    {
        const std::lock_guard lock(mutex_);
        ends_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

bool Worker::later(std::function<void()> what) {
    {
        const std::lock_guard lock(mutex_);
        if (ends_ || waiting_.size() == kWaiting) {
            return false;
        }
        waiting_.push_back(std::move(what));
    }
    changed_.notify_all();
    return true;
}

void Worker::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return ends_ || !waiting_.empty(); });
        if (ends_) {
            return;
        }
        const auto what = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        what();
        lock.lock();
    }
}

}  // namespace vigie::controller
