// Asks the controller of another host for its status.
#pragma once

#include "spec/stack.hpp"
#include "system/http.hpp"

#include <chrono>
#include <string>

namespace vigie::apply {

/// What another host's controller says of itself.
struct PeerStatus {
    std::string host;
    bool answered = false;
    std::string problem;              ///< why there is no answer
    std::string lastAppliedRevision;  ///< may be empty
    std::string ready;                ///< status of the condition: True, False or Unknown
    std::string message;              ///< of the condition Ready
    std::string healthy;
    std::string unhealthyReason;
    std::string unhealthyMessage;

    /// Applied `revision`, and nothing of its own is wrong. A target that is down may be one that waits for
    /// this very peer: what goes on between hosts does not count.
    [[nodiscard]] bool healthyAt(const std::string& revision) const;
};

/// Asks the controller of `host`, which is one of `stack`, over the network that joins the hosts. Never
/// throws for want of an answer.
PeerStatus askPeer(const spec::Stack& stack, const spec::Host& host, std::chrono::milliseconds timeout,
                   system::Http& http);

}  // namespace vigie::apply
