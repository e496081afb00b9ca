// Builds the topology of the API: hosts, peers and components with their state.
#pragma once

#include "apply/apply.hpp"
#include "apply/probes/health.hpp"
#include "controller/other_hosts.hpp"
#include "spec/stack.hpp"

#include <string>
#include <vector>

namespace vigie::controller {

/// The stack as one picture, in JSON, as docs/openapi.yaml describes it: hosts, this host's tunnel peers with
/// their handshakes, components with what is known of their health, scrape jobs with the targets that are
/// down. What nobody looked at is `unknown`. `target` and `look` are the latest ones of this host, or null.
std::string topology(const spec::Stack& stack, const std::string& self, const apply::DesiredState* target,
                     const apply::ObservedPlan* look, const std::vector<apply::DownTarget>& down,
                     const std::vector<AskedHost>& asked);

}  // namespace vigie::controller
