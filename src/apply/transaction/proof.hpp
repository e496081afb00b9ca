// What proves a change of the tunnel that other hosts must follow: a handshake, and where it came from.
#pragma once

#include "plan/plan.hpp"
#include "state/journal.hpp"
#include "system/system.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace vigie::apply {

/// The endpoints that a plan gives its confirming peers, by their public keys, where the document changed
/// them.
std::map<std::string, std::string> newEndpoints(const plan::Plan& plan,
                                                const std::vector<std::string>& confirmingPeers);

struct Proof {
    bool complete = false;
    /// Who is heard of, but not at his new endpoint; for a message, may be empty.
    std::string elsewhere;
};

/// Whether whoever was led away from his new endpoint is dialled there again.
enum class Again : std::uint8_t { no, yes };

/// Asks the live tunnel of an armed transaction. A handshake of a confirming peer that is newer than the
/// change proves it. Where the change is another endpoint, its peer must be at a place of it as well: a host
/// behind NAT may be called by the peer through the router's old mapping, and WireGuard follows whoever
/// calls, so that a handshake alone says nothing about the endpoint. Such a peer is dialled again where the
/// document says, as often as it leads us away, but leaves the old way some time to carry packets in between.
Proof askPeers(const state::OpenJournal& journal, Again again, const system::System& system);

}  // namespace vigie::apply
