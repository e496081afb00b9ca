// Who is whose peer, and which networks lie behind whom.
#pragma once

#include "spec/address.hpp"
#include "spec/guests.hpp"
#include "spec/stack.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Who is whose peer, and which networks are whose. Addresses and networks come out in their canonical form.
namespace vigie::spec {

/// Others can dial it.
bool reachable(const Host& host);

/// The host that forwards between all the others, which have no other peer. Null in a mesh.
const Host* hubOf(const Stack& stack);

int listenPortOf(const Stack& stack, const Host& host);

/// Of `host` to every peer, in seconds; 0: none.
int keepaliveOf(const Stack& stack, const Host& host);

/// What joins the hosts.
enum class JoinedBy : std::uint8_t { nothing, tunnel, network };

/// Our own tunnel, a network that is there already, or nothing.
JoinedBy joinedBy(const Stack& stack);
inline bool joined(const Stack& stack) {
    return joinedBy(stack) != JoinedBy::nothing;
}

/// The network that contains the addresses of `joined`: the tunnel's, or the LAN's. Nothing when it is an
/// interface of somebody else's.
std::optional<IpNetwork> joiningNetwork(const Stack& stack);

/// The host's address in it, which targets and URLs name; empty without one.
std::string addressOf(const Stack& stack, const Host& host);
/// Whether that is an address of IPv6.
bool joinedByV6(const Stack& stack);

/// The host's addresses in the tunnel with their networks' prefix lengths.
std::vector<std::string> tunnelAddressesOf(const Stack& stack, const Host& host);

/// What peers send to this host itself: its addresses as /32 and /128, and the networks behind it.
std::vector<std::string> networksOf(const Host& host);

/// Who is whose peer, in one document. Made once and asked for every pair: which host is the hub, and who has
/// which preshared key, is a matter of all hosts. `stack` outlives it, and all hosts that it is asked of are
/// in `stack.hosts`.
class Peering {
public:
    explicit Peering(const Stack& stack);

    /// As `hubOf`.
    [[nodiscard]] const Host* hub() const { return hub_; }
    /// The guests whose peer `host` is, in the document's order.
    [[nodiscard]] std::vector<const Guest*> guestsOf(const Host& host) const;
    /// Whether the two have each other as peers.
    [[nodiscard]] bool arePeers(const Host& a, const Host& b) const;
    /// Of `host` to `peer`. Of two that can both dial, neither would speak before there is something to say,
    /// and a tunnel of which nothing is heard looks like one that is broken: the later one of the document
    /// keeps alive.
    [[nodiscard]] int keepaliveTo(const Host& host, const Host& peer) const;
    /// AllowedIPs of `peer` as `host` writes them; they must be peers.
    [[nodiscard]] std::vector<std::string> allowedIpsOf(const Host& host, const Host& peer) const;
    /// The preshared key of the two. Null when they have none.
    [[nodiscard]] const PresharedKey* presharedKeyOf(const Host& a, const Host& b) const;

private:
    const Stack& stack_;
    const Host* hub_;
    std::map<std::pair<std::string_view, std::string_view>, const PresharedKey*> keys_;  ///< by both names
    std::map<const Host*, std::vector<const Guest*>> guests_;                            ///< by their gateway
};

}  // namespace vigie::spec
