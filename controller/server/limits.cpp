// Limits connections by number and by address.

#include "controller/server/limits.hpp"

#include <algorithm>

namespace vigie::controller {

Limits fitDescriptors(Limits limits, std::size_t descriptors) {
    constexpr std::size_t kFewest = 8;
    limits.connections = std::min(limits.connections, std::max(descriptors / 2, kFewest));
    limits.connectionsForSocket = std::min(limits.connectionsForSocket, limits.connections / 4);
    limits.connectionsPerListener =
        std::min(limits.connectionsPerListener, limits.connections - limits.connectionsForSocket);
    return limits;
}

}  // namespace vigie::controller
