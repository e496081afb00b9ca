// Names for tests: a table.
#pragma once

#include "system/names.hpp"

#include <map>

namespace vigie::system {

/// Answers from `addresses`, and remembers what was asked.
class MemoryNames : public Names {
public:
    ResolvedName resolve(const std::string& name) override {
        asked.push_back(name);
        const auto it = addresses.find(name);
        return it == addresses.end() ? ResolvedName{{}, "the resolver of this host has no address for it"}
                                     : ResolvedName{it->second, {}};
    }

    std::map<std::string, std::vector<std::string>> addresses;
    std::vector<std::string> asked;
};

}  // namespace vigie::system
