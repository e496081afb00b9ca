// Keeps the latest events, and counts equal ones.

#include "controller/events.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <utility>

namespace vigie::controller {

void Events::normal(const std::string& reason, const std::string& message, std::int64_t now) {
    add("Normal", reason, message, now);
}

void Events::warning(const std::string& reason, const std::string& message, std::int64_t now) {
    add("Warning", reason, message, now);
}

void Events::add(const char* type, const std::string& reason, const std::string& message, std::int64_t now) {
    const std::lock_guard lock(mutex_);
    Event event{type, reason, std::string(utf8Prefix(message, kLongestMessage)), 0, now, now};
    const auto same = std::find_if(events_.begin(), events_.end(), [&](const Event& each) {
        return each.type == event.type && each.reason == event.reason && each.message == event.message;
    });
    if (same != events_.end()) {
        event.count = same->count;
        event.first = same->first;
        events_.erase(same);
    } else if (events_.size() == kKept) {
        events_.erase(events_.begin());
    }
    ++event.count;
    events_.push_back(std::move(event));
    if (keep_) {
        keep_(events_);
    }
}

std::vector<Event> Events::list() const {
    const std::lock_guard lock(mutex_);
    return {events_.rbegin(), events_.rend()};
}

}  // namespace vigie::controller
