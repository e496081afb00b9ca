// Reads and writes the file that keeps events over a restart.

#include "controller/event_file.hpp"

#include "base/error.hpp"
#include "base/parse_json.hpp"
#include "base/secure.hpp"
#include "base/text.hpp"
#include "controller/words.hpp"

#include <nlohmann/json.hpp>

#include <climits>
#include <utility>

namespace vigie::controller {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

/// Twice what two hundred events of the longest message take.
constexpr std::uint64_t kLargest = 1U << 20U;
constexpr std::size_t kLongestReason = 64;

std::optional<std::string> textIn(const json& object, const char* key, std::size_t longest) {
    const auto it = object.find(key);
    if (it == object.end() || !it->is_string() || it->get_ref<const std::string&>().size() > longest) {
        return std::nullopt;
    }
    return it->get<std::string>();
}

std::optional<std::int64_t> numberIn(const json& object, const char* key, std::int64_t largest) {
    const auto it = object.find(key);
    if (it == object.end() || !it->is_number_unsigned() ||
        it->get<std::uint64_t>() > static_cast<std::uint64_t>(largest)) {
        return std::nullopt;
    }
    return it->get<std::int64_t>();
}

std::optional<Event> eventIn(std::string_view line) {
    constexpr std::int64_t kLatest = 253'402'300'799'000;  // the end of year 9999, RFC 3339's last
    const auto object = parseJson(line);
    if (!object.is_object()) {
        return std::nullopt;
    }
    const auto type = textIn(object, "type", kLongestReason);
    const auto reason = textIn(object, "reason", kLongestReason);
    const auto message = textIn(object, "message", Events::kLongestMessage);
    const auto count = numberIn(object, "count", INT_MAX - 1);
    const auto first = numberIn(object, "first", kLatest);
    const auto last = numberIn(object, "last", kLatest);
    if (!type || (*type != "Normal" && *type != "Warning") || !reason || !message || !count || *count < 1 ||
        !first || !last) {
        return std::nullopt;
    }
    return Event{*type, *reason, *message, static_cast<int>(*count), *first, *last};
}

}  // namespace

std::string toLines(const std::vector<Event>& events) {
    std::string out;
    for (const auto& each : events) {
        const ordered_json line{{"type", each.type},   {"reason", each.reason}, {"message", each.message},
                                {"count", each.count}, {"first", each.first},   {"last", each.last}};
        // A replaced byte would be three, and a message longer than one that may be read.
        out += line.dump(-1, ' ', false, ordered_json::error_handler_t::ignore) + "\n";
    }
    return out;
}

std::optional<std::vector<Event>> eventsIn(std::string_view lines) {
    std::vector<Event> out;
    while (!lines.empty()) {
        const auto end = lines.find('\n');
        const auto event = eventIn(lines.substr(0, end));
        if (!event || end == std::string_view::npos || out.size() == Events::kKept) {
            return std::nullopt;
        }
        out.push_back(*event);
        lines.remove_prefix(end + 1);
    }
    return out;
}

std::vector<Event> EventFile::read() const {
    try {
        if (!files_.inspect(path_).exists()) {
            return {};
        }
        const auto bytes = files_.read(path_, kLargest);
        if (auto events = eventsIn(view(bytes))) {
            return std::move(*events);
        }
        log_.warning("the events of before are not read: " + path_ + " is damaged; it is written anew");
    } catch (const Error& error) {
        log_.warning("the events of before are not read: " + withHint(error));
    }
    return {};
}

void EventFile::write(const std::vector<Event>& events) noexcept {
    try {
        files_.write(path_, toLines(events), 0640, std::nullopt);
        failing_ = false;
    } catch (const std::exception& error) {
        if (!std::exchange(failing_, true)) {
            log_.warning(std::string("events are not kept over a restart: ") + error.what());
        }
    }
}

void noteStart(Events& events, std::string_view status, std::string_view version, std::int64_t now) {
    const auto before = parseJson(status);
    const auto started = before.is_object() ? before.find("startedAt") : before.end();
    if (before.is_object() && started != before.end() && started->is_string() &&
        !before.contains("stoppedAt")) {
        events.warning("Crashed",
                       "the controller that was started at " + printable(started->get<std::string>()) +
                           " did not end in order: it was killed, it crashed, or the machine went down",
                       now);
    }
    events.normal("Started", "vigie " + std::string(version) + " was started", now);
}

}  // namespace vigie::controller
