// Tests controller/file_watch.

#include "controller/file_watch.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace vigie::controller {
namespace {

namespace fs = std::filesystem;

/// A real directory with one managed file, opt/a/file.
struct Host {
    tests::TemporaryDirectory root;
    FileWatch watch{root.path};
    std::string file = root.path + "/opt/a/file";

    Host() {
        fs::create_directories(root.path + "/opt/a");
        write(file, "one");
        watch.watch({file});
        watch.read();
    }
    static void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }
    bool seen() { return watch.read(); }
};

TEST_CASE("an edit, replacement, mode change or removal of a managed file is noticed",
          "[controller][watch]") {
    Host host;
    CHECK_FALSE(host.seen());
    Host::write(host.file, "two");
    CHECK(host.seen());
    Host::write(host.root.path + "/opt/a/sibling", "three");
    CHECK_FALSE(host.seen());
    fs::rename(host.root.path + "/opt/a/sibling", host.file);
    CHECK(host.seen());
    ::chmod(host.file.c_str(), 0600);
    CHECK(host.seen());
    fs::remove(host.file);
    CHECK(host.seen());
    Host::write(host.file, "again");
    CHECK(host.seen());
    CHECK_FALSE(host.seen());
}

TEST_CASE("reading a managed file or writing an unmanaged one is not noticed", "[controller][watch]") {
    Host host;
    std::string line;
    std::getline(std::ifstream(host.file) >> std::ws, line);
    for (int i = 0; i < 100; ++i) {
        Host::write(host.root.path + "/opt/a/other", std::to_string(i));
        fs::create_directories(host.root.path + "/opt/data/" + std::to_string(i));
    }
    CHECK_FALSE(host.seen());
}

TEST_CASE("a directory that is removed and made again is watched again", "[controller][watch]") {
    Host host;
    fs::remove_all(host.root.path + "/opt");
    CHECK(host.seen());
    fs::create_directories(host.root.path + "/opt");
    host.seen();
    fs::create_directories(host.root.path + "/opt/a");
    CHECK(host.seen());
    Host::write(host.file, "new");
    CHECK(host.seen());
}

TEST_CASE("a parent directory moved away and back is noticed, and changes meanwhile are not",
          "[controller][watch]") {
    Host host;
    fs::rename(host.root.path + "/opt", host.root.path + "/elsewhere");
    CHECK(host.seen());
    Host::write(host.root.path + "/elsewhere/a/file", "not ours any more");
    CHECK_FALSE(host.seen());
    fs::rename(host.root.path + "/elsewhere", host.root.path + "/opt");
    CHECK(host.seen());
    Host::write(host.file, "ours again");
    CHECK(host.seen());
}

TEST_CASE("a directory moved to the path of another one is watched in its place", "[controller][watch]") {
    Host host;
    fs::create_directories(host.root.path + "/opt/b");
    host.seen();
    fs::rename(host.root.path + "/opt/a", host.root.path + "/opt/old");
    fs::rename(host.root.path + "/opt/b", host.root.path + "/opt/a");
    CHECK(host.seen());
    Host::write(host.file, "in the new one");
    CHECK(host.seen());
    Host::write(host.root.path + "/opt/old/file", "in the old one");
    CHECK_FALSE(host.seen());
}

TEST_CASE("a managed file that does not exist yet is noticed when it appears, however deep",
          "[controller][watch]") {
    Host host;
    const std::string deep = host.root.path + "/etc/x/y/z.conf";
    host.watch.watch({deep});
    host.seen();
    fs::create_directories(host.root.path + "/etc/x/y");
    CHECK(host.seen());
    Host::write(deep, "there");
    CHECK(host.seen());
}

TEST_CASE("a call that adds file watches reports so, a call that adds none does not", "[controller][watch]") {
    Host host;
    CHECK_FALSE(host.watch.watch({host.file}));
    fs::create_directories(host.root.path + "/opt/b");
    CHECK(host.watch.watch({host.file, host.root.path + "/opt/b/file"}));
    CHECK_FALSE(host.watch.watch({host.file, host.root.path + "/opt/b/file"}));
    CHECK_FALSE(host.watch.watch({host.file}));
    host.seen();
    Host::write(host.root.path + "/opt/b/file", "no longer of interest");
    CHECK_FALSE(host.seen());
}

TEST_CASE("events that the kernel dropped count as a change", "[controller][watch]") {
    Host host;
    std::size_t limit = 0;
    std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> limit;
    REQUIRE(limit > 0);
    REQUIRE(limit < 200'000);
    const std::string other = host.root.path + "/opt/a/other";
    for (std::size_t i = 0; i <= limit; ++i) {  // by turns: equal events in a row are one
        Host::write(i % 2 == 0 ? other : other + "2", "");
    }
    CHECK(host.seen());
    Host::write(host.file, "still watched");
    CHECK(host.seen());
}

}  // namespace
}  // namespace vigie::controller
