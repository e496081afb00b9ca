// Tests controller/events.

#include "controller/events.hpp"

#include "tests/support/catch.hpp"

#include <string>

namespace vigie::controller {
namespace {

TEST_CASE("a repeated event is counted and becomes the newest", "[controller][events]") {
    Events events;
    events.warning("SourceFailed", "no route", 10);
    events.normal("Applied", "r1", 20);
    events.warning("SourceFailed", "no route", 30);
    const auto list = events.list();
    REQUIRE(list.size() == 2);
    CHECK(list[0] == Event{"Warning", "SourceFailed", "no route", 2, 10, 30});
    CHECK(list[1] == Event{"Normal", "Applied", "r1", 1, 20, 20});
}

TEST_CASE("an event of another type, reason or message is a separate event", "[controller][events]") {
    Events events;
    events.warning("A", "m", 1);
    events.normal("A", "m", 1);
    events.normal("B", "m", 1);
    events.normal("B", "n", 1);
    CHECK(events.list().size() == 4);
}

TEST_CASE("the oldest events are dropped, and messages are cut at the length limit", "[controller][events]") {
    Events events;
    for (std::size_t i = 0; i < Events::kKept + 5; ++i) {
        events.normal("Applied", std::to_string(i), static_cast<std::int64_t>(i));
    }
    CHECK(events.list().size() == Events::kKept);
    CHECK(events.list().back().message == "5");
    events.normal("Long", std::string(100'000, 'x'), 1);
    events.normal("Long", std::string(100'000, 'x'), 2);
    CHECK(events.list().front().message.size() == 1024);
    CHECK(events.list().front().count == 2);
}

}  // namespace
}  // namespace vigie::controller
