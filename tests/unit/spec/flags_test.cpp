// Options of the command lines. What is expected was tried with Prometheus 2.42 and 3.5, Alertmanager 0.25
// and 0.33.
#include "spec/flags.hpp"

#include "tests/support/catch.hpp"

#include <set>

namespace vigie::spec {
namespace {

constexpr auto kPrometheus = Program::prometheus;
constexpr auto kAlertmanager = Program::alertmanager;

bool takes(Program program, std::string_view name, std::string_view value,
           const std::optional<ImageVersion>& version = std::nullopt) {
    const auto* flag = flagNamed(program, name);
    REQUIRE(flag != nullptr);
    return !flagProblem(knownFlags(program), *flag, value, version);
}

TEST_CASE("program options are found by name, boolean ones also with `no-`", "[spec][flags]") {
    for (const char* known :
         {"web.page-title", "storage.tsdb.min-block-duration", "help", "version",
          "no-scrape.adjust-timestamps", "log.level", "web.max-notifications-subscribers"}) {
        CAPTURE(known);
        CHECK(flagNamed(kPrometheus, known) != nullptr);
    }
    for (const char* unknown : {"bogus", "h", "no-web.page-title", "no-help", "data.retention", "", "no-",
                                "web.pagetitle", "WEB.page-title"}) {
        CAPTURE(unknown);
        CHECK(flagNamed(kPrometheus, unknown) == nullptr);
    }
    CHECK(flagNamed(kAlertmanager, "data.retention") != nullptr);
    CHECK(flagNamed(kAlertmanager, "query.timeout") == nullptr);
}

TEST_CASE("no program option is listed twice", "[spec][flags]") {
    for (const auto program : {kPrometheus, kAlertmanager}) {
        std::set<std::string_view> names;
        for (const auto& flag : knownFlags(program).flags) {
            CAPTURE(flag.name);
            CHECK(names.insert(flag.name).second);
            CHECK((flag.kind == Flag::Kind::choice) == !flag.choices.empty());
        }
        CHECK(names.size() > 30);
    }
}

TEST_CASE("an option's value is checked for the form that the option takes", "[spec][flags]") {
    CHECK(takes(kPrometheus, "scrape.adjust-timestamps", ""));
    CHECK(takes(kPrometheus, "no-scrape.adjust-timestamps", ""));
    CHECK_FALSE(takes(kPrometheus, "scrape.adjust-timestamps", "false"));
    CHECK(takes(kPrometheus, "web.user-assets", "/x"));
    CHECK_FALSE(takes(kPrometheus, "web.user-assets", ""));
    for (const char* good : {"5e7", "1.5", "-1", "0", "+3"}) {
        CHECK(takes(kPrometheus, "storage.remote.read-sample-limit", good));
    }
    for (const char* bad : {"abc", "0x10", " 1", "1 ", "1k", "-"}) {
        CHECK_FALSE(takes(kPrometheus, "storage.remote.read-sample-limit", bad));
    }
    CHECK(takes(kPrometheus, "rules.alert.resend-delay", "2d"));
    CHECK_FALSE(takes(kPrometheus, "rules.alert.resend-delay", "1.5h"));
    CHECK_FALSE(takes(kPrometheus, "rules.alert.resend-delay", "300y"));
    CHECK(takes(kPrometheus, "storage.tsdb.wal-segment-size", "100MB"));
    CHECK_FALSE(takes(kPrometheus, "storage.tsdb.wal-segment-size", "100"));
    CHECK(takes(kPrometheus, "log.level", "WARN"));
    CHECK_FALSE(takes(kPrometheus, "log.level", "trace"));
    CHECK(takes(kPrometheus, "storage.tsdb.wal-compression-type", "zstd"));
}

TEST_CASE("Alertmanager's options accept days only from the version that parses them", "[spec][flags]") {
    CHECK(takes(kAlertmanager, "data.retention", "36h", ImageVersion{0, 25}));
    CHECK(takes(kAlertmanager, "data.retention", "1.5h"));
    CHECK_FALSE(takes(kAlertmanager, "data.retention", "5d", ImageVersion{0, 25}));
    CHECK(takes(kAlertmanager, "data.retention", "5d", ImageVersion{0, 33}));
    CHECK(takes(kAlertmanager, "data.retention", "1d12h"));
    CHECK_FALSE(takes(kAlertmanager, "data.retention", "1y"));
    CHECK_FALSE(takes(kAlertmanager, "data.retention", "5"));
}

}  // namespace
}  // namespace vigie::spec
