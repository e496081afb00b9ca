// The server's limits: sizes, times, and numbers of connections.
#pragma once

#include <chrono>
#include <cstddef>

namespace vigie::controller {

/// What one client may cost. The defaults are what docs/http.md says.
struct Limits {
    std::size_t headerBytes = 16384;  ///< request line and all header fields
    std::size_t headerFields = 100;
    std::size_t targetBytes = 4096;
    std::size_t bodyBytes = 65536;
    std::size_t hookBodyBytes = 1U << 20U;  ///< below /hooks/

    std::chrono::milliseconds handshake{10'000};  ///< of TLS
    std::chrono::milliseconds idle{60'000};       ///< between two requests of a connection
    std::chrono::milliseconds header{
        10'000};  ///< from a request's first byte (or the connection) to its header's end
    std::chrono::milliseconds request{30'000};  ///< the same to its body's end
    std::chrono::milliseconds answer{
        900'000};  ///< until the handler replies: somebody may wait for a reconcile
    std::chrono::milliseconds write{30'000};  ///< until the client has taken the answer
    std::chrono::milliseconds linger{
        2'000};  ///< what a refused client still sends is read, so that it sees why
    std::chrono::milliseconds bindAgain{5'000};  ///< an address that is not there yet is tried again
    std::chrono::milliseconds stop{500};         ///< answers under way may still be taken

    std::size_t connections = 1024;  ///< in all
    std::size_t connectionsPerListener = 512;
    std::size_t connectionsForSocket = 32;  ///< of all, kept free for the unix socket
    std::size_t requestsPerConnection = 1000;
};

/// `limits` as far as a process with this RLIMIT_NOFILE can keep them: half of its descriptors are for
/// everything else that it does.
Limits fitDescriptors(Limits limits, std::size_t descriptors);

}  // namespace vigie::controller
