// Fetches what is followed of a remote.
#pragma once

#include "source/git_peer.hpp"

#include <string>

namespace vigie::source {

/// What the remote says of it. One round trip; nothing is written. A pinned commit is its own tip, but the
/// remote is asked all the same: it must be there.
Tip askTip(GitPeer& peer, const Remote& followed);

/// Brings the tip and its history into the bare repository `directory`. The repository is ours alone: made
/// when missing, made anew when damaged or overgrown, and cleaned of what a killed fetch left. `applied` is a
/// commit that must stay available, or empty. One process at a time.
Tip fetchTip(GitPeer& peer, const Remote& followed, const std::string& directory, const std::string& applied);

}  // namespace vigie::source
