// Tests controller/server/target.

#include "controller/server/target.hpp"

#include "tests/support/catch.hpp"

namespace vigie::controller {
namespace {

TEST_CASE("a request path and its query are decoded", "[controller][server]") {
    const auto target = parseTarget("/api/v1/plan%2Dx?output=text&why=a+b%26c&empty=&flag");
    REQUIRE(target);
    CHECK(target->path == "/api/v1/plan-x");
    CHECK(target->query == std::map<std::string, std::string>{
                               {"output", "text"}, {"why", "a b&c"}, {"empty", ""}, {"flag", ""}});
    CHECK(parseTarget("/a+b")->path == "/a+b");
    CHECK(parseTarget("/?")->query.empty());
    CHECK(parseTarget("/%C3%A9")->path == "/é");
    CHECK(parseTarget("*")->path == "*");
}

TEST_CASE("an ambiguous or malformed request path is refused", "[controller][server]") {
    for (const auto* text :
         {"",           "a",      "?a",     "//../a", "/..",     "/.",      "/a/../b",   "/a/%2e%2e/b",
          "/a/.%2E",    "/a%2fb", "/a%2Fb", "/%",     "/%4",     "/%zz",    "/%00",      "/%0a",
          "/%7f",       "/%ff",   "/%c3",   "/a#b",   "/?%00=1", "/?a=%ff", "/?a=1&a=2", "/?=1",
          "/?a=1&&b=2", "/?%",    "/?a=%1"}) {
        INFO(text);
        CHECK_FALSE(parseTarget(text));
    }
}

}  // namespace
}  // namespace vigie::controller
