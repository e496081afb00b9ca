// What the document says of programs that are attached.
#pragma once

#include "spec/node.hpp"
#include "spec/stack.hpp"

#include <string>
#include <vector>

namespace vigie::spec {

/// A component that is attached.
struct AttachedComponent {
    FieldPath at;
    std::string name;  ///< in words
    std::string project;
    const Attach* attach = nullptr;  ///< of the stack
};

/// All of them: servers first, then exporters.
std::vector<AttachedComponent> attachedIn(const Stack& stack);

/// Whether the document says what an attached program is configured with; where it does not, nothing of it
/// is written, and derived jobs are not either.
bool writesConfiguration(const Prometheus& prometheus);
bool writesConfiguration(const Alertmanager& alertmanager);

}  // namespace vigie::spec
