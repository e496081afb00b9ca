// What vigie owns on a host.
#pragma once

#include <map>
#include <string>

namespace vigie::state {

/// A resource that vigie owns on a host.
struct Owned {
    std::string digest;  ///< of the desired state that was applied last
    /// Where what was there before lies, for a resource that was taken over; may be empty.
    std::string backup;
    /// What its removal needs beside the id: a firewall rule's words; may be empty.
    std::string detail = {};
    bool operator==(const Owned&) const = default;
};

/// By resource id.
using Inventory = std::map<std::string, Owned>;

}  // namespace vigie::state
