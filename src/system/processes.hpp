// Runs programs of the host.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace vigie::system {

struct Command {
    std::vector<std::string> argv;  ///< argv[0] is a path, or a name that is looked up in PATH
    std::string input;              ///< its standard input
    std::map<std::string, std::string> environment;  ///< beside PATH and LANG; nothing else is passed on
    std::chrono::milliseconds timeout{30'000};
    std::size_t maxOutput = 1U << 20U;  ///< of each stream; the rest is read and dropped
    /// It may leave a process behind that goes on: after a normal end its process group is left alone, and
    /// what it writes goes to files that live as long as somebody holds them, so that no pipe breaks.
    bool leavesDaemon = false;
};

struct ProcessResult {
    int exitCode = -1;      ///< -1: killed by a signal, or not started
    bool timedOut = false;  ///< killed by us at the deadline, with its whole process group
    std::string out;
    std::string err;

    [[nodiscard]] bool ok() const { return exitCode == 0 && !timedOut; }
};

/// Programs of the host.
class Processes {
public:
    Processes() = default;
    Processes(const Processes&) = delete;
    Processes& operator=(const Processes&) = delete;
    Processes(Processes&&) = delete;
    Processes& operator=(Processes&&) = delete;
    virtual ~Processes() = default;

    /// Runs a program to its end, or to its deadline. Throws Error when it cannot be started, Interrupted
    /// when the operator asks us to stop meanwhile; the program is killed then.
    virtual ProcessResult run(const Command& command) = 0;

    /// Starts a program that lives on by itself, in a session of its own and without streams, whatever
    /// happens to us. Where systemd runs, as a unit of its own, so that stopping ours does not end it. Throws
    /// Error.
    virtual void startDetached(const std::vector<std::string>& argv) = 0;

    /// The path of a program, or nothing.
    [[nodiscard]] virtual std::optional<std::string> find(const std::string& program) const = 0;
};

}  // namespace vigie::system
