// Which addresses are of networks of one's own.

#include "import/own_networks.hpp"

#include "spec/address.hpp"

#include <algorithm>
#include <array>

namespace vigie::imports {
namespace {

template <std::size_t N>
bool isIn(const std::array<const char*, N>& networks, const std::string& text) {
    const auto address = spec::parseIp(text);
    return address && std::any_of(networks.begin(), networks.end(), [&](const char* each) {
               return spec::parseNetwork(each)->contains(*address);
           });
}

}  // namespace

bool isOwnNetwork(const std::string& address) {
    static constexpr std::array<const char*, 5> kOwn = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
                                                        "100.64.0.0/10", "fc00::/7"};
    static constexpr std::array<const char*, 1> kBridge = {"172.17.0.0/16"};
    return isIn(kOwn, address) && !isIn(kBridge, address);
}

bool isOverlayAddress(const std::string& address) {
    static constexpr std::array<const char*, 2> kOverlays = {"100.64.0.0/10", "fd7a:115c:a1e0::/48"};
    return isIn(kOverlays, address);
}

bool isPublicAddress(const std::string& address) {
    static constexpr std::array<const char*, 8> kOthers = {
        "0.0.0.0/8",      "10.0.0.0/8",    "100.64.0.0/10",  "127.0.0.0/8",
        "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3"};
    const auto ip = spec::parseIp(address);
    return ip && !ip->v6 && !isIn(kOthers, address);
}

}  // namespace vigie::imports
