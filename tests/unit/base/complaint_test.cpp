// Tests base/complaint: What a program said about a configuration, as it may be shown.

#include "base/complaint.hpp"

#include "tests/support/catch.hpp"

namespace vigie {
namespace {

TEST_CASE("values that a program quotes in a complaint are masked", "[base]") {
    // As Alertmanager 0.25 and Prometheus 2.42 say it.
    CHECK(showableComplaint(
              R"(failed: parse "https://hooks.example/S3CR3T\n": net/url: invalid control character)") ==
          R"(failed: parse "***": net/url: invalid control character)");
    CHECK(showableComplaint(R"(parse "https://a/%zz\"S3CR3T": invalid URL escape "%zz")") ==
          R"(parse "***": invalid URL escape "***")");
    CHECK(
        showableComplaint(R"(file="/a.yml": parse "https://a:S3CR3T": invalid port ":S3CR3T" after host)") ==
        R"(file="/a.yml": parse "***": invalid port "***" after host)");
    CHECK(showableComplaint(
              "yaml: unmarshal errors:\n  line 2: cannot unmarshal !!str `S3CR3TV...` into bool\n") ==
          "yaml: unmarshal errors:\n  line 2: cannot unmarshal !!str `***` into bool\n");
    CHECK(showableComplaint("password: S3CR3T\nx") == "password: ***\nx");
    CHECK(showableComplaint("parse \"S3CR3T that never ends") == "parse \"***");
    CHECK(showableComplaint("parse \"S3CR3T\\") == "parse \"***");
}

TEST_CASE("a complaint without values is shown as it is", "[base]") {
    for (const char* said : {"", "undefined receiver \"pager\" used in route",
                             "unsupported scheme \"\" for URL\n", "a\n\nb", "field `x` not found"}) {
        CHECK(showableComplaint(said) == said);
    }
}

}  // namespace
}  // namespace vigie
