// Tests controller/schedule.

#include "controller/schedule.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>

namespace vigie::controller {
namespace {

using Triggers = std::vector<Trigger>;

TEST_CASE("many triggers before a reconcile cause one reconcile", "[controller][schedule]") {
    Schedule schedule;
    for (int i = 0; i < 100; ++i) {
        schedule.happened(Trigger::webhook, 10);
        schedule.happened(Trigger::request, 10);
    }
    CHECK(schedule.due() == 10);
    CHECK(schedule.take(10) == Triggers{Trigger::webhook, Trigger::request});
    CHECK_FALSE(schedule.due());
    CHECK(schedule.take(20).empty());
}

TEST_CASE("file events wait a moment for an editor to finish, but no longer if more come",
          "[controller][schedule]") {
    Schedule schedule;
    schedule.happened(Trigger::files, 1000);
    schedule.happened(Trigger::files, 1030);
    CHECK(schedule.take(1039).empty());
    CHECK(schedule.take(1040) == Triggers{Trigger::files});
}

TEST_CASE("a reconcile takes all triggers that are due and leaves later ones", "[controller][schedule]") {
    Schedule schedule;
    schedule.plan(Trigger::poll, 5000);
    schedule.plan(Trigger::retry, 900);
    schedule.happened(Trigger::files, 950);
    schedule.happened(Trigger::webhook, 1000);
    CHECK(schedule.take(1000) == Triggers{Trigger::retry, Trigger::webhook, Trigger::files});
    CHECK(schedule.due() == 5000);
}

TEST_CASE("a trigger planned anew or cancelled is not due at its former time", "[controller][schedule]") {
    Schedule schedule;
    schedule.plan(Trigger::poll, 100);
    schedule.plan(Trigger::poll, 300);
    CHECK(schedule.take(200).empty());
    schedule.cancel(Trigger::poll);
    CHECK_FALSE(schedule.due());
}

TEST_CASE("programs that overwrite each other's files cause at most one reconcile a second",
          "[controller][schedule]") {
    Schedule schedule;
    int looks = 0;
    constexpr std::int64_t kTenMinutes = 600'000;
    for (std::int64_t now = 1; now < kTenMinutes; now += 10) {
        schedule.happened(Trigger::files, now);
        looks += schedule.take(now).empty() ? 0 : 1;
    }
    CHECK(looks <= 600 + 2 * 60);
    CHECK(looks >= 300);
    // After a quiet minute an edit is looked at promptly again.
    const std::int64_t later = kTenMinutes + 61'000;
    schedule.take(later);
    schedule.happened(Trigger::files, later);
    CHECK(schedule.due() == later + 40);
}

TEST_CASE("only triggers from the host itself need no fetch", "[controller][schedule]") {
    for (const auto why :
         {Trigger::start, Trigger::poll, Trigger::retry, Trigger::webhook, Trigger::request}) {
        CHECK(asksRemote(why));
    }
    CHECK(asksRemote(Trigger::suspension));
    CHECK_FALSE(asksRemote(Trigger::reload));
    CHECK_FALSE(asksRemote(Trigger::tunnel));
    CHECK_FALSE(asksRemote(Trigger::files));
    CHECK_FALSE(asksRemote(Trigger::engine));
}

TEST_CASE("jitter stays within a tenth, and both ends are reached", "[controller][schedule]") {
    CHECK(withJitter(60'000, 0) == 54'000);
    CHECK(withJitter(60'000, 0.5) == 60'000);
    CHECK(withJitter(60'000, 0.999999) == 66'000);
    tests::Dice dice;
    for (int i = 0; i < 1000; ++i) {
        const auto time = static_cast<std::int64_t>(dice.below(1'000'000));
        const auto out = withJitter(time, static_cast<double>(dice.below(1000)) / 1000);
        CHECK(out >= time - time / 10 - 1);
        CHECK(out <= time + time / 10 + 1);
    }
}

TEST_CASE("retry pauses double from the base up to a maximum", "[controller][schedule]") {
    CHECK(backoff(1000, 10'000, 1, 0.5) == 1000);
    CHECK(backoff(1000, 10'000, 2, 0.5) == 2000);
    CHECK(backoff(1000, 10'000, 4, 0.5) == 8000);
    CHECK(backoff(1000, 10'000, 5, 0.5) == 10'000);
    CHECK(backoff(1000, 10'000, 1'000'000'000, 0.5) == 10'000);
    CHECK(backoff(20'000, 10'000, 1, 0.5) == 10'000);
    for (int failures = 1; failures < 40; ++failures) {
        CHECK(backoff(1000, 600'000, failures, 0) >= 900);
        CHECK(backoff(1000, 600'000, failures, 0.999) <= 660'000);
    }
}

}  // namespace
}  // namespace vigie::controller
