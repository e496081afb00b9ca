#pragma once

#include "source/git_peer.hpp"

#include <string>

namespace vigie::source {

/// The branch's commit on the remote, in hexadecimal. One round trip; nothing is written.
std::string askTip(GitPeer& peer, const std::string& branch);

/// Brings the branch's tip and history into the bare repository `directory` and returns the commit. The
/// repository is ours alone: made when missing, made anew when damaged, and cleaned of what a killed fetch
/// left. One process at a time.
std::string fetchTip(GitPeer& peer, const std::string& branch, const std::string& directory);

}  // namespace vigie::source
