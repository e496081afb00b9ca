// Tests spec/time_zones: The names of IANA's time zones.

#include "spec/time_zones.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>

namespace vigie::spec {
namespace {

TEST_CASE("time zones are exactly the names of IANA's list", "[spec]") {
    CHECK(timeZones().size() > 500);
    CHECK(std::is_sorted(timeZones().begin(), timeZones().end()));
    for (const char* name : {"", "UTC", "Local", "Europe/Berlin", "CET", "GMT", "Etc/GMT+1", "US/Eastern",
                             "Asia/Kolkata", "Zulu", "Africa/Abidjan"}) {
        INFO(name);
        CHECK(knownTimeZone(name) == TimeZone::known);
    }
    // Go's time.LoadLocation knows none of these.
    for (const char* name :
         {"CEST", "utc", "local", "europe/berlin", " UTC", "../etc/passwd", "/etc/localtime"}) {
        INFO(name);
        CHECK(knownTimeZone(name) == TimeZone::none);
    }
    CHECK(knownTimeZone("Europe/Atlantis") == TimeZone::unknown);
}

}  // namespace
}  // namespace vigie::spec
