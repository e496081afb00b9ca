// What rules about the addresses of hosts have in common, be they in a tunnel or in a network that is there.

#include "lint/host_addresses.hpp"

#include <algorithm>

namespace vigie::lint {

void Unique::see(const spec::FieldPath& at, const std::string& value, const std::string& name, bool guest) {
    if (value.empty()) {
        return;
    }
    const auto [first, inserted] = seen_.emplace(value, std::pair(name, guest));
    if (!inserted) {
        const auto& [other, otherIsGuest] = first->second;
        const std::string both = !guest         ? "hosts `" + other + "` and `"
                                 : otherIsGuest ? "guests `" + other + "` and `"
                                                : "host `" + other + "` and guest `";
        report_.error(code_, at, both + name + "` have the same " + what_, hint_);
    }
}

bool noneInside(const spec::Stack& stack, const spec::IpNetwork& network, std::string spec::Host::*address) {
    const auto known = [&](const spec::Host& host) { return spec::parseIp(host.*address).has_value(); };
    return std::count_if(stack.hosts.begin(), stack.hosts.end(), known) > 1 &&
           std::none_of(stack.hosts.begin(), stack.hosts.end(), [&](const spec::Host& host) {
               return known(host) && network.contains(*spec::parseIp(host.*address));
           });
}

}  // namespace vigie::lint
