// How far a conversation with a git server has come, and what it means that it goes no further.
#pragma once

#include "source/git_error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::source {

/// What the server is waited for to do.
enum class GitPhase : std::uint8_t {
    lookup,     ///< nobody is connected to: the name has to be resolved
    connect,    ///< the address does not answer
    greeting,   ///< it is connected; TLS or ssh has not proved who it is
    answer,     ///< it is the right server, and says nothing more
    login,      ///< it was told who we are; it has not told its branches
    receiving,  ///< it told its branches; commits are on their way
};

/// A TCP socket of this process, as the kernel has it.
struct TcpSocket {
    std::uint16_t remotePort = 0;
    bool established = false;
    bool connecting = false;
    std::uint64_t inode = 0;
};

/// The sockets in the text of `/proc/net/tcp` or `tcp6`. Source: Linux,
/// Documentation/networking/proc_net_tcp.
std::vector<TcpSocket> readTcpSockets(std::string_view text);

/// What can only be seen from outside of libgit2, which does all three in one call: whether the name is still
/// looked up, the address called, or the server waited for. `port` is the server's.
GitPhase phaseOf(const std::vector<TcpSocket>& own, std::uint16_t port);

/// Where the conversation leads.
struct GitDestination {
    bool ssh = false;
    std::string host;        ///< of the server, or of the proxy before it
    std::string port;        ///< of the same
    bool proxy = false;      ///< it is one
    std::string repository;  ///< for messages: an URL without secrets
};

/// What it means that the time is over in this phase.
GitError failAfter(GitPhase phase, const GitDestination& to, std::int64_t seconds);

}  // namespace vigie::source
