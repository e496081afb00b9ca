// A document is read by a program of its own first, which may be ended: by its deadline, or because we are
// asked to stop.
#pragma once

#include "base/error.hpp"
#include "system/processes.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace vigie::controller {

/// A document that nobody can read in time, or of which the reading ends the program that does it. What
/// stands in it is not known; another moment may do.
class Unreadable : public Error {
public:
    using Error::Error;
};

/// Throws Unreadable when the document in a directory, by its path on this machine, is not read and rendered
/// within some time; Interrupted when we are asked to stop meanwhile.
using TrialReading = std::function<void(const std::string& directory)>;

/// How long a document may take. It has to do with the largest one that the limits of a document let through,
/// on a machine that is busy.
constexpr std::chrono::milliseconds kLongestReading{20'000};

/// `controller` is the path of this program, which reads on behalf of `host`.
TrialReading trialReading(system::Processes& processes, std::string controller, std::string host);

/// `vigie-controller --read DIRECTORY HOST`: reads, checks and renders, and keeps nothing of it. Returns 0
/// whatever the document is.
int readForTrial(const std::string& directory, const std::string& host);

}  // namespace vigie::controller
