// Fetches what is followed of a remote.
#pragma once

#include "source/git_peer.hpp"

#include <string>

namespace vigie::source {

/// What of a remote is followed: one of the three.
struct GitFollowed {
    std::string branch;
    std::string tag;
    std::string commit;  ///< 40 hexadecimal digits: pinned
};

struct GitTip {
    std::string commit;  ///< 40 hexadecimal digits
    std::string tag;     ///< the annotated tag that was followed to the commit; else empty
};

/// What the remote says of it. One round trip; nothing is written. A pinned commit is its own tip, but the
/// remote is asked all the same: it must be there.
GitTip askTip(GitPeer& peer, const GitFollowed& followed);

/// Brings the tip and its history into the bare repository `directory`. The repository is ours alone: made
/// when missing, made anew when damaged or overgrown, and cleaned of what a killed fetch left. `applied` is a
/// commit that must stay available, or empty. One process at a time.
GitTip fetchTip(GitPeer& peer, const GitFollowed& followed, const std::string& directory,
                const std::string& applied, std::uint64_t maxBytes);

}  // namespace vigie::source
