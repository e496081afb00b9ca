// What can be seen of a network that joins the hosts and is not vigie's own.
#pragma once

#include "controller/other_hosts.hpp"
#include "controller/outcome.hpp"
#include "spec/stack.hpp"
#include "system/processes.hpp"

#include <string>
#include <vector>

namespace vigie::controller {

/// Whether `host` has its address of `spec.network`, on the interface that the document names: what is wrong,
/// in words; empty: nothing. Asks `ip`, as a bound socket proves nothing where `ip_nonlocal_bind` is set.
/// Nothing is known where there is no such program: throws Error.
std::string missingAddress(const spec::Stack& stack, const spec::Host& host, system::Processes& processes);

/// What the answers of the other hosts say of it.
void noteAnswers(const spec::Stack& stack, const std::vector<AskedHost>& answers, NetworkReport& report);

}  // namespace vigie::controller
