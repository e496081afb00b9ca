// Tests spec/surrogates: `\ud83d\ude00`: one character as JSON writes it, and as no reader of YAML
// understands it.

#include "spec/surrogates.hpp"

#include "spec/read_yaml.hpp"
#include "tests/property/holds.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::spec {
namespace {

const std::string kSmile = "\xf0\x9f\x98\x80";

std::optional<Node> read(const std::string& text, Diagnostics& diagnostics) {
    return readYaml(text, "f", diagnostics);
}

TEST_CASE("a JSON surrogate pair is decoded to its character", "[spec][yaml]") {
    Diagnostics diagnostics;
    const auto root =
        read(R"({ "a": "x \ud83d\ude00 \uD83D\uDE00\n", "b": "\u00e9 \ud83d\ude00", "c": 1 })", diagnostics);
    REQUIRE(diagnostics.empty());
    REQUIRE(root);
    CHECK(root->find("a")->scalar == "x " + kSmile + " " + kSmile + "\n");
    CHECK(root->find("b")->scalar == "\xc3\xa9 " + kSmile);
}

TEST_CASE("positions after a surrogate pair are exact", "[spec][yaml]") {
    Diagnostics diagnostics;
    const std::string line = R"({ "a": "\ud83d\ude00", "b": "\ud83d\ude00 \ud83d\ude00", "c": x, "c": y })";
    const auto root = read("# first\n" + line + "\n", diagnostics);
    REQUIRE(root);
    CHECK(root->find("a")->at.line == 2);
    CHECK(root->find("a")->at.column == line.find(R"("\ud83d)") + 1);
    CHECK(root->find("b")->at.column == line.find(R"("\ud83d\ude00 )") + 1);
    CHECK(root->find("c")->at.column == line.find("x,") + 1);
    REQUIRE(diagnostics.all().size() == 1);  // once, however often the text was read
    CHECK(diagnostics.all()[0].code == "VG0003");
    CHECK(diagnostics.all()[0].at.column == line.rfind("\"c\"") + 1);
}

TEST_CASE("a surrogate pair in plain, single-quoted or block text is not decoded", "[spec][yaml]") {
    for (const char* text : {R"(a: \ud83d\ude00)", R"(a: '\ud83d\ude00')", "a: |\n  \\ud83d\\ude00\n",
                             R"(a: "\\ud83d\\ude00")", "# \\ud83d\\ude00\na: b"}) {
        INFO(text);
        Diagnostics diagnostics;
        const auto root = read(text, diagnostics);
        REQUIRE(root);
        CHECK(diagnostics.empty());
        const auto value = root->find("a")->scalar;
        CHECK((value == "b" || tests::contains(value, "\\ud83d\\ude00")));
    }
}

TEST_CASE("half of a surrogate pair is refused with a hint", "[spec][yaml]") {
    for (const char* text :
         {R"(a: "\ud83d")", R"(a: "\ud83d\u0041")", R"(a: "\ude00")", R"(a: "\ud83d\ud83d")"}) {
        INFO(text);
        Diagnostics diagnostics;
        CHECK_FALSE(read(text, diagnostics));
        REQUIRE(diagnostics.all().size() == 1);
        CHECK(diagnostics.all()[0].at.line == 1);
        CHECK(tests::contains(diagnostics.all()[0].hint, "\\U0001F600"));
    }
}

TEST_CASE("text with surrogate pairs is read like the same text with the characters written out",
          "[spec][yaml]") {
    tests::holds([] {
        const auto parts = *rc::gen::container<std::vector<std::string>>(
            rc::gen::element<std::string>("a", " ", R"(\n)", R"(\\)", R"(\")", R"(\u00e9)", R"(\ud83d\ude00)",
                                          R"(\ud834\udd1e)", "#", "'", ":", "{"));
        std::string json;
        std::string plain;
        for (const auto& part : parts) {
            json += part;
            plain += part == R"(\ud83d\ude00)"   ? kSmile
                     : part == R"(\ud834\udd1e)" ? "\xf0\x9d\x84\x9e"
                                                 : part;
        }
        Diagnostics diagnostics;
        const auto one = read("{ \"k\": \"" + json + "\", \"l\": [ \"" + json + "\" ] }", diagnostics);
        const auto other = read("{ \"k\": \"" + plain + "\", \"l\": [ \"" + plain + "\" ] }", diagnostics);
        RC_ASSERT(diagnostics.empty());
        RC_ASSERT(one && other && *one == *other);
    });
}

}  // namespace
}  // namespace vigie::spec
