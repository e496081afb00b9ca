// What names of hosts mean, as the host's own resolver says.
#pragma once

#include <string>
#include <vector>

namespace vigie::system {

struct ResolvedName {
    std::vector<std::string> addresses;  ///< as inet_ntop(3) writes them, the one to use first; empty: none
    std::string problem;                 ///< why none is known; empty when one is
};

/// The host's resolver.
class Names {
public:
    Names() = default;
    Names(const Names&) = delete;
    Names& operator=(const Names&) = delete;
    Names(Names&&) = delete;
    Names& operator=(Names&&) = delete;
    virtual ~Names() = default;

    /// Never throws Error: a name that cannot be resolved has a `problem`. Interrupted passes through.
    virtual ResolvedName resolve(const std::string& name) = 0;
};

}  // namespace vigie::system
