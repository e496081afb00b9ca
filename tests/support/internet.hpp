// A model of the network between hosts.
#pragma once

#include "tests/support/model_host.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace vigie::tests {

/// What lies between hosts, as far as WireGuard notices: who can dial whom, and when a handshake comes about.
/// It happens when both tunnels are up, each has the other's current public key as a peer, and one of them
/// dials the other's real address and port through the other's firewall, or the way that its router keeps
/// open behind its NAT. A session lives for three minutes, is renewed after two, and ends at once when a key
/// changes on either side. Whoever is called sends to where he is called from.
class Internet {
public:
    /// A host behind NAT can be dialled only where it sent something to a while ago, and is seen under
    /// `address` all the same.
    enum class Reached { directly, behindNat };
    void join(ModelHost& host, const std::string& address, Reached reached);
    /// The host gets another address.
    void move(const ModelHost& host, const std::string& address);

    /// One second passes on every host, and handshakes come about.
    void tick();

    /// Whether packets pass in both directions between the VPN addresses of two hosts.
    [[nodiscard]] bool traffic(const ModelHost& a, const ModelHost& b) const;

    /// A tunnel that cannot be established is tried again every so many seconds.
    int retryEvery = 5;
    std::int64_t seconds = 0;  ///< since the world began
    /// How long a router keeps the way from an address open to which a host behind it sent something. 0: a
    /// packet that nobody waits for never comes in.
    std::int64_t natRemembers = 0;
    static constexpr std::int64_t kForEver = 1'000'000'000;

private:
    struct Node {
        ModelHost* host;
        std::string address;
        Reached reached;
        // What its firewall said last.
        mutable std::string rules;
        mutable int port = 0;
        mutable bool open = false;
    };
    /// When a host behind NAT last sent something to an address, by its place and that address.
    std::map<std::pair<std::size_t, std::string>, std::int64_t> sent_;
    /// How long nobody could dial, by the places of two nodes.
    std::map<std::pair<std::size_t, std::size_t>, int> broken_;
    std::vector<Node> nodes_;

    [[nodiscard]] const Node& node(const ModelHost& host) const;
    [[nodiscard]] static const ModelInterface* tunnelOf(const Node& node);
    [[nodiscard]] bool dials(const Node& from, const Node& to) const;
    [[nodiscard]] bool keptOpen(const Node& behind, const std::string& from) const;
    void send(std::size_t from);
    [[nodiscard]] static std::string seenAt(const Node& node, const ModelInterface& tunnel);
    void meet(const Node& a, const Node& b, ModelPeer& bOnA, ModelPeer& aOnB) const;
    [[nodiscard]] static bool letsIn(const Node& node, int port);
    [[nodiscard]] static bool living(const Node& a, const Node& b);
    void handshake(std::size_t i, std::size_t j);
};

}  // namespace vigie::tests
