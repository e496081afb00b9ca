// When a peer of the tunnel would have to be dialled anew.
#include "controller/stale_due.hpp"

#include "kinds/wireguard/endpoints.hpp"

#include <algorithm>

namespace vigie::controller {

std::optional<std::int64_t> untilStale(const render::Tunnel& wanted, const plan::ObservedWireguard& is) {
    constexpr std::int64_t kMilliseconds = 1000;
    constexpr std::int64_t kSoon = 60 * kMilliseconds;
    std::optional<std::int64_t> out;
    for (const auto& peer : wanted.peers) {
        if (peer.guest) {
            continue;
        }
        const bool named = !plan::nameIn(peer.endpoint).empty();
        for (const auto& each : is.peers) {
            if (each.publicKey != peer.publicKey && each.publicKey != peer.nextPublicKey) {
                continue;
            }
            std::optional<std::int64_t> due;
            if (each.alive() && (named || plan::roams(peer.endpoint, each, is))) {
                due = (plan::kSessionSeconds - each.handshakeAge + 1) * kMilliseconds;
            } else if (!each.alive() && named) {
                due = kSoon;
            }
            if (due) {
                out = std::min(out.value_or(*due), *due);
            }
        }
    }
    return out;
}

}  // namespace vigie::controller
