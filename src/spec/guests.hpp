// Guests of the tunnel: whose peers they are, and what they reach.
#pragma once

#include "spec/stack.hpp"

#include <string>
#include <vector>

namespace vigie::spec {

/// The host whose peer every guest is, whatever the guest says: the hub, or the only host that can be
/// dialled. Null when there is no such host.
const Host* commonGatewayOf(const Stack& stack);

/// The host whose peer the guest is. Null when the document does not tell.
const Host* gatewayOf(const Stack& stack, const Guest& guest);

/// The same for many guests of one document: what holds for all of them is found once.
class Gateways {
public:
    explicit Gateways(const Stack& stack) : stack_(stack), common_(commonGatewayOf(stack)) {}

    [[nodiscard]] const Host* common() const { return common_; }
    [[nodiscard]] const Host* of(const Guest& guest) const;

private:
    const Stack& stack_;
    const Host* common_;
};

/// The guest's addresses as /32 and /128, in their canonical form.
std::vector<std::string> networksOf(const Guest& guest);

/// A port of a host that a guest reaches.
struct ReachedPort {
    const Host* host = nullptr;
    Reached service = Reached::prometheus;
    int port = 0;
};

/// What a guest reaches by this word: every replica. Nothing where the document has no such service.
std::vector<ReachedPort> reachedPorts(const Stack& stack, Reached service);

/// Of all that the guest names, each once.
std::vector<ReachedPort> reachedPorts(const Stack& stack, const Guest& guest);

/// The `exposure` of such a service, as it is written; null when the document has no such service.
const std::string* exposureField(const Stack& stack, Reached service);

/// The service as people write it: `Grafana`.
std::string titleOf(Reached service);

}  // namespace vigie::spec
