// The differences between what was there and what vigie would write.
#pragma once

#include "import/seen.hpp"
#include "spec/stack.hpp"

#include <string>
#include <vector>

namespace vigie::imports {

/// A place where what vigie writes means something else than what stood there by hand.
struct Difference {
    std::string host;
    std::string file;      ///< as it was written by hand
    std::string replaces;  ///< the path at which vigie writes
    std::string path;      ///< inside the file
    std::string before;
    std::string after;
    std::string reason;  ///< why vigie does it; empty: nobody asked for it
    std::string page;    ///< where more is said
};

/// Renders every host of the document and compares it with what was there, value by value. `stack` has its
/// defaults filled in and is valid.
std::vector<Difference> differences(const spec::Stack& stack, const std::vector<HostSeen>& hosts);

}  // namespace vigie::imports
