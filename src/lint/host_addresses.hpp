// What rules about the addresses of hosts have in common, be they in a tunnel or in a network that is there.
#pragma once

#include "spec/address.hpp"
#include "spec/diagnostics.hpp"
#include "spec/stack.hpp"

#include <map>
#include <string>
#include <utility>

namespace vigie::lint {

/// The first host or guest with each value; reports the later ones.
class Unique {
public:
    Unique(const spec::Reporter& report, Code code, std::string what, std::string hint)
        : report_(report), code_(code), what_(std::move(what)), hint_(std::move(hint)) {}

    void see(const spec::FieldPath& at, const std::string& value, const std::string& name,
             bool guest = false);

private:
    const spec::Reporter& report_;
    Code code_;
    std::string what_;
    std::string hint_;
    std::map<std::string, std::pair<std::string, bool>> seen_;  ///< by the value; a name, and whose it is
};

/// Whether several hosts have such an address, and `network` contains none of them: then it is probably the
/// network that is wrong.
bool noneInside(const spec::Stack& stack, const spec::IpNetwork& network, std::string spec::Host::*address);

}  // namespace vigie::lint
