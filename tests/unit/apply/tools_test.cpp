// Tests apply/tools.

#include "apply/tools.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "system/memory_attach.hpp"
#include "system/memory_files.hpp"
#include "system/memory_names.hpp"
#include "system/memory_processes.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::apply {
namespace {

using system::ProcessResult;
using tests::contains;

/// What is said of a program that ends like this.
std::string complaint(const ProcessResult& result,
                      const std::vector<std::string>& argv = {"tool", "do", "it"}) {
    system::MemoryProcesses processes;
    processes.answer = [&](const system::Command&) { return result; };
    try {
        mustRun(argv, processes);
    } catch (const Error& error) {
        return error.what();
    }
    FAIL("it succeeded");
    return {};
}

TEST_CASE("a command that succeeds returns its output", "[apply][tools]") {
    system::MemoryProcesses processes;
    processes.answer = [](const system::Command&) { return ProcessResult{0, false, "out", "a warning"}; };
    CHECK(mustRun({"tool"}, processes).out == "out");
    CHECK(processes.commands == std::vector<std::vector<std::string>>{{"tool"}});
}

TEST_CASE("a command that fails is quoted with its error output", "[apply][tools]") {
    CHECK(complaint({1, false, "noise\n", "first line\n\n  second line\n"}) ==
          "`tool do it` failed:\n  first line\n  second line");
    CHECK(complaint({1, false, "on stdout\n", ""}) == "`tool do it` failed:\n  on stdout");
    CHECK(complaint({-1, false, "", ""}) == "`tool do it` failed:");
}

TEST_CASE("container ids and URLs in Docker's error messages are shortened", "[apply][tools]") {
    const std::string name(64, 'a');
    CHECK(complaint({1, false, "",
                     "Error: driver failed on endpoint db (" + name + "): bind: address already in use\n"}) ==
          "`tool do it` failed:\n  Error: driver failed on endpoint db (aaaaaaaaaaaa): bind: address already "
          "in use");
    CHECK(complaint({1, false, "",
                     "Get "
                     "\"http://%2Fvar%2Frun%2Fdocker.sock/v1.41/containers/"
                     "json?filters=%7B%22label%22%3A%7B%7D%7D\": "
                     "dial unix: no such file\n"}) ==
          "`tool do it` failed:\n  Get \"http://…\": dial unix: no such file");
    CHECK(contains(complaint({1, false, "", "commit 9c0476a1e4f8b9d6c2a3b4c5d6e7f8a9b0c1d2e3 is gone\n"}),
                   "9c0476a1e4f8b9d6c2a3b4c5d6e7f8a9b0c1d2e3"));
}

TEST_CASE("an error of a command that reads users' files shows none of their contents", "[apply][tools]") {
    system::MemoryFiles files;
    system::MemoryProcesses processes;
    tests::FakeHttp http;
    tests::FakeClock clock;
    system::MemoryNames names;
    system::MemoryAttach attach;
    const system::System system{files, processes, http, http, clock, names, attach};
    makeParents(files, "/srv/app/.env");
    files.write("/srv/app/.env", "TOKEN=t0psecret\n", 0600, {});
    processes.answer = [](const system::Command&) {
        return ProcessResult{1, false, "", "invalid port: t0psecret\n/srv/app/.env: \"TOKEN=t0psecret\"\n"};
    };
    const auto complaint = [&](const std::vector<std::string>& read) {
        system::Command command;
        command.argv = {"tool"};
        try {
            mustRunOnForeign(command, read, "app", system);
        } catch (const Error& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK(complaint({"/srv/app/.env", "/srv/app/none"}) ==
          "`tool` failed:\n  invalid port: ***\n  /srv/app/.env: \"***\"");
    CHECK(complaint({"/srv/app"}) == "`tool` failed:\n  ***\n  ***");
}

TEST_CASE("an error of a command shows no secret from its output", "[apply][tools]") {
    for (const char* line : {"PrivateKey = canary", "  password: canary", "dial postgres://u:canary@db:5432",
                             "{\"token\": \"canary\"}"}) {
        INFO(line);
        const auto said = complaint({1, false, "", std::string("before\n") + line + "\nafter\n"});
        CHECK_FALSE(contains(said, "canary"));
        CHECK(contains(said, "before"));
        CHECK(contains(said, "after"));
    }
}

TEST_CASE("the output quoted in an error is bounded and keeps its end", "[apply][tools]") {
    std::string noise;
    for (int i = 0; i < 10'000; ++i) {
        noise += "noise\n";
    }
    const auto said = complaint({1, false, "", noise + "the reason\n"});
    CHECK(said.size() < 10'000);
    CHECK(contains(said, "\n  the reason"));
    CHECK(complaint({1, false, "", std::string(1'000'000, 'x')}).size() < 10'000);
    CHECK(complaint({1, false, "", std::string(1'000'000, '\x01')}).size() < 10'000);
}

TEST_CASE("a secret in a command's output is masked even where the output is cut", "[apply][tools]") {
    for (std::size_t size = 1980; size < 2030; ++size) {
        INFO(size);
        const auto said = complaint({1, false, "", "password = canarycanary\n" + std::string(size, 'x')});
        CHECK_FALSE(contains(said, "canary"));
        CHECK_FALSE(contains(said, "nary"));
    }
}

TEST_CASE("control characters in a command's output never reach the terminal", "[apply][tools]") {
    CHECK_FALSE(contains(complaint({1, false, "", "\x1b[2Jred\n"}), "\x1b"));
}

TEST_CASE("a command killed at its deadline is an error that names the deadline", "[apply][tools]") {
    system::MemoryProcesses processes;
    processes.answer = [](const system::Command&) { return ProcessResult{-1, true, "", "half"}; };
    system::Command command;
    command.argv = {"docker", "pull", "image"};
    command.timeout = std::chrono::minutes(20);
    try {
        mustRun(command, processes);
        FAIL("it succeeded");
    } catch (const Error& error) {
        CHECK(std::string(error.what()) == "`docker pull image` did not finish within 1200 s and was killed");
    }
}

/// A host without any program.
class NoPrograms : public system::MemoryProcesses {
public:
    [[nodiscard]] std::optional<std::string> find(const std::string& /*program*/) const override {
        return {};
    }
};

TEST_CASE("a missing command is named with the package that provides it", "[apply][tools]") {
    CHECK(missing(kWg, NoPrograms()) == "wg is missing; install the package `wireguard-tools`");
    CHECK(missing(kUfw, NoPrograms()) == "ufw is missing; install the package `ufw`");
    CHECK(missing(kUfw, system::MemoryProcesses()).empty());
}

TEST_CASE("systemd counts as running only if its runtime directory exists", "[apply][tools]") {
    system::MemoryFiles files;
    CHECK_FALSE(systemdRuns(files));
    makeParents(files, "/run/systemd/system/x");
    CHECK(systemdRuns(files));
}

}  // namespace
}  // namespace vigie::apply
