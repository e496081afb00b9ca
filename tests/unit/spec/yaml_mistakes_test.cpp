// Tests spec/yaml_mistakes: What a text is that is no YAML: mistakes that have a name of their own.

#include "spec/yaml_mistakes.hpp"

#include "spec/read_yaml.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::spec {
namespace {

/// The one error of a text, as `line:column code message | hint`.
std::string errorOf(const std::string& text) {
    Diagnostics diagnostics;
    static_cast<void>(readYaml(text, "f", diagnostics));
    if (diagnostics.all().size() != 1) {
        return std::to_string(diagnostics.all().size()) + " errors";
    }
    const auto& one = diagnostics.all()[0];
    return std::to_string(one.at.line) + ":" + std::to_string(one.at.column) + " " + one.code + " " +
           one.message + " | " + one.hint;
}

TEST_CASE("a tab in the indentation is reported at the tab", "[spec][yaml]") {
    for (const auto& [text, place] :
         std::vector<std::pair<std::string, std::string>>{{"a:\n\tb: 1\n", "2:1 "},
                                                          {"a:\n  - b\n \t c: 1\n", "3:2 "},
                                                          {"a:\n  b:\n\t  - c\n", "3:1 "},
                                                          {"a:\n  b: |\n    text\n\t  more\n", "4:1 "}}) {
        INFO(text);
        CHECK(errorOf(text) ==
              place +
                  "VG0001 this line is indented with a tab | YAML requires spaces: write two for each level");
    }
    CHECK(errorOf("a:\tb\n") == "0 errors");  // between a key and its value it is a blank
    CHECK(errorOf("a: |\n  text\n  \tmore\n") == "0 errors");
}

TEST_CASE("a merge conflict marker is reported at its first line", "[spec][yaml]") {
    const auto whole =
        errorOf("a:\n<<<<<<< HEAD\n  b: 1\n||||||| base\n=======\n  b: 2\n>>>>>>> other\nc: 3\n");
    CHECK(whole ==
          "2:1 VG0001 an unresolved merge conflict: `<<<<<<<` in line 2, `|||||||` in line 4, `=======` in "
          "line 5, `>>>>>>>` in line 7 | resolve the conflict, and remove the marker lines");
    CHECK(tests::contains(errorOf("a:\r\n  b: 1\r\n=======\r\n  c: 2\r\n"),
                          "3:1 VG0001 an unresolved merge conflict"));
    CHECK(tests::contains(errorOf("a:\n  b: 1\n>>>>>>> other\n"), "3:1 VG0001 an unresolved merge conflict"));
    CHECK_FALSE(nameMistake("a: 1\n<<<<<<<< eight\n", {2, 1}));
    CHECK(errorOf("a: |\n  =======\n  <<<<<<< HEAD\n") == "0 errors");
}

TEST_CASE("a Git LFS pointer is reported as such", "[spec][yaml]") {
    const std::string pointer =
        "version https://git-lfs.github.com/spec/v1\noid "
        "sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258d"
        "aaa5e2ca24d17e2393\nsize 12345\n";
    CHECK(isLfsPointer(pointer));
    CHECK_FALSE(isLfsPointer("# version https://git-lfs.github.com/spec/v1\n"));
    CHECK(tests::contains(errorOf(pointer), "1:1 VG0001 this is a Git LFS pointer"));
    CHECK(tests::contains(errorOf(pointer), "git lfs untrack"));
}

TEST_CASE("a key with an invisible character is one error at its position", "[spec][yaml]") {
    CHECK(errorOf("a:\n\xc2\xa0\xc2\xa0name: b\n") ==
          "2:1 VG0008 the key `<U+00A0><U+00A0>name` contains an invisible character | U+00A0 looks like a "
          "space but is not one: write an ordinary space");
    CHECK(
        tests::contains(errorOf("a:\n  pro\xe2\x80\x8bjects: b\n"), "2:3 VG0008 the key `pro<U+200B>jects`"));
    CHECK(errorOf("a: b\xc2\xa0"
                  "c\n") == "0 errors");  // in a text it may be meant
    CHECK(errorOf("\xef\xbb\xbf"
                  "a: b\n") == "0 errors");
    const auto named = nameMistake(
        "a: [\n b\xc2\xa0"
        "c: d\n",
        {2, 3});
    REQUIRE(named);
    CHECK(named->at.column == 3);
    CHECK(tests::contains(named->message, "U+00A0"));
    CHECK_FALSE(nameMistake("a: [\n b c: d\n", {2, 3}));
}

TEST_CASE("an empty file is reported with a position", "[spec][yaml]") {
    CHECK(tests::contains(errorOf(""), "1:1 VG0001 the file is empty"));
    CHECK(tests::contains(errorOf("# only a comment\n"), "VG0001 the file is empty"));
}

}  // namespace
}  // namespace vigie::spec
