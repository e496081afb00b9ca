// Tests spec/read_yaml: Reads one YAML document within limits.

#include "spec/read_yaml.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::spec {
namespace {

struct Read {
    std::optional<Node> root;
    Diagnostics diagnostics;

    explicit Read(std::string_view text, const YamlLimits& limits = {}) {
        root = readYaml(text, "a.yaml", diagnostics, limits);
    }
    [[nodiscard]] std::vector<std::string> codes() const { return tests::codesOf(diagnostics); }
    /// `3:5` of the first diagnostic.
    [[nodiscard]] std::string at() const {
        const auto& position = diagnostics.all().at(0).at;
        return std::to_string(position.line) + ":" + std::to_string(position.column);
    }
};

using Codes = std::vector<std::string>;

TEST_CASE("a duplicate key is reported where it is repeated", "[spec]") {
    const Read read("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\na: 4\n");
    REQUIRE(read.root);
    CHECK(read.codes() == Codes{"VG0003", "VG0003"});
    CHECK(read.at() == "5:3");
    CHECK(read.root->find("b")->find("c")->scalar == "1");
}

TEST_CASE("the same key in two maps is no duplicate", "[spec]") {
    CHECK(Read("[{ a: 1 }, { a: 2 }]").codes().empty());
}

TEST_CASE("a YAML key that is not text is refused", "[spec]") {
    CHECK(Read("? [a, b]\n: 1\n").codes() == Codes{"VG0002"});
    CHECK(Read("? { a: b }\n: 1\n").codes() == Codes{"VG0002"});
}

TEST_CASE("the value of a duplicate key causes no further findings", "[spec]") {
    const Read read("a: 1\na: { b: 1, b: 2 }\nc: 3\n");
    REQUIRE(read.root);
    CHECK(read.root->entries.size() == 2);
}

TEST_CASE("every YAML escape is decoded to UTF-8", "[spec]") {
    const auto scalar = [](const std::string& text) { return Read("\"" + text + "\"").root->scalar; };
    CHECK(scalar(R"(\N)") == "\xC2\x85");
    CHECK(scalar(R"(a\_b)") ==
          "a\xC2\xA0"
          "b");
    CHECK(scalar(R"(\x85\xa0)") == "\xC2\x85\xC2\xA0");
    CHECK(scalar(R"(\L\P)") == "\xE2\x80\xA8\xE2\x80\xA9");
    CHECK(scalar("\xC3\x85\\N\xF0\x9F\x98\x80\\_") == "\xC3\x85\xC2\x85\xF0\x9F\x98\x80\xC2\xA0");
}

TEST_CASE("a YAML alias is read as a copy", "[spec]") {
    const Read read("a: &x { b: [1, 2] }\nc: *x\n");
    REQUIRE(read.root);
    CHECK(*read.root->find("a") == *read.root->find("c"));
    CHECK(read.root->find("c")->at.line == 2);
}

TEST_CASE("nested YAML aliases are refused at the limit of nodes", "[spec]") {
    std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 20; ++i) {
        const std::string before = "*a" + std::to_string(i - 1) + " ";
        text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int j = 0; j < 9; ++j) {
            text += before + (j < 8 ? ", " : "");
        }
        text += "]\n";
    }
    const Read read(text);
    CHECK_FALSE(read.root);
    CHECK(read.codes() == Codes{"VG0004"});
}

TEST_CASE("nested YAML anchors are refused at the limit of nodes", "[spec]") {
    std::string text;
    for (int i = 0; i < 90; ++i) {
        text += "&a" + std::to_string(i) + " [ ";
    }
    text += "x, x, x, x, x, x, x, x, x, x, x, x, " + std::string(90, ']');
    YamlLimits limits;
    limits.aliasNodes = 1000;
    CHECK(Read(text, limits).codes() == Codes{"VG0004"});
}

TEST_CASE("a YAML alias to its own parent is refused", "[spec]") {
    const Read read("a: &x\n  b: *x\n");
    CHECK_FALSE(read.root);
    CHECK(read.codes() == Codes{"VG0004"});
    CHECK(read.at() == "2:6");
}

TEST_CASE("a YAML alias without an anchor is a syntax error", "[spec]") {
    CHECK(Read("a: *nowhere\n").codes() == Codes{"VG0001"});
}

TEST_CASE("YAML nested deeper than the limit is refused", "[spec]") {
    const auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
    const YamlLimits limits;
    CHECK(Read(nested(limits.depth)).codes().empty());
    CHECK(Read(nested(limits.depth + 1)).codes() == Codes{"VG0004"});
    CHECK(Read(nested(100'000)).codes() == Codes{"VG0004"});
}

TEST_CASE("YAML with more bytes or nodes than the limit is refused", "[spec]") {
    YamlLimits limits;
    limits.bytes = 10;
    CHECK(Read("aaaaaaaaaa", limits).codes().empty());
    CHECK(Read("aaaaaaaaaaa", limits).codes() == Codes{"VG0004"});
    limits = {};
    limits.nodes = 4;
    CHECK(Read("[1, 2, 3]", limits).codes().empty());
    CHECK(Read("[1, 2, 3, 4]", limits).codes() == Codes{"VG0004"});
}

TEST_CASE("YAML positions are exact to the column", "[spec]") {
    const Read read("# comment\na:\n  - b:   one\n    \"c\": [x,  {d: e}]\n");
    REQUIRE(read.root);
    const auto at = [&](const FieldPath& path) {
        const auto position = resolve(*read.root, path);
        return std::to_string(position.line) + ":" + std::to_string(position.column);
    };
    const FieldPath item = FieldPath{"a"}[0];
    CHECK(at(item) == "3:5");
    CHECK(at(item / "b") == "3:10");
    CHECK(at(item / "c") == "4:10");
    CHECK(at((item / "c")[1]) == "4:15");
    CHECK(at((item / "c")[1] / "d") == "4:19");
    CHECK(read.root->find("a")->items[0].entries[1].keyAt.column == 5);
}

TEST_CASE("YAML columns count bytes, and a carriage return is not part of a value", "[spec]") {
    const Read read("\"é\": x\r\nb: y\r\n");
    REQUIRE(read.root);
    CHECK(read.root->entries[0].value.at.column == 7);
    CHECK(read.root->entries[1].value.at.line == 2);
    CHECK(read.root->entries[1].value.scalar == "y");
}

TEST_CASE("a second YAML document is refused, an empty one is accepted", "[spec]") {
    const Read two("a: 1\n---\nb: 2\n");
    REQUIRE(two.root);
    CHECK(two.codes() == Codes{"VG0005"});
    CHECK(Read("---\na: 1\n---\n").codes().empty());
    CHECK(Read("---\na: 1\n...\n").codes().empty());
}

TEST_CASE("every unquoted spelling of null is read as null", "[spec]") {
    for (const char* text : {"a:", "a: ~", "a: null", "a: Null", "a: NULL", "a: # nothing"}) {
        INFO(text);
        const Read read(text);
        REQUIRE(read.root);
        CHECK(read.root->find("a")->kind == Node::Kind::null);
    }
    for (const char* text : {"a: 'null'", "a: \"~\"", "a: nULL", "a: ''"}) {
        INFO(text);
        const Read read(text);
        REQUIRE(read.root);
        CHECK(read.root->find("a")->kind == Node::Kind::scalar);
    }
}

TEST_CASE("a quoted YAML scalar is distinguished from a plain one", "[spec]") {
    const Read read("a: 1\nb: '1'\nc: |\n  1\n");
    REQUIRE(read.root);
    CHECK(read.root->find("a")->plain);
    CHECK_FALSE(read.root->find("b")->plain);
    CHECK_FALSE(read.root->find("c")->plain);
    CHECK_FALSE(*read.root->find("a") == *read.root->find("b"));
}

TEST_CASE("invalid YAML is one error with a position", "[spec]") {
    for (const char* text :
         {"a: [1, 2", "a: \"x", "a: b: c", "\tb: 1\n\t- c", "a: 1\n b: 2\n", "@", "{a: 1]}"}) {
        INFO(text);
        const Read read(text);
        CHECK(read.codes() == Codes{"VG0001"});
        CHECK(read.diagnostics.all()[0].at.line != 0);
    }
}

TEST_CASE("a YAML tag is refused", "[spec]") {
    CHECK(Read("a: !!str null\n").codes() == Codes{"VG0007"});
    CHECK(Read("a: !x [1]\nb: !y { c: d }\n").codes() == Codes{"VG0007", "VG0007"});
}

TEST_CASE("an empty file, a NUL byte and invalid UTF-8 are errors, a byte order mark is none", "[spec]") {
    CHECK(Read("").codes() == Codes{"VG0001"});
    CHECK(Read(std::string_view("a: \0", 4)).codes() == Codes{"VG0001"});
    CHECK(Read("a: \xff\n").at() == "1:4");
    CHECK(Read("\xEF\xBB\xBF"
               "a: 1\n")
              .codes()
              .empty());
}

}  // namespace
}  // namespace vigie::spec
