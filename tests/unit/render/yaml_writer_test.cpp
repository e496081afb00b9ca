// Tests render/yaml_writer: Writes YAML in block style, with the same bytes for the same calls.

#include "render/yaml_writer.hpp"

#include "spec/read_yaml.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::render {
namespace {

spec::Node read(const Text& text) {
    spec::Diagnostics diagnostics;
    const auto root = spec::readYaml(text.masked(), "a.yaml", diagnostics);
    INFO(text.masked());
    CHECK(diagnostics.empty());
    REQUIRE(root);
    return *root;
}

const std::vector<std::string>& nasty() {
    static const std::vector<std::string> out = {
        "",     " ",     "yes",        "Off",  "n",    "null", "~",    "true",   "0123", "0x1F",
        "0o17", "1e3",   "22:22",      "1.5",  ".inf", "-",    "---",  "...",    "a: b", "a:b",
        "#",    "a # b", "'",          "\"",   "\\",   "\\n",  "a\nb", "a\r\nb", "\t",   "\x01\x1b\x7f",
        "é€😀",  "- a",   "? a",        "!tag", "&a",   "*a",   "[a",   "{a",     "}",    "%a",
        "@a",   "`a",    "|",          ">",    "<<",   "$a",   "$$",   "${A}",   " a ",  "a\n",
        "\n",   "=",     "2001-01-01", "***"};
    return out;
}

TEST_CASE("any string written as a YAML value or list item is read back unchanged", "[render]") {
    for (const auto& text : nasty()) {
        YamlWriter yaml;
        yaml.text("k", text);
        yaml.list("l", [&] { yaml.item(text); });
        const auto root = read(yaml.result());
        CHECK(root.find("k")->scalar == text);
        CHECK_FALSE(root.find("k")->plain);
        CHECK(root.find("l")->items.at(0).scalar == text);
    }
}

TEST_CASE("any string written as a YAML key is read back unchanged", "[render]") {
    for (const auto& text : nasty()) {
        YamlWriter yaml;
        yaml.text(text, "v");
        yaml.map("m", [&] { yaml.number(text, 1); });
        const auto root = read(yaml.result());
        REQUIRE(root.entries.size() == 2);
        CHECK(root.entries[0].key == text);
        CHECK(root.entries[1].value.entries.at(0).key == text);
    }
}

TEST_CASE("nested YAML maps and lists are written with their structure", "[render]") {
    YamlWriter yaml;
    yaml.comment("comment");
    yaml.list("a", [&] {
        yaml.itemMap([&] {
            yaml.text("b", "1");
            yaml.list("c", [&] {
                yaml.item("2");
                yaml.itemMap([&] { yaml.map("d", [&] { yaml.boolean("e", true); }); });
            });
        });
        yaml.itemMap([&] { yaml.number("f", -3); });
    });
    CHECK(yaml.result().masked() ==
          "# comment\na:\n  - b: \"1\"\n    c:\n      - \"2\"\n      - d:\n          e: true\n  - f: -3\n");
    CHECK(read(yaml.result()).find("a")->items.size() == 2);
}

TEST_CASE("raw settings are written to YAML and read back with their quoting", "[render]") {
    const std::string source =
        "a: { b: [1, '1', 1.5, true, \"true\", ~, yes, -1, 0x1F, 1e3, '', [], {}, [[x], [], [[y]]], { z: [{ "
        "q: 1 }] }] }\n"
        "c: |\n  two\n  lines\nd: a plain text with spaces\ne: -\ne2: '-'\nf: http://a/b?c=d#e\n\"yes\": "
        "1\n\"a: b\": {}\ng: 2001-01-01\n"
        "h: a:b\ni: $x\nj: +5\nk: .5\n";
    spec::Diagnostics diagnostics;
    const auto value = spec::readYaml(
        source.substr(0, source.find("e: -")) + source.substr(source.find("e2:")), "a", diagnostics);
    REQUIRE(value);
    YamlWriter yaml;
    yaml.node("raw", *value);
    const auto root = read(yaml.result());
    const auto& back = *root.find("raw");
    REQUIRE(back.entries.size() == value->entries.size());
    // A plain text may come back quoted, but only where no reader takes it for a number or a boolean.
    const auto same = [](const auto& self, const spec::Node& x, const spec::Node& y) -> bool {
        bool equal = x.kind == y.kind && x.scalar == y.scalar && x.items.size() == y.items.size() &&
                     x.entries.size() == y.entries.size();
        equal = equal && (x.plain || !y.plain);
        for (std::size_t i = 0; equal && i < x.items.size(); ++i) {
            equal = self(self, x.items[i], y.items[i]);
        }
        for (std::size_t i = 0; equal && i < x.entries.size(); ++i) {
            equal =
                x.entries[i].key == y.entries[i].key && self(self, x.entries[i].value, y.entries[i].value);
        }
        return equal;
    };
    CHECK(same(same, *value, back));
    CHECK(*value->find("a") == *back.find("a"));
}

TEST_CASE("numbers with a sign are written to YAML as numbers", "[render]") {
    spec::Diagnostics diagnostics;
    const auto value = spec::readYaml("a: +5\nb: 1e+3\n", "a", diagnostics);
    YamlWriter yaml;
    yaml.node("raw", *value);
    CHECK(*read(yaml.result()).find("raw") == *value);
}

TEST_CASE("dollars are doubled in YAML values on request, never in keys", "[render]") {
    YamlWriter yaml;
    yaml.escapeDollars();
    yaml.text("$k", "a$b$$");
    const auto root = read(yaml.result());
    CHECK(root.entries[0].key == "$k");
    CHECK(root.entries[0].value.scalar == "a$$b$$$$");
}

TEST_CASE("a line break of YAML 1.1 is escaped in a string", "[render]") {
    for (const char* text : {"\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xEF\xBB\xBF", "\xC2\x80"}) {
        CHECK_FALSE(tests::contains(yamlQuoted(text), text));
    }
}

}  // namespace
}  // namespace vigie::render
