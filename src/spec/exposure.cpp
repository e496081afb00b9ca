// Which addresses an `exposure` binds to.

#include "spec/exposure.hpp"

#include "spec/topology.hpp"

namespace vigie::spec {
namespace {

constexpr const char* kLoopback = "127.0.0.1";

/// Whether the addresses that targets and URLs name are of IPv6.
bool tunnelIsV6(const Stack& stack) {
    const auto network = parseNetwork(stack.wireguard.network);
    return network && network->address.v6;
}

}  // namespace

Exposure exposureOf(const Stack& stack, const std::string& written) {
    if (written == "public") {
        return Exposure::everybody;
    }
    if (written == "local" || (written.empty() && !stack.wireguard.exists())) {
        return Exposure::local;
    }
    return Exposure::vpn;
}

std::vector<std::string> bindAddresses(const Stack& stack, const Host& host, const std::string& written) {
    switch (exposureOf(stack, written)) {
        case Exposure::everybody:
            return {""};
        case Exposure::local:
            return {kLoopback};
        case Exposure::vpn:
            break;
    }
    std::vector<std::string> out{vpnAddressOf(host)};
    if (const auto second = parseIp(host.vpnAddress6)) {
        out.push_back(toText(*second));
    }
    return out;
}

std::string ownAddress(const Stack& stack, const Host& host, const std::string& written) {
    return exposureOf(stack, written) == Exposure::vpn ? vpnAddressOf(host) : kLoopback;
}

bool prometheusInHostNetwork(const Stack& stack) {
    return stack.prometheus && (!stack.wireguard.exists() || tunnelIsV6(stack));
}

bool alertmanagerInHostNetwork(const Stack& stack) {
    return stack.alertmanager && stack.alertmanager->clustered() && stack.wireguard.exists() &&
           tunnelIsV6(stack);
}

std::string scrapeAddress(const Stack& stack, const Host& host) {
    return stack.wireguard.exists() ? vpnAddressOf(host) : kLoopback;
}

}  // namespace vigie::spec
