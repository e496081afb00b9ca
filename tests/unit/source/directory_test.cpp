#include "source/directory.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>
#include <filesystem>

namespace vigie::source {
namespace {

/// examples/moments with a compose file beside the document that is not the one of the facts.
class Copy {
public:
    Copy() {
        std::filesystem::copy(tests::sourcePath("examples/moments"), directory_.path,
                              std::filesystem::copy_options::recursive);
        (void)directory_.write("docker-compose.prod.yml", "services: {}\n");
    }

    void addProject(const std::string& item) const {
        auto text = tests::readSource("examples/moments/stack.yaml");
        const std::string before = "  applications:\n";
        text.insert(text.find(before), "    - " + item + "\n");
        (void)directory_.write("stack.yaml", text);
    }

    [[nodiscard]] auto count(const char* code) const {
        const auto loaded = loadDirectory(directory_.path);
        REQUIRE(loaded.usable());
        const auto codes = tests::codesOf(loaded.diagnostics);
        return std::count(codes.begin(), codes.end(), code);
    }

private:
    tests::TemporaryDirectory directory_;
};

TEST_CASE("a compose file beside the document tells whether facts are of another one",
          "[source][directory]") {
    CHECK(Copy().count("VG0353") == 1);
}

TEST_CASE("a compose file whose name several projects have is compared with none of them",
          "[source][directory]") {
    const Copy copy;
    SECTION("another name") {
        copy.addProject("{ name: blog, host: vm, directory: /opt/blog, composeFiles: [blog.yml] }");
        CHECK(copy.count("VG0353") == 1);
    }
    SECTION("the same name") {
        copy.addProject(
            "{ name: blog, host: vm, directory: /opt/blog, composeFiles: [docker-compose.prod.yml] }");
        CHECK(copy.count("VG0353") == 0);
    }
}

}  // namespace
}  // namespace vigie::source
