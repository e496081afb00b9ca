// The events of a controller on the disk, so that a restart does not forget them.
#pragma once

#include "controller/events.hpp"
#include "controller/log.hpp"
#include "system/files.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::controller {

/// One JSON object in each line, oldest first; the members are those of docs/openapi.yaml, with times in Unix
/// milliseconds.
std::string toLines(const std::vector<Event>& events);

/// The opposite; nothing when a line is not what `toLines` writes, or there are too many.
std::optional<std::vector<Event>> eventsIn(std::string_view lines);

/// `STATE/events.jsonl`. Its owner sees to it that only one thread writes at a time.
class EventFile {
public:
    EventFile(system::Files& files, Log& log, const std::string& state)
        : files_(files), log_(log), path_(state + "/events.jsonl") {}

    /// Those of before, oldest first. A damaged file is as none, with a line in the log.
    [[nodiscard]] std::vector<Event> read() const;
    /// Never throws: what cannot be kept is said once, until it can be again.
    void write(const std::vector<Event>& events) noexcept;

private:
    system::Files& files_;
    Log& log_;
    std::string path_;
    bool failing_ = false;
};

/// Tells that the controller has started, and when the one before did not end in order. `status` is the text
/// of the status.json that it left, or empty.
void noteStart(Events& events, std::string_view status, std::string_view version, std::int64_t now);

}  // namespace vigie::controller
