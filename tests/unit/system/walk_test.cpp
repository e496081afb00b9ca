// What is done below a directory that somebody else may write stays in there.
#include "system/walk.hpp"

#include "base/error.hpp"
#include "system/own_file.hpp"
#include "system/real_files.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <functional>
#include <thread>

namespace vigie::system {
namespace {

using tests::TemporaryDirectory;
using Type = FileInfo::Type;

// What others may write is no less theirs than what they own, and needs no root to be made.
constexpr unsigned kTheirs = 0777;

/// `/theirs` may be written by everybody, `/etc/victim` by nobody else.
struct Host {
    TemporaryDirectory directory;
    RealFiles files{directory.path};

    Host() {
        files.makeDirectory("/etc", 0755, std::nullopt);
        files.makeDirectory("/etc/victim", 0700, std::nullopt);
        files.write("/etc/victim/file", "root's", 0600, std::nullopt);
        files.makeDirectory("/theirs", kTheirs, std::nullopt);
    }
    void link(const std::string& target, const std::string& path) const {
        REQUIRE(::symlink(target.c_str(), files.real(path).c_str()) == 0);
    }
    [[nodiscard]] std::string read(const std::string& path) const {
        return std::string(view(files.read(path, kLargestFile)));
    }
};

TEST_CASE("where nobody's links are followed, those of root are not", "[system][walk]") {
    Host host;
    host.link("victim", "/etc/link");
    CHECK(host.read("/etc/link/file") == "root's");
    auto& files = host.files.straight();
    CHECK(&files.straight() == &files);
    CHECK_THROWS_AS(files.read("/etc/link/file", kLargestFile), WayChanged);
    CHECK_THROWS_AS(files.write("/etc/link/file", "theirs", 0644, std::nullopt), WayChanged);
    CHECK_THROWS_AS(files.remove("/etc/link/file"), WayChanged);
    CHECK_THROWS_AS(files.makeDirectory("/etc/link/new", 0755, std::nullopt), WayChanged);
    CHECK(files.inspect("/etc/link/file").type == Type::behindLink);
    files.write("/etc/victim/file", "ours", 0600, std::nullopt);
    CHECK(host.read("/etc/victim/file") == "ours");
}

TEST_CASE("no operation follows a symbolic link in a directory that others can write", "[system][walk]") {
    Host host;
    host.link("../etc/victim", "/theirs/deploy");
    auto& files = host.files;
    const std::string path = "/theirs/deploy/file";
    const std::vector<std::pair<const char*, std::function<void()>>> operations = {
        {"read", [&] { static_cast<void>(files.read(path, kLargestFile)); }},
        {"write", [&] { files.write(path, "theirs", 0644, std::nullopt); }},
        {"restore", [&] { files.restore(path, "theirs", 0644, std::nullopt, 0); }},
        {"overwrite", [&] { files.overwrite(path, "theirs", 0); }},
        {"make a directory", [&] { files.makeDirectory("/theirs/deploy/new", kTheirs, std::nullopt); }},
        {"attributes", [&] { files.setAttributes(path, 0666, std::nullopt); }},
        {"restored attributes", [&] { files.restoreAttributes(path, 0666, std::nullopt, 0); }},
        {"clean up", [&] { static_cast<void>(files.cleanUp(path)); }},
        {"remove", [&] { files.remove(path); }},
        {"list", [&] { static_cast<void>(files.list("/theirs/deploy")); }},
    };
    for (const auto& [name, operation] : operations) {
        INFO(name);
        try {
            operation();
            FAIL("the link was followed");
        } catch (const WayChanged& error) {
            CHECK(tests::contains(error.what(), host.directory.path + "/theirs/deploy"));
            CHECK_FALSE(error.hint().empty());
        }
    }
    CHECK(files.inspect(path).type == Type::behindLink);
    CHECK(files.inspect("/theirs/deploy").type == Type::symlink);
    CHECK(host.read("/etc/victim/file") == "root's");
    CHECK(files.inspect("/etc/victim/file").mode == 0600);
    CHECK(files.list("/etc/victim") == std::vector<std::string>{"file"});
}

TEST_CASE("root's own links are followed, and stay below the root", "[system][walk]") {
    Host host;
    host.link("etc", "/relative");
    host.link("/etc/./victim", "/absolute");
    host.link("../../../../etc", "/outside");
    host.link("loop", "/loop");
    for (const char* path : {"/relative/victim/file", "/absolute/file", "/outside/victim/file"}) {
        INFO(path);
        CHECK(host.read(path) == "root's");
        CHECK_FALSE(host.files.inspect(path).shared);
    }
    CHECK_THROWS_AS(host.files.read("/loop/file", 1), Error);
    host.files.write("/absolute/other", "x", 0600, std::nullopt);
    CHECK(host.read("/etc/victim/other") == "x");
}

TEST_CASE("root's symbolic links below a directory of another user are not followed", "[system][walk]") {
    Host host;
    host.files.makeDirectory("/theirs/ours", 0755, std::nullopt);
    host.link("../../etc", "/theirs/ours/link");
    CHECK(host.files.inspect("/theirs/ours/link/victim").type == Type::behindLink);
    CHECK(host.files.inspect("/theirs/ours").shared);
    CHECK_FALSE(host.files.inspect("/etc/victim").shared);
}

TEST_CASE("write access of others is derived from owner, group and mode", "[system][walk]") {
    struct stat file {};
    file.st_uid = ::geteuid();
    file.st_mode = 0755;
    CHECK_FALSE(othersMayWrite(file));
    file.st_gid = 50;
    CHECK_FALSE(othersMayWrite(file));
    file.st_mode = 0775;
    CHECK(othersMayWrite(file));
    file.st_gid = 0;
    CHECK_FALSE(othersMayWrite(file));
    file.st_mode = 01777;
    CHECK(othersMayWrite(file));
    file.st_gid = 50;
    file.st_mode = 0700;
    file.st_uid = ::geteuid() + 1;
    CHECK(othersMayWrite(file));
}

TEST_CASE("a file in a directory of others is restored only into that same directory", "[system][walk]") {
    Host host;
    host.files.makeDirectory("/theirs/d", 0755, std::nullopt);
    const auto id = host.files.inspect("/theirs/d").inode;
    host.files.restore("/theirs/d/a", "was", 0600, std::nullopt, id);
    CHECK(host.read("/theirs/d/a") == "was");
    REQUIRE(std::rename(host.files.real("/theirs/d").c_str(), host.files.real("/theirs/moved").c_str()) == 0);
    host.files.makeDirectory("/theirs/d", 0755, std::nullopt);
    CHECK_THROWS_AS(host.files.restore("/theirs/d/a", "was", 0600, std::nullopt, id), WayChanged);
    CHECK_THROWS_AS(host.files.restoreAttributes("/theirs/d", 0700, std::nullopt, id), WayChanged);
    CHECK(host.files.list("/theirs/d").empty());
    host.files.remove("/theirs/d");
    CHECK_THROWS_AS(host.files.restore("/theirs/d/a", "was", 0600, std::nullopt, id), WayChanged);
    CHECK_NOTHROW(host.files.restoreAttributes("/theirs/moved", 0700, std::nullopt, id));
    CHECK(host.files.inspect("/theirs/moved").mode == 0700);
    // Where nobody else may write, the number tells nothing: a file system may be another after a restart.
    CHECK_NOTHROW(host.files.restore("/etc/file", "was", 0600, std::nullopt, id));
}

TEST_CASE("an open file is overwritten in place only if it is the same file and has no other name",
          "[system][walk]") {
    Host host;
    host.files.write("/a", "a longer text", 0640, std::nullopt);
    const auto id = host.files.inspect("/a").inode;
    host.files.overwrite("/a", "short", id);
    CHECK(host.read("/a") == "short");
    CHECK(host.files.inspect("/a").inode == id);
    CHECK(host.files.inspect("/a").mode == 0640);
    host.files.write("/a", "another file", 0640, std::nullopt);
    CHECK_THROWS_AS(host.files.overwrite("/a", "x", id), WayChanged);
    REQUIRE(::link(host.files.real("/etc/victim/file").c_str(), host.files.real("/b").c_str()) == 0);
    CHECK_THROWS_AS(host.files.overwrite("/b", "x", host.files.inspect("/b").inode), WayChanged);
    CHECK(host.read("/etc/victim/file") == "root's");
}

TEST_CASE("write access of others is reported for the file behind root's own symbolic link",
          "[system][walk]") {
    Host host;
    host.files.write("/theirs/file", "", 0644, std::nullopt);
    host.link("victim/file", "/etc/own");
    host.link("victim", "/etc/directory");
    host.link("../theirs/file", "/etc/given");
    CHECK(whoElseMayWrite(host.files.real("/etc/own")).empty());
    CHECK(whoElseMayWrite(host.files.real("/etc/directory/file")).empty());
    CHECK(whoElseMayWrite(host.files.real("/etc/missing")).empty());
    host.link("../etc/victim/file", "/theirs/link");
    for (const char* path : {"/theirs/file", "/theirs/link", "/etc/given"}) {
        INFO(path);
        CHECK(
            tests::contains(whoElseMayWrite(host.files.real(path)), "/theirs can be written by every user"));
    }
}

TEST_CASE("attributes of a hard-linked file in a directory of others are not changed", "[system][walk]") {
    Host host;
    REQUIRE(::link(host.files.real("/etc/victim/file").c_str(), host.files.real("/theirs/a").c_str()) == 0);
    CHECK_THROWS_AS(host.files.setAttributes("/theirs/a", 0644, std::nullopt), WayChanged);
    CHECK(host.files.inspect("/etc/victim/file").mode == 0600);
}

TEST_CASE("a file is opened through root's own symbolic links only", "[system][walk]") {
    const Host host;
    host.link("victim/file", "/etc/own");
    host.link("../etc/victim/file", "/theirs/foreign");
    CHECK(openFile(host.files.real("/etc/own"), O_RDONLY).valid());
    CHECK_FALSE(openFile(host.files.real("/etc/own"), O_RDONLY | O_NOFOLLOW).valid());
    CHECK(errno == ELOOP);
    CHECK_THROWS_AS(openFile(host.files.real("/theirs/foreign"), O_RDONLY), WayChanged);
    CHECK_FALSE(openFile(host.files.real("/etc/missing/file"), O_RDONLY).valid());
    CHECK(errno == ENOENT);
}

TEST_CASE("a symbolic link swapped in during writes redirects none of them", "[system][walk]") {
    Host host;
    host.files.makeDirectory("/theirs/deploy", kTheirs, std::nullopt);
    host.link("../etc/victim", "/theirs/link");
    const std::string directory = host.files.real("/theirs/deploy");
    const std::string link = host.files.real("/theirs/link");
    std::atomic<bool> ends = false;
    std::thread hostile([&] {
        while (!ends) {
            ::renameat2(AT_FDCWD, directory.c_str(), AT_FDCWD, link.c_str(), RENAME_EXCHANGE);
        }
    });
    constexpr int kTimes = 300;
    int written = 0;
    for (int i = 0; i < kTimes; ++i) {
        for (const auto& operation : std::vector<std::function<void()>>{
                 [&] { host.files.write("/theirs/deploy/file", "theirs", 0666, std::nullopt); },
                 [&] { host.files.setAttributes("/theirs/deploy/file", 0777, std::nullopt); },
                 [&] { static_cast<void>(host.files.read("/theirs/deploy/file", kLargestFile)); },
                 [&] { host.files.remove("/theirs/deploy/file"); }}) {
            try {
                operation();
                ++written;
            } catch (const Error&) {
            }
        }
    }
    ends = true;
    hostile.join();
    CHECK(written > 0);
    CHECK(host.read("/etc/victim/file") == "root's");
    CHECK(host.files.inspect("/etc/victim/file").mode == 0600);
}

}  // namespace
}  // namespace vigie::system
