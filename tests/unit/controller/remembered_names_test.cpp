#include "controller/remembered_names.hpp"

#include "system/memory_names.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::controller {
namespace {

TEST_CASE("a name is asked for again when its answer is half a minute old, be it good or not",
          "[controller][names]") {
    system::MemoryNames inner;
    tests::FakeClock clock;
    RememberedNames names(inner, clock);
    inner.addresses["vps.example.org"] = {"203.0.113.5"};
    for (int i = 0; i < 3; ++i) {
        CHECK(names.resolve("vps.example.org").addresses == std::vector<std::string>{"203.0.113.5"});
        CHECK_FALSE(names.resolve("gone.example.org").problem.empty());
    }
    CHECK(inner.asked.size() == 2);
    inner.addresses["vps.example.org"] = {"203.0.113.6"};
    inner.addresses["gone.example.org"] = {"203.0.113.7"};
    clock.milliseconds += RememberedNames::kKept - 1;
    CHECK(names.resolve("vps.example.org").addresses.front() == "203.0.113.5");
    clock.milliseconds += 1;
    CHECK(names.resolve("vps.example.org").addresses.front() == "203.0.113.6");
    CHECK(names.resolve("gone.example.org").problem.empty());
    CHECK(inner.asked.size() == 4);
}

}  // namespace
}  // namespace vigie::controller
