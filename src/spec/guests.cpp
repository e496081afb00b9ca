// Whose peers guests are, and what they reach.
#include "spec/guests.hpp"

#include "spec/topology.hpp"

#include <algorithm>
#include <set>

namespace vigie::spec {

const Host* commonGatewayOf(const Stack& stack) {
    if (!stack.wireguard.exists()) {
        return nullptr;
    }
    if (const auto* hub = hubOf(stack)) {
        return hub;
    }
    const Host* only = nullptr;
    for (const auto& host : stack.hosts) {
        if (!reachable(host)) {
            continue;
        }
        if (only != nullptr) {
            return nullptr;
        }
        only = &host;
    }
    return only;
}

const Host* gatewayOf(const Stack& stack, const Guest& guest) {
    return Gateways(stack).of(guest);
}

const Host* Gateways::of(const Guest& guest) const {
    const bool named = common_ == nullptr && stack_.wireguard.exists() && !guest.host.empty();
    return named ? stack_.host(guest.host) : common_;
}

std::vector<std::string> networksOf(const Guest& guest) {
    std::vector<std::string> out;
    for (const auto& text : {guest.address, guest.address6}) {
        if (const auto address = parseIp(text)) {
            out.push_back(toText(*address) + "/" + std::to_string(address->bits()));
        }
    }
    return out;
}

std::vector<ReachedPort> reachedPorts(const Stack& stack, Reached service) {
    std::vector<ReachedPort> out;
    const auto add = [&](const Host* host, int port) {
        if (host != nullptr) {
            out.push_back({host, service, port});
        }
    };
    switch (service) {
        case Reached::prometheus:
            for (const auto& host : stack.hosts) {
                if (stack.prometheusOn(host)) {
                    add(&host, stack.prometheus->port);
                }
            }
            break;
        case Reached::alertmanager:
            for (const auto& host : stack.hosts) {
                if (!stack.alertmanagerOn(host).empty()) {
                    add(&host, stack.alertmanager->port);
                }
            }
            break;
        case Reached::grafana:
            if (stack.grafana) {
                add(stack.hostOf(stack.grafana->project), stack.grafana->port);
            }
            break;
        case Reached::jaeger:
            if (stack.jaeger) {
                add(stack.hostOf(stack.jaeger->project), stack.jaeger->port);
            }
            break;
    }
    return out;
}

std::vector<ReachedPort> reachedPorts(const Stack& stack, const Guest& guest) {
    std::vector<ReachedPort> out;
    std::set<Reached> seen;
    for (const auto service : guest.reaches) {
        if (seen.insert(service).second) {
            const auto some = reachedPorts(stack, service);
            out.insert(out.end(), some.begin(), some.end());
        }
    }
    return out;
}

const std::string* exposureField(const Stack& stack, Reached service) {
    switch (service) {
        case Reached::prometheus:
            return stack.prometheus ? &stack.prometheus->exposure : nullptr;
        case Reached::alertmanager:
            return stack.alertmanager ? &stack.alertmanager->exposure : nullptr;
        case Reached::grafana:
            return stack.grafana ? &stack.grafana->exposure : nullptr;
        case Reached::jaeger:
            return stack.jaeger ? &stack.jaeger->exposure : nullptr;
    }
    return nullptr;
}

std::string titleOf(Reached service) {
    switch (service) {
        case Reached::prometheus:
            return "Prometheus";
        case Reached::alertmanager:
            return "Alertmanager";
        case Reached::grafana:
            return "Grafana";
        case Reached::jaeger:
            return "Jaeger";
    }
    return {};
}

}  // namespace vigie::spec
