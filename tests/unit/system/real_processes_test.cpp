// Tests system/real_processes: Runs programs of this machine.

#include "system/real_processes.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "system/descriptor.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

namespace vigie::system {
namespace {

using std::chrono::milliseconds;
using Time = std::chrono::steady_clock;

Command shell(const std::string& script, milliseconds timeout = milliseconds(20'000)) {
    Command out;
    out.argv = {"sh", "-c", script};
    out.timeout = timeout;
    return out;
}

ProcessResult run(const Command& command) {
    const Stop stop;
    return RealProcesses(stop).run(command);
}

/// Whether a process runs; a zombie that nobody has reaped yet does not.
bool alive(const std::string& pid) {
    std::ifstream in("/proc/" + pid + "/stat");
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const auto name = text.rfind(") ");
    return name != std::string::npos && text[name + 2] != 'Z';
}

bool dies(const std::string& pid) {
    for (int i = 0; i < 100 && alive(pid); ++i) {
        std::this_thread::sleep_for(milliseconds(20));
    }
    return !alive(pid);
}

TEST_CASE("a program's exit code, output and error output are returned", "[system]") {
    const auto result = run(shell("echo out; echo err >&2; exit 3"));
    CHECK(result.exitCode == 3);
    CHECK(result.out == "out\n");
    CHECK(result.err == "err\n");
    CHECK_FALSE(result.ok());
    CHECK(run(shell("true")).ok());
    CHECK(run(shell("kill -9 $$")).exitCode == -1);
}

TEST_CASE("arguments reach a program unchanged", "[system]") {
    Command command;
    command.argv = {"printf", "%s|", "a b", "", "$HOME", "'", "*"};
    CHECK(run(command).out == "a b||$HOME|'|*|");
}

TEST_CASE("a program reads megabytes of input", "[system]") {
    Command command;
    command.argv = {"cat"};
    command.input = std::string(3'000'000, 'x') + "end";
    command.maxOutput = 4'000'000;
    CHECK(run(command).out == command.input);
    command.argv = {"wc", "-c"};
    command.input.clear();
    CHECK(trim(run(command).out) == "0");
}

TEST_CASE("a program that does not read its input does not fail", "[system]") {
    Command command = shell("exec <&-; exit 0");
    command.input = std::string(1'000'000, 'x');
    CHECK(run(command).ok());
}

TEST_CASE("output, error output and input can be full at once", "[system]") {
    Command command = shell("head -c 2000000 /dev/zero & head -c 2000000 /dev/zero >&2; wait; cat");
    command.input = std::string(500'000, 'x');
    command.maxOutput = 10'000'000;
    const auto result = run(command);
    CHECK(result.ok());
    CHECK(result.out.size() == 2'500'000);
    CHECK(result.err.size() == 2'000'000);
}

TEST_CASE("output beyond the limit is read and dropped", "[system]") {
    Command command = shell("head -c 500000 /dev/zero; head -c 7 /dev/zero >&2");
    command.maxOutput = 1000;
    const auto result = run(command);
    CHECK(result.ok());
    CHECK(result.out.size() == 1000);
    CHECK(result.err.size() == 7);
}

TEST_CASE("the deadline kills a program with all its children", "[system]") {
    const auto start = Time::now();
    const auto result = run(shell("sleep 1000 & echo $!; sleep 1000", milliseconds(300)));
    CHECK(result.timedOut);
    CHECK_FALSE(result.ok());
    CHECK(Time::now() - start < std::chrono::seconds(5));
    CHECK(dies(std::string(trim(result.out))));
}

TEST_CASE("a child left behind by an ended program is killed and not waited for", "[system]") {
    const auto start = Time::now();
    const auto result = run(shell("sleep 1000 & echo $!"));
    CHECK(result.ok());
    CHECK(Time::now() - start < std::chrono::seconds(5));
    CHECK(dies(std::string(trim(result.out))));
}

/// A command of a tool that leaves a program behind that is to live.
Command leaving(const std::string& script, milliseconds timeout = milliseconds(20'000)) {
    Command out = shell(script, timeout);
    out.leavesDaemon = true;
    return out;
}

void killByPid(const std::string& pid) {
    REQUIRE(::kill(std::stoi(pid), SIGKILL) == 0);
    CHECK(dies(pid));
}

TEST_CASE("a program that leaves a daemon behind is not waited for, and the daemon lives", "[system]") {
    const auto start = Time::now();
    const auto result = run(leaving("sleep 1000 & echo $!; echo said >&2; exit 3"));
    CHECK(Time::now() - start < std::chrono::seconds(5));
    CHECK(result.exitCode == 3);
    CHECK_FALSE(result.timedOut);
    CHECK(result.err == "said\n");
    const std::string pid(trim(result.out));
    CHECK(alive(pid));
    for (const char* stream : {"/fd/1", "/fd/2"}) {  // no pipe that breaks when we end
        CHECK(tests::contains(std::filesystem::read_symlink("/proc/" + pid + stream).string(), "memfd:"));
    }
    killByPid(pid);
}

TEST_CASE("the output of a program that leaves a daemon is returned, up to the limit", "[system]") {
    Command command = leaving("head -c 2000000 /dev/zero; head -c 7 /dev/zero >&2; cat");
    command.input = "fed";
    command.maxOutput = 3'000'000;
    const auto result = run(command);
    CHECK(result.ok());
    CHECK(result.out == std::string(2'000'000, '\0') + "fed");
    CHECK(result.err.size() == 7);
    command.maxOutput = 1000;
    CHECK(run(command).out.size() == 1000);
}

TEST_CASE("the deadline kills a program's whole process group, including the daemon it leaves", "[system]") {
    const auto result = run(leaving("sleep 1000 & echo $!; sleep 1000", milliseconds(300)));
    CHECK(result.timedOut);
    CHECK(result.exitCode == -1);
    CHECK(dies(std::string(trim(result.out))));
}

TEST_CASE("a detached program runs in its own session and is no child of vigie", "[system]") {
    if (std::filesystem::exists("/run/systemd/system")) {
        return;  // there it is a unit of systemd's, which only root may start
    }
    const tests::TemporaryDirectory directory;
    const std::string pipe = directory.path + "/pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    const Descriptor in(::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    REQUIRE(in.valid());
    const Stop stop;
    RealProcesses(stop).startDetached(
        {"/bin/sh", "-c",
         // Of /proc/PID/stat: the process, its parent, its group and its session.
         "read pid name state parent group session rest < /proc/$$/stat; "
         "streams=$(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2); "
         "echo $pid $session $streams > " +
             pipe + "; exec sleep 1000"});
    pollfd waiting{in.get(), POLLIN, 0};
    REQUIRE(::poll(&waiting, 1, 20'000) == 1);
    std::array<char, 100> buffer{};
    const auto n = ::read(in.get(), buffer.data(), buffer.size());
    REQUIRE(n > 0);
    const auto said = split(trim({buffer.data(), static_cast<std::size_t>(n)}), ' ');
    REQUIRE(said.size() == 5);
    const std::string pid(said[0]);
    CHECK(alive(pid));
    CHECK(said[1] != std::to_string(::getsid(0)));
    CHECK(std::count(said.begin() + 2, said.end(), "/dev/null") == 3);
    CHECK(::waitpid(std::stoi(pid), nullptr, WNOHANG) == -1);  // it is no child of ours
    killByPid(pid);
}

TEST_CASE("a program that closes its streams is still waited for", "[system]") {
    CHECK(run(shell("exec >&- 2>&-; sleep 0.2; exit 4")).exitCode == 4);
    CHECK(run(shell("exec >&- 2>&-; sleep 1000", milliseconds(200))).timedOut);
}

TEST_CASE("waiting for a program does not poll", "[system]") {
    const auto switches = [] {
        rusage usage{};
        ::getrusage(RUSAGE_THREAD, &usage);
        return usage.ru_nvcsw;
    };
    const auto before = switches();
    CHECK(run(shell("exec >&- 2>&-; sleep 0.5")).ok());
    CHECK(switches() - before < 25);
}

TEST_CASE("a missing program is an error before anything is started", "[system]") {
    Command command;
    command.argv = {"vigie-no-such-program"};
    CHECK_THROWS_AS(run(command), Error);
    command.argv = {"/etc/passwd"};
    CHECK_THROWS_AS(run(command), Error);
    const Stop stop;
    CHECK_FALSE(RealProcesses(stop).find("vigie-no-such-program"));
    CHECK(RealProcesses(stop).find("sh"));
}

TEST_CASE("a program's environment is PATH, LANG and the requested variables", "[system]") {
    ::setenv("VIGIE_UNIT_SECRET", "hunter2", 1);
    Command command;
    command.argv = {"env"};
    command.environment["WANTED"] = "yes";
    const auto result = run(command);
    ::unsetenv("VIGIE_UNIT_SECRET");
    std::vector<std::string> names;
    for (const auto line : splitLines(result.out)) {
        names.emplace_back(line.substr(0, line.find('=')));
    }
    std::sort(names.begin(), names.end());
    CHECK(names == std::vector<std::string>{"LANG", "PATH", "WANTED"});
}

TEST_CASE("a program inherits no file descriptors", "[system]") {
    // What we were started with ourselves may have no close-on-exec flag; whatever we open has.
    std::size_t inherited = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        const int fd = std::stoi(entry.path().filename().string());
        inherited += fd > STDERR_FILENO && (::fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0 ? 1U : 0U;
    }
    const Stop stop;
    const tests::TemporaryDirectory directory;
    const Descriptor file(::open(directory.path.c_str(), O_RDONLY | O_CLOEXEC));
    Command command;
    command.argv = {"ls", "/proc/self/fd"};
    const auto result = RealProcesses(stop).run(command);
    CHECK(splitLines(result.out).size() ==
          3 + 1 + inherited);  // its streams, and the directory that ls reads
}

TEST_CASE("a stop interrupts a running program within a second and kills it", "[system]") {
    const Stop stop;
    RealProcesses processes(stop);
    const tests::TemporaryDirectory directory;
    std::thread operator_([&] {
        std::this_thread::sleep_for(milliseconds(200));
        stop.raise();
    });
    const auto start = Time::now();
    CHECK_THROWS_AS(processes.run(shell("echo $$ > " + directory.path + "/pid; exec sleep 1000")),
                    Interrupted);
    CHECK(Time::now() - start < milliseconds(1200));
    operator_.join();
    std::string pid;
    std::ifstream(directory.path + "/pid") >> pid;
    CHECK(dies(pid));
    CHECK_THROWS_AS(processes.run(shell("true")), Interrupted);
}

TEST_CASE("a wait ends after its time, or at once at a stop", "[system]") {
    const Stop stop;
    CHECK_FALSE(stop.waitFor(milliseconds(10)));
    CHECK_FALSE(stop.raised());
    CHECK_NOTHROW(stop.check());
    stop.raise();
    CHECK(stop.waitFor(std::chrono::hours(1)));
    CHECK(stop.raised());
    CHECK_THROWS_AS(stop.check(), Interrupted);
}

TEST_CASE("SIGTERM raises the stop", "[system]") {
    Stop stop;
    stop.listen();
    REQUIRE(std::raise(SIGTERM) == 0);
    CHECK(stop.raised());
}

}  // namespace
}  // namespace vigie::system
