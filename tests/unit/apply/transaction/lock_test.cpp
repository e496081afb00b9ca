// Tests apply/lock.
#include "apply/transaction/lock.hpp"

#include "base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>

namespace vigie::apply {
namespace {

/// Another process that holds the lock until this object dies.
class Holder {
public:
    explicit Holder(const std::string& path, WithTools tools = WithTools::no) {
        std::array<int, 2> ends{};
        REQUIRE(::pipe(ends.data()) == 0);
        pid = ::fork();
        if (pid == 0) {
            const Lock lock(path, "the root", tools);
            if (tools == WithTools::yes && ::fork() == 0) {
                ::execlp("sleep", "sleep", "60", nullptr);  // NOLINT(cppcoreguidelines-pro-type-vararg)
                ::_exit(127);
            }
            [[maybe_unused]] const auto told = ::write(ends[1], "x", 1);
            ::pause();
            ::_exit(0);
        }
        char byte = 0;
        REQUIRE(::read(ends[0], &byte, 1) == 1);
        ::close(ends[0]);
        ::close(ends[1]);
    }
    Holder(const Holder&) = delete;
    Holder& operator=(const Holder&) = delete;
    Holder(Holder&&) = delete;
    Holder& operator=(Holder&&) = delete;
    ~Holder() {
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
    }
    pid_t pid = -1;
};

TEST_CASE("a lock that cannot be inspected is an error; a missing one is free", "[apply]") {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path + "/lock";
    CHECK(Lock::holder(path) == 0);
    CHECK(Lock::holder(directory.write("file", "") + "/lock") == 0);
    std::filesystem::create_symlink("elsewhere", path);
    CHECK_THROWS_AS(Lock::holder(path), Error);
}

TEST_CASE("a lock that is handed over to another program is never free, and only for the same file",
          "[apply]") {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path + "/lock";
    const std::string other = directory.path + "/other";
    const Lock first(path, "the root");
    // Another program has the same open file after `execve`; here a duplicate has it.
    const auto again = [&] {
        const int descriptor = ::dup(first.keep());
        REQUIRE(descriptor >= 0);
        return descriptor;
    };
    {
        const Lock kept = Lock::kept(again(), path, "the root");
        CHECK(Lock::holder(path) == ::getpid());
        CHECK_THROWS_AS(Lock(path, "the root"), Error);
    }
    const Lock elsewhere = Lock::kept(again(), other, "the root");
    CHECK(Lock::holder(other) == ::getpid());
    CHECK_THROWS_AS(Lock::kept(-1, path, "the root"), Error);
}

TEST_CASE("a second process is refused the lock and told which process holds it", "[apply]") {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path + "/lock";
    {
        const Holder holder(path);
        CHECK(Lock::holder(path) == holder.pid);
        try {
            const Lock second(path, "the root");
            FAIL("locked twice");
        } catch (const Error& error) {
            CHECK(std::string(error.what()) == "the root is held by process " + std::to_string(holder.pid));
            CHECK_FALSE(error.hint().empty());
        }
    }
    CHECK_NOTHROW(Lock(path, "the root"));  // the holder was killed: its lock went with it
}

TEST_CASE("a lock that was released or never taken has no holder", "[apply]") {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path + "/lock";
    CHECK(Lock::holder(path) == 0);
    { const Lock lock(path, "the root"); }
    CHECK(Lock::holder(path) == 0);
}

TEST_CASE("a stopped process and its tools can be made to release the lock", "[apply]") {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path + "/lock";
    const Holder holder(path, WithTools::yes);
    REQUIRE(::kill(holder.pid, SIGSTOP) == 0);
    const Holder other(directory.path + "/other");
    const system::Descriptor looksOnly(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    CHECK(Lock::holder(path) == holder.pid);
    Lock::endHolders(path);
    for (int i = 0; i < 500 && Lock::holder(path) != 0; ++i) {
        ::usleep(10'000);
    }
    CHECK_NOTHROW(Lock(path, "the root"));
    CHECK(Lock::holder(directory.path + "/other") == other.pid);
}

TEST_CASE("a lock is never taken through a link, nor in a directory that is missing", "[apply]") {
    const tests::TemporaryDirectory directory;
    std::filesystem::create_symlink("elsewhere", directory.path + "/lock");
    CHECK_THROWS_AS(Lock(directory.path + "/lock", "the root"), Error);
    CHECK_THROWS_AS(Lock(directory.path + "/missing/lock", "the root"), Error);
}

}  // namespace
}  // namespace vigie::apply
