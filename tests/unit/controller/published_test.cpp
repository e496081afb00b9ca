// What the other threads are told when a pass does not get to its end.
#include "controller/published.hpp"

#include "tests/support/catch.hpp"

namespace vigie::controller {
namespace {

TEST_CASE("after a failed pass nothing is reported as good and the waiting request is answered",
          "[controller]") {
    Snapshot before;
    before.status.host = "vm";
    before.status.lastAppliedRevision = "abc";
    before.status.conditions = conditionsFor({}, {}, 1);
    REQUIRE(find(before.status.conditions, ConditionType::ready)->status == ConditionStatus::yes);
    const auto after = failedPass(before, "disk I/O error", 2, 7);
    CHECK(find(after.status.conditions, ConditionType::ready)->status == ConditionStatus::no);
    CHECK(after.status.lastHandledRequest == 7);
    CHECK(after.status.lastAppliedRevision == "abc");
    CHECK(toJson(after.status).find("disk I/O error") != std::string::npos);
    for (const auto& condition : after.status.conditions) {
        CHECK((condition.type == ConditionType::reconciling || condition.status != ConditionStatus::yes));
    }
}

}  // namespace
}  // namespace vigie::controller
