// Which addresses an `exposure` binds to.

#include "spec/exposure.hpp"

#include "spec/topology.hpp"

namespace vigie::spec {
namespace {

constexpr const char* kLoopback = "127.0.0.1";

}  // namespace

Exposure exposureOf(const Stack& stack, const std::string& written) {
    if (written == "public") {
        return Exposure::everybody;
    }
    if (written == "local" || (written.empty() && !joined(stack))) {
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
    std::vector<std::string> out{addressOf(stack, host)};
    if (const auto second = parseIp(host.vpnAddress6); second && stack.wireguard.exists()) {
        out.push_back(toText(*second));
    }
    return out;
}

std::string ownAddress(const Stack& stack, const Host& host, const std::string& written) {
    return exposureOf(stack, written) == Exposure::vpn ? addressOf(stack, host) : kLoopback;
}

bool prometheusInHostNetwork(const Stack& stack) {
    return stack.prometheus && !stack.prometheus->had.attach && (!joined(stack) || joinedByV6(stack));
}

bool alertmanagerInHostNetwork(const Stack& stack) {
    return stack.alertmanager && !stack.alertmanager->had.attach && stack.alertmanager->clustered() &&
           joinedByV6(stack);
}

std::string scrapeAddress(const Stack& stack, const Host& host) {
    return joined(stack) ? addressOf(stack, host) : kLoopback;
}

std::string scrapeTarget(const Stack& stack, const Replica& server, const std::string& project,
                         const std::string& service, int port) {
    const bool byName = stack.prometheus->had.attach && server.project == project && !service.empty();
    return hostPort(byName ? service : scrapeAddress(stack, stack.hostOfProject(project)), port);
}

}  // namespace vigie::spec
