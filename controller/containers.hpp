// The containers of this host as the API tells them.
#pragma once

#include "apply/apply.hpp"

#include <set>
#include <string>

namespace vigie::controller {

/// The containers of the projects in the document, as seen by the latest look, in JSON as docs/openapi.yaml
/// has it. `target` and `look` are the latest ones of this host, or null: nobody looked yet.
std::string containersJson(const apply::DesiredState* target, const apply::ObservedPlan* look);

/// Their ids.
std::set<std::string> containerIds(const apply::ObservedPlan* look);

}  // namespace vigie::controller
