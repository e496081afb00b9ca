// A document is read by a program of its own first, which may be ended: by its deadline, or because we are
// asked to stop.
#include "controller/trial_reading.hpp"

#include "apply/inputs/desired_state.hpp"
#include "source/directory.hpp"

#include <sys/prctl.h>

#include <csignal>
#include <utility>

namespace vigie::controller {

TrialReading trialReading(system::Processes& processes, std::string controller, std::string host) {
    return [&processes, controller = std::move(controller),
            host = std::move(host)](const std::string& directory) {
        system::Command command;
        command.argv = {controller, "--read", directory, host};
        command.timeout = kLongestReading;
        const auto result = processes.run(command);
        constexpr const char* kHint =
            "make it smaller; `vigie validate` on another machine shows how long it takes";
        if (result.timedOut) {
            throw Unreadable("reading the document takes longer than " +
                                 std::to_string(kLongestReading.count() / 1000) + " s here",
                             kHint);
        }
        if (!result.ok()) {
            throw Unreadable("the program that reads the document on trial was killed, or could not go on",
                             kHint);
        }
    };
}

int readForTrial(const std::string& directory, const std::string& host) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    try {
        const auto loaded = source::loadDirectory(directory);
        if (loaded.usable() && loaded.document->stack.host(host) != nullptr) {
            static_cast<void>(apply::makeSealedDesiredState(loaded, host));
        }
    } catch (const Error&) {  // NOLINT(bugprone-empty-catch): who reads it in earnest says what is wrong
    }
    return 0;
}

}  // namespace vigie::controller
