// The order in which hosts follow a revision.
#pragma once

#include "spec/stack.hpp"

#include <set>
#include <string>
#include <vector>

namespace vigie::spec {

/// The hosts that must be healthy at a revision before `host` follows: those of its `dependsOn`, and the one
/// that stands before it in `spec.rollout`. Each once.
std::vector<std::string> waitsFor(const Stack& stack, const Host& host);

/// The names of all hosts for which others wait.
std::set<std::string> waitedFor(const Stack& stack);

/// Whether another host waits for this one, and so asks its vigie how far it is.
bool isWaitedFor(const Stack& stack, const Host& host);

/// Hosts that wait for each other, in the order in which they do, the first one again at the end; empty when
/// nobody waits for ever.
std::vector<std::string> waitingCycle(const Stack& stack);

}  // namespace vigie::spec
