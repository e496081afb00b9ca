// Tests controller/published.

#include "controller/published.hpp"

#include "tests/support/catch.hpp"

namespace vigie::controller {
namespace {

TEST_CASE("after a look that failed nothing is told to be good, and whoever waits for it is answered",
          "[controller]") {
    Snapshot before;
    before.ready = true;
    before.status.host = "vm";
    before.status.lastAppliedRevision = "abc";
    before.status.conditions = conditionsFor(Outcome{}, {}, 1);
    const auto after = failedLook(before, "disk I/O error", 2, 7);
    CHECK_FALSE(after.ready);
    CHECK(after.status.lastHandledRequest == 7);
    CHECK(after.status.lastAppliedRevision == "abc");
    CHECK(after.statusJson.find("disk I/O error") != std::string::npos);
    for (const auto& condition : after.status.conditions) {
        CHECK((condition.type == "Reconciling" || condition.status != "True"));
    }
}

}  // namespace
}  // namespace vigie::controller
