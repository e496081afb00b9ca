// A model of the network between hosts.

#include "tests/support/internet.hpp"

#include "spec/address.hpp"

#include <algorithm>
#include <stdexcept>

namespace vigie::tests {
namespace {

constexpr const char* kInterface = "wg0";
constexpr std::int64_t kSession = 180;  // seconds, as the next two
constexpr std::int64_t kRekey = 120;
/// After so long without an answer WireGuard begins a new handshake, be there a session or not.
constexpr int kNoAnswer = 15;

bool allows(const ModelPeer& peer, const ModelInterface& other) {
    return std::any_of(other.addresses.begin(), other.addresses.end(), [&](const std::string& address) {
        const auto ip = spec::parseIp(address.substr(0, address.find('/')));
        return ip && std::any_of(peer.allowedIps.begin(), peer.allowedIps.end(), [&](const auto& allowed) {
                   const auto network = spec::parseNetwork(allowed);
                   return network && network->contains(*ip);
               });
    });
}

}  // namespace

void Internet::join(ModelHost& host, const std::string& address, Reached reached) {
    nodes_.push_back({&host, address, reached, {}, 0, false});
}

const Internet::Node& Internet::node(const ModelHost& host) const {
    for (const auto& each : nodes_) {
        if (each.host == &host) {
            return each;
        }
    }
    throw std::logic_error("this host has not joined");
}

void Internet::move(const ModelHost& host, const std::string& address) {
    const_cast<Node&>(node(host)).address = address;  // NOLINT: found in nodes_
}

const ModelInterface* Internet::tunnelOf(const Node& node) {
    const auto it = node.host->tunnel.interfaces.find(kInterface);
    return it == node.host->tunnel.interfaces.end() || !it->second.up ? nullptr : &it->second;
}

bool Internet::dials(const Node& from, const Node& to) const {
    const auto* a = tunnelOf(from);
    const auto* b = tunnelOf(to);
    const auto* peer = a == nullptr || b == nullptr ? nullptr : a->peer(b->publicKey);
    if (peer == nullptr || peer->endpoint != seenAt(to, *b)) {
        return false;
    }
    return to.reached == Reached::directly ? letsIn(to, b->listenPort) : keptOpen(to, seenAt(from, *a));
}

/// Where the packets of a host come from.
std::string Internet::seenAt(const Node& node, const ModelInterface& tunnel) {
    constexpr int kMapped = 40'000;
    return node.address + ":" +
           std::to_string(node.reached == Reached::behindNat ? kMapped : tunnel.listenPort);
}

/// Whether the router before `behind` lets in what comes from there.
bool Internet::keptOpen(const Node& behind, const std::string& from) const {
    const auto place = static_cast<std::size_t>(&behind - nodes_.data());
    const auto it = sent_.find({place, from});
    return it != sent_.end() && seconds - it->second < natRemembers;
}

/// With a keepalive, or while it tries, a host sends something to each of its peers all the time.
void Internet::send(std::size_t from) {
    const auto* tunnel = natRemembers == 0 ? nullptr : tunnelOf(nodes_[from]);
    if (tunnel != nullptr && nodes_[from].reached == Reached::behindNat) {
        for (const auto& peer : tunnel->peers) {
            if (!peer.endpoint.empty() && peer.keepalive != 0) {
                sent_[{from, peer.endpoint}] = seconds;
            }
        }
    }
}

/// Whether the firewall lets a new packet to `port` in.
bool Internet::letsIn(const Node& node, int port) {
    auto text = node.host->files.text("/etc/ufw/user.rules").value_or("");
    if (text != node.rules || port != node.port) {
        node.open = plan::inbound(plan::readUfwRules(text, false), port, "udp", "eth0",
                                  plan::Verdict::refused) == plan::Verdict::accepted;
        node.rules = std::move(text);
        node.port = port;
    }
    return node.open;
}

bool Internet::living(const Node& a, const Node& b) {
    const auto* left = tunnelOf(a);
    const auto* right = tunnelOf(b);
    if (left == nullptr || right == nullptr) {
        return false;
    }
    const auto* p = left->peer(right->publicKey);
    const auto* q = right->peer(left->publicKey);
    return p != nullptr && q != nullptr && p->session && q->session &&
           a.host->clock.seconds() - p->handshake < kSession &&
           b.host->clock.seconds() - q->handshake < kSession;
}

bool Internet::traffic(const ModelHost& a, const ModelHost& b) const {
    const auto& left = node(a);
    const auto& right = node(b);
    if (!living(left, right) || !(dials(left, right) || dials(right, left))) {
        return false;
    }
    const auto* p = tunnelOf(left);
    const auto* q = tunnelOf(right);
    return allows(*p->peer(q->publicKey), *q) && allows(*q->peer(p->publicKey), *p);
}

void Internet::handshake(std::size_t i, std::size_t j) {
    const auto& a = nodes_[i];
    const auto& b = nodes_[j];
    auto& broken = broken_[{i, j}];
    const bool forth = dials(a, b);
    const bool back = dials(b, a);
    if (!forth && !back) {
        ++broken;
        return;
    }
    auto* left = const_cast<ModelInterface*>(tunnelOf(a));   // NOLINT: of hosts that are ours to change
    auto* right = const_cast<ModelInterface*>(tunnelOf(b));  // NOLINT
    auto* p = left->peer(right->publicKey);
    auto* q = right->peer(left->publicKey);
    if (p == nullptr || q == nullptr || p->presharedKey != q->presharedKey) {
        ++broken;
        return;
    }
    const bool renews = a.host->clock.seconds() - p->handshake >= kRekey;
    if (living(a, b) && !renews && broken < kNoAnswer) {
        broken = 0;
        meet(a, b, *p, *q);
        return;
    }
    if (seconds % retryEvery != 0) {
        return;
    }
    broken = 0;
    p->handshake = a.host->clock.seconds();
    q->handshake = b.host->clock.seconds();
    p->session = q->session = true;
    meet(a, b, *p, *q);
}

/// Packets pass: each side sends to where it heard the other from.
void Internet::meet(const Node& a, const Node& b, ModelPeer& bOnA, ModelPeer& aOnB) const {
    const bool forth = dials(a, b);
    const bool back = dials(b, a);
    if (forth) {
        aOnB.endpoint = seenAt(a, *tunnelOf(a));
    }
    if (back) {
        bOnA.endpoint = seenAt(b, *tunnelOf(b));
    }
}

void Internet::tick() {
    ++seconds;
    for (const auto& each : nodes_) {
        each.host->clock.milliseconds += ModelClock::kMilliseconds;
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        send(i);
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        for (std::size_t j = i + 1; j < nodes_.size(); ++j) {
            handshake(i, j);
        }
    }
}

}  // namespace vigie::tests
