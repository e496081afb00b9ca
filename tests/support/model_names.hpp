// The resolver of a host in memory.
#pragma once

#include "system/names.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace vigie::tests {

/// Every name means something: what the table says, else an address that nobody else has.
class ModelNames : public system::Names {
public:
    system::ResolvedName resolve(const std::string& name) override {
        if (silent || unknown.count(name) != 0) {
            return {{},
                    silent ? "the resolver of this host did not answer within 8 s"
                           : "the resolver of this host knows no address of it"};
        }
        const auto it = addresses.find(name);
        return {it == addresses.end() ? std::vector<std::string>{"192.0.2.99"} : it->second, {}};
    }

    std::map<std::string, std::vector<std::string>> addresses;
    std::set<std::string> unknown;
    bool silent = false;
};

}  // namespace vigie::tests
