// What the controllers of the other hosts say of themselves.
#pragma once

#include "apply/probes/peers.hpp"
#include "spec/stack.hpp"
#include "system/clock.hpp"
#include "system/http.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace vigie::controller {

/// What the controller of another host said.
struct AskedHost {
    apply::PeerStatus status;
    std::int64_t at = 0;  ///< Unix milliseconds
};

/// Asks them over the network that joins the hosts, where `spec.vigie.metrics` says that they are served
/// there: once a minute, and no longer than a few seconds. A host that was not asked for want of time keeps
/// what it said before.
class OtherHosts {
public:
    /// `alive` are the hosts that are heard of; nobody else is asked.
    void ask(const spec::Stack& stack, const std::set<std::string>& alive, system::Http& http,
             const system::Clock& clock);
    /// In the document's order.
    [[nodiscard]] const std::vector<AskedHost>& answers() const { return answers_; }

private:
    std::vector<AskedHost> answers_;
    std::int64_t notBefore_ = 0;  ///< monotonic
};

}  // namespace vigie::controller
