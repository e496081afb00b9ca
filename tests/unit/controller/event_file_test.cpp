// Tests controller/event_file: The events of a controller on the disk, so that a restart does not forget
// them.

#include "controller/event_file.hpp"

#include "system/memory_files.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace vigie::controller {
namespace {

class CountingLog : public Log {
public:
    void info(const std::string& /*text*/) override {}
    void warning(const std::string& text) override { warnings.push_back(text); }
    void error(const std::string& /*text*/) override {}
    std::vector<std::string> warnings;
};

struct Place {
    Place() { files.makeDirectory("/state", 0700, std::nullopt); }
    system::MemoryFiles files;
    CountingLog log;
    EventFile file{files, log, "/state"};
};

constexpr const char* kPath = "/state/events.jsonl";
const std::string kLine =
    R"({"type":"Normal","reason":"Applied","message":"r1","count":1,"first":5,"last":5})";

}  // namespace

TEST_CASE("events are kept across a restart and counted further", "[controller][events]") {
    Place place;
    CHECK(place.file.read().empty());
    {
        Events events(place.file.read(), [&](const auto& all) { place.file.write(all); });
        events.warning("SourceFailed", "no \"route\"\nto it \xff", 10);
        events.normal("Applied", "r1", 20);
    }
    CHECK(place.files.entries.at(kPath).info.mode == 0640);
    Events events(place.file.read(), [&](const auto& all) { place.file.write(all); });
    REQUIRE(events.list().size() == 2);
    CHECK(events.list()[0] == Event{"Normal", "Applied", "r1", 1, 20, 20});
    CHECK(events.list()[1].message == "no \"route\"\nto it ");
    events.normal("Applied", "r1", 30);
    CHECK(events.list()[0] == Event{"Normal", "Applied", "r1", 2, 20, 30});
    CHECK(place.log.warnings.empty());
}

TEST_CASE("the file of events is bounded in number and length", "[controller][events]") {
    Place place;
    Events events({}, [&](const auto& all) { place.file.write(all); });
    for (int n = 0; n < 260; ++n) {
        events.warning("Many", std::to_string(n) + std::string(n < 240 ? 1 : 5000, '"'), n);
    }
    const auto again = place.file.read();
    REQUIRE(again.size() == Events::kKept);
    CHECK(again.front().first == 60);
    CHECK(again.back().message.size() <= Events::kLongestMessage);
    CHECK(place.files.entries.at(kPath).bytes.size() < (1U << 20U));
    CHECK(place.log.warnings.empty());
}

TEST_CASE("the file of events is written only when an event is added", "[controller][events]") {
    Place place;
    Events events(place.file.read(), [&](const auto& all) { place.file.write(all); });
    const auto before = place.files.mutations.size();
    CHECK(events.list().empty());
    CHECK(place.files.mutations.size() == before);
    events.normal("A", "m", 1);
    CHECK(place.files.mutations.size() == before + 1);
}

TEST_CASE("a damaged file of events counts as empty and is warned of once", "[controller][events]") {
    const std::vector<std::string> damaged{
        "\n",
        "[]\n",
        kLine,  // its end is missing
        kLine.substr(0, 20) + "\n",
        kLine + "\n\x01\n",
        R"({"type":"Odd","reason":"A","message":"m","count":1,"first":5,"last":5})"
        "\n",
        R"({"type":"Normal","reason":"A","message":"m","count":0,"first":5,"last":5})"
        "\n",
        R"({"type":"Normal","reason":"A","message":"m","count":2147483647,"first":5,"last":5})"
        "\n",
        R"({"type":"Normal","reason":"A","message":"m","count":1.5,"first":5,"last":5})"
        "\n",
        R"({"type":"Normal","reason":"A","message":"m","count":1,"first":-5,"last":5})"
        "\n",
        R"({"type":"Normal","reason":"A","message":7,"count":1,"first":5,"last":5})"
        "\n",
        R"({"type":"Normal","reason":"A","message":"m","count":1,"first":5,"last":99999999999999999999})"
        "\n",
        R"({"type":"Normal","reason":"A","message":")" + std::string(1025, 'a') +
            R"(","count":1,"first":5,"last":5})"
            "\n",
        [] {
            std::string out;
            for (int n = 0; n < 201; ++n) {
                out += kLine + "\n";
            }
            return out;
        }(),
        std::string((1U << 20U) + 1, 'a')};
    for (const auto& bytes : damaged) {
        Place place;
        place.files.write(kPath, bytes, 0640, std::nullopt);
        INFO(bytes.substr(0, 100));
        CHECK(place.file.read().empty());
        CHECK(place.log.warnings.size() == 1);
    }
    CHECK(eventsIn(kLine + "\n").has_value());
}

TEST_CASE("events that cannot be written are warned of once and kept in memory", "[controller][events]") {
    Place place;
    Events events({}, [&](const auto& all) { place.file.write(all); });
    for (int n = 0; n < 3; ++n) {
        place.files.failAt = 1;
        events.normal("A", std::to_string(n), n);
    }
    CHECK(events.list().size() == 3);
    CHECK(place.log.warnings.size() == 1);
    events.normal("B", "m", 9);
    CHECK(place.file.read().size() == 4);
}

TEST_CASE("a start records an event, and a previous end without a stop records a crash",
          "[controller][events]") {
    struct Case {
        std::string status;
        bool crashed;
    };
    for (const auto& [status, crashed] : std::vector<Case>{
             {"", false},
             {"{}", false},
             {"[1]", false},
             {R"({"startedAt": 7})", false},
             {R"({"startedAt": "2026-01-01T00:00:00Z", "stoppedAt": "2026-01-02T00:00:00Z"})", false},
             {R"({"startedAt": "2026-01-01T00:00:00Z"})", true}}) {
        Events events;
        noteStart(events, status, "0.2.0", 5);
        const auto list = events.list();
        INFO(status);
        REQUIRE(list.size() == (crashed ? 2 : 1));
        CHECK(list[0].reason == "Started");
        CHECK(list[0].message == "vigie 0.2.0 was started");
        if (crashed) {
            CHECK(list[1].reason == "Crashed");
            CHECK(list[1].message.find("2026-01-01T00:00:00Z") != std::string::npos);
        }
    }
}

}  // namespace vigie::controller
