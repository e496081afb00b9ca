// What the document says of programs that are attached.
#pragma once

#include "spec/stack.hpp"

namespace vigie::spec {

/// Whether the document says what an attached program is configured with; where it does not, nothing of it
/// is written, and derived jobs are not either.
bool writesConfiguration(const Prometheus& prometheus);
bool writesConfiguration(const Alertmanager& alertmanager);

}  // namespace vigie::spec
