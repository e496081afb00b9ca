// Tests base/parse_json: JSON that others wrote, with limits to what it may become in memory.

#include "base/parse_json.hpp"

#include "tests/support/catch.hpp"

#include <string>

namespace vigie {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) {
        out += text;
    }
    return out;
}

TEST_CASE("JSON nested deeper than the limit is discarded", "[base][json]") {
    const JsonLimits limits;
    const auto nested = [](std::size_t depth) { return repeated("[", depth) + repeated("]", depth); };
    CHECK(parseJson(nested(limits.depth)).is_array());
    CHECK(parseJson(nested(limits.depth + 1)).is_discarded());
    CHECK(parseJson(repeated(R"({"a":)", limits.depth + 1) + "1" + repeated("}", limits.depth + 1))
              .is_discarded());
    CHECK(parseJson(repeated("[", 7U << 20U)).is_discarded());
    CHECK(parseJson("[" + repeated("[[]],", 1000) + "[]]").size() == 1001);
}

TEST_CASE("JSON of more values than the limit is discarded", "[base][json]") {
    const JsonLimits few{10, 8};
    CHECK(parseJson("[1,2,3,4,5,6,7]", few).size() == 7);
    CHECK(parseJson("[1,2,3,4,5,6,7,8]", few).is_discarded());
    CHECK(parseJson(R"({"a":1,"b":2,"c":3})", few).size() == 3);
    CHECK(parseJson(R"({"a":1,"b":2,"c":3,"d":4})", few).is_discarded());
    CHECK(parseJson("[" + repeated("{},", 4U << 20U) + "{}]").is_discarded());
}

TEST_CASE("brackets inside of JSON strings do not count as nesting", "[base][json]") {
    const JsonLimits shallow{1, 3};
    CHECK(parseJson(R"(["[[[[,,,,\"[[[[\\"])", shallow)[0] == "[[[[,,,,\"[[[[\\");
    CHECK(parseJson<nlohmann::ordered_json>(R"({"]]]]":"{{{{"})", shallow).size() == 1);
}

TEST_CASE("invalid JSON is discarded", "[base][json]") {
    for (const char* text : {"", "[", "]]]]", "{]", "\"", "\"\\", "nul", "[1,]", "[] []", "\xff"}) {
        CAPTURE(text);
        CHECK(parseJson(text).is_discarded());
    }
    CHECK(parseJson("null").is_null());
}

TEST_CASE("a JSON member of another type counts as missing", "[base][json]") {
    using nlohmann::json;
    const auto all =
        parseJson(R"({"text":"t","number":7,"large":1e300,"yes":true,"list":[1],"nothing":null})");
    CHECK(memberOr(all, "text", "") == "t");
    CHECK(memberOr(all, "number", 0) == 7);
    CHECK(memberOr(all, "yes", false));
    CHECK(memberOr(all, "list", json()) == json::array({1}));
    for (const char* key : {"number", "large", "yes", "list", "nothing", "none"}) {
        CHECK(memberOr(all, key, "other") == "other");
    }
    for (const char* key : {"text", "large", "yes", "list", "nothing", "none"}) {
        CHECK(memberOr(all, key, 3) == 3);
    }
    for (const char* text : {"1", "[]", "\"t\"", "null", "{"}) {
        CHECK(memberOr(parseJson(text), "text", "other") == "other");
    }
}

}  // namespace
}  // namespace vigie
