// Tests controller/remembered_names: Names of hosts, asked for at most twice a minute.

#include "controller/remembered_names.hpp"

#include "system/memory_names.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::controller {
namespace {

TEST_CASE("a DNS answer, good or bad, is reused for half a minute", "[controller][names]") {
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

/// A name server that is dead, or that takes its time.
class SlowNames : public system::Names {
public:
    explicit SlowNames(tests::FakeClock& clock) : clock_(clock) {}
    system::ResolvedName resolve(const std::string& /*name*/) override {
        ++asked;
        clock_.milliseconds += takes;
        return addresses.empty() ? system::ResolvedName{{}, "no answer"}
                                 : system::ResolvedName{addresses, {}};
    }
    std::int64_t takes = 8'000;
    std::vector<std::string> addresses;
    int asked = 0;

private:
    tests::FakeClock& clock_;
};

TEST_CASE("after a DNS timeout no other name is queried for a while", "[controller][names]") {
    tests::FakeClock clock;
    SlowNames inner(clock);
    RememberedNames names(inner, clock);
    for (const char* name : {"a.example.org", "b.example.org", "c.example.org", "a.example.org"}) {
        CHECK(names.resolve(name).problem == "no answer");
    }
    CHECK(inner.asked == 1);
    clock.milliseconds += RememberedNames::kKept;
    inner.addresses = {"203.0.113.5"};
    CHECK(names.resolve("b.example.org").problem.empty());
    CHECK(names.resolve("c.example.org").problem.empty());  // slow, but it answers
    CHECK(inner.asked == 3);
}

TEST_CASE("a quick DNS failure of one name does not stop queries for others", "[controller][names]") {
    tests::FakeClock clock;
    SlowNames inner(clock);
    inner.takes = 20;
    RememberedNames names(inner, clock);
    CHECK_FALSE(names.resolve("a.example.org").problem.empty());
    CHECK_FALSE(names.resolve("b.example.org").problem.empty());
    CHECK(inner.asked == 2);
}

}  // namespace
}  // namespace vigie::controller
