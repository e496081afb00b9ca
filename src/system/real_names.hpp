// Names of hosts through `getent`, a process that can be killed.
#pragma once

#include "system/names.hpp"
#include "system/processes.hpp"

namespace vigie::system {

/// libc's resolver has no deadline of its own that one could rely on: with a dead name server it takes as
/// long as resolv.conf says. `getent` asks it in a process of its own, which is killed when the time is over.
class RealNames : public Names {
public:
    explicit RealNames(Processes& processes) : processes_(processes) {}

    ResolvedName resolve(const std::string& name) override;

private:
    Processes& processes_;
};

}  // namespace vigie::system
