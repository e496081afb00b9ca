// Makes one document of what was seen of all hosts.
#pragma once

#include "import/seen.hpp"
#include "spec/stack.hpp"

#include <map>
#include <string>
#include <vector>

namespace vigie::imports {

/// A document that describes what was found, and what has to be said about it.
struct Draft {
    spec::Stack stack;
    std::map<std::string, std::string> comments;  ///< by path, such as `spec.hosts[0]`: where it came from
    std::vector<Finding> findings;
};

/// Makes one document of all hosts. The order of `hosts` does not matter.
Draft join(std::vector<HostSeen> hosts, const std::string& stackName);

}  // namespace vigie::imports
