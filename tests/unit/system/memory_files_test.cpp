// Tests system/memory_files: Files in memory, for tests.

#include "system/memory_files.hpp"

#include "base/error.hpp"
#include "tests/support/catch.hpp"

namespace vigie::system {
namespace {

TEST_CASE("files in memory behave like real files", "[system]") {
    MemoryFiles files;
    CHECK_THROWS_AS(files.write("/d/a", "x", 0644, std::nullopt), Error);
    files.makeDirectory("/d", 0755, std::nullopt);
    CHECK_THROWS_AS(files.makeDirectory("/d", 0755, std::nullopt), Error);
    files.write("/d/a", "x", 0640, Owner{1, 2});
    CHECK(view(files.read("/d/a", 1)) == "x");
    CHECK_THROWS_AS(files.read("/d/a", 0), Error);
    CHECK_THROWS_AS(files.read("/d", 9), Error);
    CHECK(files.inspect("/d/a").owner == Owner{1, 2});
    CHECK(files.list("/") == std::vector<std::string>{"d"});
    CHECK_THROWS_AS(files.remove("/d"), Error);
    files.remove("/d/a");
    files.remove("/d");
    CHECK_FALSE(files.inspect("/d").exists());
}

TEST_CASE("files in memory record every mutation and nothing else", "[system]") {
    MemoryFiles files;
    files.makeDirectory("/d", 0755, std::nullopt);
    files.write("/d/a", "x", 0644, std::nullopt);
    files.setAttributes("/d/a", 0600, std::nullopt);
    static_cast<void>(files.inspect("/d/a"));
    static_cast<void>(files.read("/d/a", 9));
    static_cast<void>(files.list("/d"));
    files.remove("/d/a");
    CHECK(files.mutations ==
          std::vector<std::string>{"mkdir /d", "write /d/a", "attributes /d/a", "remove /d/a"});
}

TEST_CASE("files in memory can fail at the n-th mutation, once and without a change", "[system]") {
    MemoryFiles files;
    files.failAt = 2;
    files.write("/a", "x", 0644, std::nullopt);
    CHECK_THROWS_AS(files.write("/a", "y", 0644, std::nullopt), Error);
    CHECK(files.entries.at("/a").bytes == "x");
    files.write("/a", "z", 0644, std::nullopt);
    CHECK(files.mutations.size() == 2);
}

}  // namespace
}  // namespace vigie::system
