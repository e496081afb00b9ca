// Asks the controllers of the other hosts for their status.

#include "controller/other_hosts.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace vigie::controller {

void OtherHosts::ask(const spec::Stack& stack, const std::set<std::string>& alive, system::Http& http,
                     const system::Clock& clock) {
    constexpr std::int64_t kPause = 60'000;
    constexpr std::int64_t kAltogether = 5'000;
    constexpr std::chrono::milliseconds kEach{1'000};
    if (!stack.selfMonitoring.enabled) {
        answers_.clear();
        return;
    }
    if (clock.monotonic() < notBefore_) {
        return;
    }
    const auto until = clock.monotonic() + kAltogether;
    std::vector<AskedHost> out;
    for (const auto& host : stack.hosts) {
        if (alive.count(host.name) == 0) {
            continue;
        }
        const auto before = std::find_if(answers_.begin(), answers_.end(),
                                         [&](const auto& each) { return each.status.host == host.name; });
        if (clock.monotonic() < until) {
            out.push_back({apply::askPeer(stack, host, kEach, http), clock.now()});
        } else if (before != answers_.end()) {
            out.push_back(*before);
        }
    }
    answers_ = std::move(out);
    notBefore_ = clock.monotonic() + kPause;
}

}  // namespace vigie::controller
