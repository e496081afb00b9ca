// What the reconciler says, and that it says once what lasts.
#include "controller/reconcile/narrator.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/controller/reconcile/controller_host.hpp"

namespace vigie::controller {
namespace {

struct Said {
    tests::FakeClock clock;
    tests::RecordedLog log;
    Events events;
    Narrator narrator{log, events, clock};
};

TEST_CASE("a subject is news when its text changes, also back", "[controller][reconcile]") {
    Said said;
    CHECK_FALSE(said.narrator.isNews(Subject::stalePeers, ""));
    CHECK(said.narrator.isNews(Subject::stalePeers, "vps"));
    CHECK_FALSE(said.narrator.isNews(Subject::stalePeers, "vps"));
    CHECK(said.narrator.isNews(Subject::stalePeers, "vps, laptop"));
    CHECK(said.narrator.isNews(Subject::stalePeers, ""));
    CHECK(said.narrator.isNews(Subject::health, "vps"));
}

TEST_CASE("a failure that lasts is logged once and counted as an event", "[controller][reconcile]") {
    Said said;
    said.narrator.failure("ApplyFailed", "no space left");
    said.narrator.failure("ApplyFailed", "no space left");
    CHECK(said.log.lines == std::vector<std::string>{"error no space left"});
    CHECK(said.events.list().front().count == 2);
    said.narrator.forget(Subject::outcome);
    said.narrator.failure("ApplyFailed", "no space left");
    CHECK(said.log.lines.size() == 2);
}

}  // namespace
}  // namespace vigie::controller
