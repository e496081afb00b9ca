// The latest events of the controller, in the form that Kubernetes uses.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace vigie::controller {

/// Something that happened, as Kubernetes tells it.
struct Event {
    std::string type;  ///< Normal or Warning
    std::string reason;
    std::string message;
    int count = 0;
    std::int64_t first = 0;  ///< Unix milliseconds
    std::int64_t last = 0;

    bool operator==(const Event&) const = default;
};

/// The latest events of this host's controllers. The same event again is counted, not listed twice. Safe to
/// use from any thread.
class Events {
public:
    static constexpr std::size_t kKept = 200;
    static constexpr std::size_t kLongestMessage = 1024;  ///< bytes, as Kubernetes has it
    /// Takes all events, oldest first, after each that was added; one call at a time. Must not throw, and
    /// must not add events.
    using Keep = std::function<void(const std::vector<Event>&)>;

    Events() = default;
    /// Goes on after `before`, oldest first.
    Events(std::vector<Event> before, Keep keep) : keep_(std::move(keep)), events_(std::move(before)) {}

    void normal(const std::string& reason, const std::string& message, std::int64_t now);
    void warning(const std::string& reason, const std::string& message, std::int64_t now);

    /// Newest first.
    [[nodiscard]] std::vector<Event> list() const;

private:
    void add(const char* type, const std::string& reason, const std::string& message, std::int64_t now);

    Keep keep_;
    mutable std::mutex mutex_;
    std::vector<Event> events_;  ///< by time of the last occurrence, oldest first
};

}  // namespace vigie::controller
