// Generates documents.
#pragma once

#include "apply/inputs/desired_state.hpp"
#include "spec/stack.hpp"

#include <rapidcheck.h>

#include <map>
#include <string>

namespace vigie::tests {

/// A stack that passes validation without errors, and the keys with which its hosts open their secrets.
struct Generated {
    spec::Stack stack;
    std::map<std::string, std::string> files;             ///< rule files, by path
    std::map<std::string, secrets::Identity> identities;  ///< by host
    std::map<std::string, secrets::WireguardKey> keys;    ///< by host
};

rc::Gen<Generated> genStack();

}  // namespace vigie::tests
