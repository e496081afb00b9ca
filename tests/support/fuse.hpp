// Counts the changes of a modelled host, and fails or dies at one of them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace vigie::tests {

/// kill -9, seen from inside. Deliberately no `std::exception`: no handler swallows it.
struct Killed {};

/// What a mutation throws that was told to fail. Each double turns it into its own kind of failure.
struct Fault {
    bool hangs = false;
    std::string why;
};

/// Counts what a host is asked and what is changed on it, and burns through where a test says so.
class Fuse {
public:
    /// Every question and every change passes here first. The dead ask nothing.
    void look() {
        if (dead_ || (dieAtOperation > 0 && --dieAtOperation == 0)) {
            die();
        }
        ++operations;
    }

    /// Every change passes here before it is made; `what` is for the log.
    void mutate(const std::string& what) {
        look();
        if (dieAt > 0 && --dieAt == 0) {
            die();
        }
        if (failAt > 0 && --failAt == 0) {
            burnt = what;
            throw Fault{false, reason()};
        }
        if (hangAt > 0 && --hangAt == 0) {
            throw Fault{true, "it hangs"};
        }
        // A file: `write /opt/a`, `mkdir /opt/b`. Nothing else of a host is a path.
        if (readOnlyFrom > 0 && what.find(" " + readOnlyBelow + "/") != std::string::npos &&
            readOnlyFrom-- == 1) {
            readOnlyFrom = 1;  // and the next
            burnt = what;
            throw Fault{false, "Read-only file system"};
        }
        mutations.push_back(what);
        if (dieAfter > 0 && --dieAfter == 0) {
            dieAtOperation = 1;
        }
    }

    [[nodiscard]] bool dead() const { return dead_; }
    /// The program is started again.
    void revive() {
        dead_ = false;
        dieAt = failAt = hangAt = dieAfter = dieAtOperation = readOnlyFrom = 0;
    }

    /// What was changed, in order.
    std::vector<std::string> mutations;
    /// What was told to fail last.
    std::string burnt;
    /// How often anything was asked or changed.
    std::size_t operations = 0;

    // Counted from now on; 0: never. Instead of the n-th mutation …
    int dieAt = 0;   ///< … the program is killed
    int failAt = 0;  ///< … it fails, once
    int hangAt = 0;  ///< … a tool or an answer hangs until its deadline, once
    /// From the n-th mutation of a file below `readOnlyBelow` on, each of them fails.
    int readOnlyFrom = 0;
    std::string readOnlyBelow = "/opt";
    /// Killed after the n-th mutation, before anything else is asked or changed.
    int dieAfter = 0;
    /// Killed before the n-th operation, be it a question.
    int dieAtOperation = 0;

private:
    [[noreturn]] void die() {
        dead_ = true;
        throw Killed{};
    }

    /// Something else each time.
    std::string reason() {
        static const std::vector<std::string> kReasons = {"No space left on device", "Input/output error",
                                                          "Read-only file system", "Cannot allocate memory"};
        return kReasons[failures_++ % kReasons.size()];
    }

    bool dead_ = false;
    std::size_t failures_ = 0;
};

}  // namespace vigie::tests
