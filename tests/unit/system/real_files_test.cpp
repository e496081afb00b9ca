// Tests system/real_files: Files of this machine below a root.

#include "system/real_files.hpp"

#include "base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::system {
namespace {

using tests::TemporaryDirectory;
using Type = FileInfo::Type;

struct Place {
    TemporaryDirectory directory;
    RealFiles files{directory.path};

    [[nodiscard]] std::string read(const std::string& path) const {
        return std::string(view(files.read(path, kLargestFile)));
    }
    [[nodiscard]] std::size_t count() const { return files.list("/").size(); }
};

TEST_CASE("a written file has its bytes, mode and owner, and no temporary file is left", "[system]") {
    Place place;
    place.files.write("/a", "one", 0640, std::nullopt);
    CHECK(place.read("/a") == "one");
    CHECK(place.files.inspect("/a").mode == 0640);
    CHECK(place.count() == 1);
    if (place.files.canChown()) {
        place.files.write("/a", "two", 0400, Owner{65534, 65534});
        CHECK(place.files.inspect("/a").owner == Owner{65534, 65534});
        CHECK(place.files.inspect("/a").mode == 0400);
        CHECK(place.read("/a") == "two");
    }
}

TEST_CASE("files and directories get their mode despite the umask", "[system]") {
    Place place;
    const mode_t before = ::umask(077);
    place.files.write("/a", "x", 0644, std::nullopt);
    place.files.makeDirectory("/d", 0755, std::nullopt);
    ::umask(before);
    CHECK(place.files.inspect("/a").mode == 0644);
    CHECK(place.files.inspect("/d").mode == 0755);
}

TEST_CASE("a write replaces the file and leaves its other hard links", "[system]") {
    Place place;
    place.files.write("/a", "one", 0644, std::nullopt);
    std::filesystem::create_hard_link(place.files.real("/a"), place.files.real("/b"));
    place.files.write("/a", "two", 0644, std::nullopt);
    CHECK(place.read("/b") == "one");
    CHECK(place.read("/a") == "two");
}

TEST_CASE("a write through a symbolic link replaces the link", "[system]") {
    Place place;
    place.files.write("/target", "theirs", 0644, std::nullopt);
    std::filesystem::create_symlink("target", place.files.real("/link"));
    place.files.write("/link", "ours", 0644, std::nullopt);
    CHECK(place.read("/target") == "theirs");
    CHECK(place.files.inspect("/link").type == Type::regular);
}

TEST_CASE("a write that fails leaves everything as it was", "[system]") {
    Place place;
    place.files.write("/a", "old", 0644, std::nullopt);
    place.files.makeDirectory("/d", 0755, std::nullopt);
    CHECK_THROWS_AS(place.files.write("/a/b", "x", 0644, std::nullopt), Error);
    CHECK_THROWS_AS(place.files.write("/missing/b", "x", 0644, std::nullopt), Error);
    CHECK_THROWS_AS(place.files.write("/d", "x", 0644, std::nullopt), Error);
    CHECK(place.read("/a") == "old");
    CHECK(place.files.inspect("/d").type == Type::directory);
    CHECK(place.count() == 2);
}

TEST_CASE("a temporary file left by a crash does not prevent a write", "[system]") {
    Place place;
    place.files.write("/.vigie-a", "leftover", 0600, std::nullopt);
    place.files.write("/a", "new", 0644, std::nullopt);
    CHECK(place.read("/a") == "new");
    CHECK(place.count() == 1);
}

TEST_CASE("only regular files up to the size limit are read", "[system]") {
    Place place;
    place.files.write("/a", "12345", 0644, std::nullopt);
    std::filesystem::create_symlink("a", place.files.real("/link"));
    place.files.makeDirectory("/d", 0755, std::nullopt);
    REQUIRE(::mkfifo(place.files.real("/pipe").c_str(), 0600) == 0);
    CHECK(view(place.files.read("/a", 5)) == "12345");
    CHECK_THROWS_AS(place.files.read("/a", 4), Error);
    for (const char* path : {"/link", "/d", "/pipe", "/missing"}) {
        INFO(path);
        CHECK_THROWS_AS(place.files.read(path, kLargestFile), Error);
    }
}

TEST_CASE("inspecting a path does not follow a symbolic link at its end", "[system]") {
    Place place;
    place.files.write("/a", "12345", 0604, std::nullopt);
    std::filesystem::create_symlink("nowhere", place.files.real("/link"));
    REQUIRE(::mkfifo(place.files.real("/pipe").c_str(), 0600) == 0);
    CHECK(place.files.inspect("/a").type == Type::regular);
    CHECK(place.files.inspect("/a").size == 5);
    CHECK(place.files.inspect("/link").type == Type::symlink);
    CHECK(place.files.inspect("/pipe").type == Type::other);
    CHECK(place.files.inspect("/").type == Type::directory);
    CHECK_FALSE(place.files.inspect("/missing").exists());
    CHECK_FALSE(place.files.inspect("/a/below").exists());
}

TEST_CASE("files, symbolic links and empty directories are removed; directories with files are not",
          "[system]") {
    Place place;
    place.files.makeDirectory("/d", 0755, std::nullopt);
    place.files.write("/d/a", "x", 0644, std::nullopt);
    std::filesystem::create_symlink("d", place.files.real("/link"));
    CHECK_THROWS_AS(place.files.remove("/d"), Error);
    place.files.remove("/link");
    CHECK(place.files.inspect("/d/a").exists());
    place.files.remove("/d/a");
    place.files.remove("/d/a");
    place.files.remove("/d");
    CHECK(place.count() == 0);
}

TEST_CASE("removing a missing file in a missing directory succeeds", "[system]") {
    Place place;
    CHECK_NOTHROW(place.files.remove("/d/a"));
}

TEST_CASE("a directory named with a trailing slash is removed", "[system]") {
    Place place;
    makeParents(place.files, "/a/b/c");
    place.files.remove("/a/b/");
    CHECK_FALSE(place.files.inspect("/a/b").exists());
    place.files.remove("/a/b/");
    place.files.remove("/a//");
    CHECK(place.count() == 0);
}

TEST_CASE("attributes are never set through a symbolic link", "[system]") {
    Place place;
    place.files.write("/a", "x", 0644, std::nullopt);
    std::filesystem::create_symlink("a", place.files.real("/link"));
    place.files.setAttributes("/a", 0600, std::nullopt);
    CHECK(place.files.inspect("/a").mode == 0600);
    CHECK_THROWS_AS(place.files.setAttributes("/link", 0777, std::nullopt), Error);
    CHECK(place.files.inspect("/a").mode == 0600);
}

TEST_CASE("missing parent directories are created from the top, and existing ones are unchanged",
          "[system]") {
    Place place;
    place.files.makeDirectory("/a", 0700, std::nullopt);
    CHECK(makeParents(place.files, "/a/b/c/file") == std::vector<std::string>{"/a/b", "/a/b/c"});
    CHECK(makeParents(place.files, "/a/b/c/file").empty());
    CHECK(makeParents(place.files, "/file").empty());
    CHECK(place.files.inspect("/a").mode == 0700);
}

TEST_CASE("every path is below the root, and an error names it in full", "[system]") {
    Place place;
    const RealFiles slashed(place.directory.path + "//");
    CHECK(slashed.real("/a") == place.directory.path + "/a");
    try {
        static_cast<void>(place.files.read("/missing", 1));
        FAIL("read");
    } catch (const Error& error) {
        CHECK(tests::contains(error.what(), place.directory.path + "/missing"));
        CHECK(tests::contains(error.what(), "No such file"));
    }
}

TEST_CASE("every spelling of a root directory is normalised to one", "[system]") {
    for (const char* root : {"/", "//", "/./", "/usr/..", "/nowhere/.."}) {
        INFO(root);
        CHECK(normalRoot(root) == "/");
    }
    const Place place;
    std::filesystem::create_directory(place.directory.path + "/d");
    std::filesystem::create_symlink("d", place.directory.path + "/link");
    CHECK(normalRoot(place.directory.path + "/link/") == normalRoot(place.directory.path + "/./d//"));
}

}  // namespace
}  // namespace vigie::system
