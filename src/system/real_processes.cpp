// Runs programs with a deadline and kills what they leave.

#include "system/real_processes.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "system/descriptor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace vigie::system {
namespace {

using Clock = std::chrono::steady_clock;

/// A file in memory that outlives its name: a process that inherits it can write to it without limit of time.
Descriptor makeMemoryFile() {
    Descriptor out(::memfd_create("vigie-output", MFD_CLOEXEC));
    if (!out.valid()) {
        throw Error(std::string("cannot create a file in memory: ") + std::strerror(errno));
    }
    return out;
}

std::string contentOf(const Descriptor& fd, std::size_t limit) {
    std::string out(limit, '\0');
    const ssize_t n = ::pread(fd.get(), out.data(), out.size(), 0);
    out.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return out;
}

struct Pipe {
    Descriptor read;
    Descriptor write;
};

Pipe makePipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw Error(std::string("cannot create a pipe: ") + std::strerror(errno));
    }
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

void setNonBlocking(const Descriptor& fd) {
    ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

std::string searchPath() {
    const char* path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): vigie never sets it
    return path == nullptr ? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" : path;
}

std::vector<std::string> environmentOf(const Command& command) {
    std::vector<std::string> out{"PATH=" + searchPath(), "LANG=C.UTF-8"};
    for (const auto& [name, value] : command.environment) {
        out.push_back(name + "=" + value);
    }
    return out;
}

std::vector<char*> pointersTo(std::vector<std::string>& strings) {
    std::vector<char*> out;
    for (auto& text : strings) {
        out.push_back(text.data());
    }
    out.push_back(nullptr);
    return out;
}

/// A started program. Its process group dies with this object.
class Child {
public:
    Child(const Command& command, const std::string& path) {
        Pipe in = makePipe();
        Pipe out = makePipe();
        Pipe err = makePipe();
        if (command.leavesDaemon) {
            out = {makeMemoryFile(), {}};
            err = {makeMemoryFile(), {}};
        }
        const auto written = [](const Pipe& pipe) {
            return pipe.write.valid() ? pipe.write.get() : pipe.read.get();
        };
        posix_spawn_file_actions_t actions{};
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, in.read.get(), STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions, written(out), STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions, written(err), STDERR_FILENO);
        if (command.leavesDaemon) {
            // A daemon must not hold on to what our tools inherit: the root's lock.
            posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
        }
        posix_spawnattr_t attributes{};
        posix_spawnattr_init(&attributes);
        posix_spawnattr_setflags(&attributes,
                                 POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
        posix_spawnattr_setpgroup(&attributes, 0);
        sigset_t defaults{};
        sigemptyset(&defaults);
        posix_spawnattr_setsigmask(&attributes, &defaults);
        sigaddset(&defaults, SIGPIPE);
        posix_spawnattr_setsigdefault(&attributes, &defaults);
        std::vector<std::string> arguments = command.argv;
        std::vector<std::string> environment = environmentOf(command);
        const int error = posix_spawn(&pid_, path.c_str(), &actions, &attributes,
                                      pointersTo(arguments).data(), pointersTo(environment).data());
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&actions);
        if (error != 0) {
            pid_ = -1;
            throw Error("cannot start " + path + ": " + std::strerror(error));
        }
        stdin_ = std::move(in.write);
        stdout_ = std::move(out.read);
        stderr_ = std::move(err.read);
        setNonBlocking(stdin_);
        // glibc 2.36 declares pidfd_open for C only.
        end_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    Child(Child&&) = delete;
    Child& operator=(Child&&) = delete;
    ~Child() { reap(); }

    /// Whether it has ended; it stays a zombie, so that its process group keeps its number.
    [[nodiscard]] bool ended() const {
        siginfo_t info{};
        return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
               info.si_pid == pid_;
    }

    /// Kills what is left of the group, unless it may live, and returns the exit code, -1 after a signal.
    int reap(bool groupMayLive = false) {
        if (pid_ < 0) {
            return status_;
        }
        ::kill(groupMayLive ? pid_ : -pid_, SIGKILL);
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        status_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        return status_;
    }

    Descriptor stdin_;   // NOLINT(misc-non-private-member-variables-in-classes)
    Descriptor stdout_;  // NOLINT(misc-non-private-member-variables-in-classes)
    Descriptor stderr_;  // NOLINT(misc-non-private-member-variables-in-classes)
    /// Readable once it has ended; not valid where the kernel refuses it.
    Descriptor end_;  // NOLINT(misc-non-private-member-variables-in-classes)

private:
    pid_t pid_ = -1;
    int status_ = -1;
};

/// Reads what is there; closes the descriptor at its end.
void drain(Descriptor& fd, std::string& into, std::size_t limit) {
    std::array<char, 16384> buffer{};
    const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
    if (n > 0) {
        into.append(buffer.data(),
                    std::min(static_cast<std::size_t>(n), limit - std::min(limit, into.size())));
    } else if (n == 0 || errno != EINTR) {
        fd.reset();
    }
}

void feed(Descriptor& fd, std::string_view& input) {
    if (!input.empty()) {
        const ssize_t n = ::write(fd.get(), input.data(), input.size());
        if (n > 0) {
            input.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno != EAGAIN && errno != EINTR) {
            input = {};  // it reads no further
        }
    }
    if (input.empty()) {
        fd.reset();
    }
}

}  // namespace

std::optional<std::string> RealProcesses::find(const std::string& program) const {
    if (program.find('/') != std::string::npos) {
        return ::access(program.c_str(), X_OK) == 0 ? std::optional(program) : std::nullopt;
    }
    const std::string path = searchPath();
    for (const auto directory : split(path, ':')) {
        const std::string candidate = std::string(directory) + "/" + program;
        if (!directory.empty() && ::access(candidate.c_str(), X_OK) == 0) {
            return candidate;
        }
    }
    return std::nullopt;
}

void RealProcesses::startDetached(const std::vector<std::string>& argv) {
    if (::access("/run/systemd/system", F_OK) == 0) {
        Command command;
        command.argv = {"systemd-run", "--quiet", "--collect"};
        command.argv.insert(command.argv.end(), argv.begin(), argv.end());
        const auto result = run(command);
        if (!result.ok()) {
            throw Error("cannot start " + argv.at(0) + " with systemd-run: " + result.err);
        }
        return;
    }
    // Forked twice: our direct child ends at once and is waited for, and the grandchild needs no waiting.
    std::vector<std::string> arguments = argv;
    std::vector<std::string> environment = environmentOf({});
    const auto argumentPointers = pointersTo(arguments);
    const auto environmentPointers = pointersTo(environment);
    const Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    const pid_t pid = ::fork();
    if (pid < 0 || !nothing.valid()) {
        throw Error("cannot start " + argv.at(0) + ": " + std::strerror(errno));
    }
    if (pid == 0) {
        ::setsid();
        if (::fork() != 0) {
            ::_exit(0);
        }
        for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
            ::dup2(nothing.get(), stream);
        }
        ::close_range(STDERR_FILENO + 1, ~0U, 0);
        ::execve(argumentPointers[0], argumentPointers.data(), environmentPointers.data());
        ::_exit(127);
    }
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
}

ProcessResult RealProcesses::run(const Command& command) {
    stop_.check();
    const auto path = find(command.argv.at(0));
    if (!path) {
        throw Error("there is no program " + command.argv[0], "install it, or correct PATH");
    }
    std::signal(SIGPIPE, SIG_IGN);  // a program that does not read its input must not end us
    Child child(command, *path);
    ProcessResult result;
    Descriptor out;
    Descriptor err;
    if (command.leavesDaemon) {
        out = std::move(child.stdout_);
        err = std::move(child.stderr_);
    }
    std::string_view input = command.input;
    feed(child.stdin_, input);
    const auto deadline = Clock::now() + command.timeout;
    // A program may end and leave a child behind that holds its streams: its end, not theirs, ends the wait.
    while (true) {
        const bool gone = child.ended();
        const bool streaming = child.stdout_.valid() || child.stderr_.valid();
        if (gone && !streaming) {
            break;
        }
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (left <= 0) {
            result.timedOut = true;
            break;
        }
        // A child that has ended makes its descriptor ready for ever: then only the streams are waited for.
        std::array<pollfd, 5> waiting{{{stop_.fd(), POLLIN, 0},
                                       {child.stdout_.get(), POLLIN, 0},
                                       {child.stderr_.get(), POLLIN, 0},
                                       {child.stdin_.get(), POLLOUT, 0},
                                       {gone ? -1 : child.end_.get(), POLLIN, 0}}};
        constexpr std::int64_t kGranularity = 5;  // where the kernel does not tell of the end
        constexpr std::int64_t kCoarse = 100;
        const auto longest = !gone && child.end_.valid() ? left : streaming ? kCoarse : kGranularity;
        const int ready = ::poll(waiting.data(), waiting.size(), static_cast<int>(std::min(left, longest)));
        if (waiting[0].revents != 0) {
            throw Interrupted{};
        }
        if (ready == 0 && gone) {
            break;  // a grandchild keeps the streams open
        }
        if (child.stdout_.valid() && waiting[1].revents != 0) {
            drain(child.stdout_, result.out, command.maxOutput);
        }
        if (child.stderr_.valid() && waiting[2].revents != 0) {
            drain(child.stderr_, result.err, command.maxOutput);
        }
        if (child.stdin_.valid() && waiting[3].revents != 0) {
            feed(child.stdin_, input);
        }
    }
    const int exitCode = child.reap(command.leavesDaemon && !result.timedOut);
    if (command.leavesDaemon) {
        result.out = contentOf(out, command.maxOutput);
        result.err = contentOf(err, command.maxOutput);
    }
    result.exitCode = result.timedOut ? -1 : exitCode;
    return result;
}

}  // namespace vigie::system
