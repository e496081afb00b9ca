// Names of hosts, asked for at most twice a minute.
#pragma once

#include "system/clock.hpp"
#include "system/names.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace vigie::controller {

/// The loop looks at the host as often as something happens on it. A resolver that does not answer must not
/// hold it up each time, and a name server must not be asked each time: an answer is kept for a moment, also
/// the one that there is none; and where one name was waited for in vain, no other one is asked for
/// meanwhile. It is the limit, too, of how often a silent peer is dialled anew.
class RememberedNames : public system::Names {
public:
    RememberedNames(system::Names& inner, const system::Clock& clock) : inner_(inner), clock_(clock) {}

    system::ResolvedName resolve(const std::string& name) override {
        const auto now = clock_.monotonic();
        const auto it = known_.find(name);
        if (it != known_.end() && now - it->second.at < kKept) {
            return it->second.answer;
        }
        if (now < silentUntil_) {
            return {{}, whySilent_};
        }
        auto answer = inner_.resolve(name);
        const auto after = clock_.monotonic();
        if (answer.addresses.empty() && after - now >= kLong) {
            silentUntil_ = after + kKept;
            whySilent_ = answer.problem;
        }
        known_[name] = {after, answer};
        return answer;
    }

    static constexpr std::int64_t kKept = 30'000;  ///< milliseconds
    static constexpr std::int64_t kLong = 3'000;   ///< the same; an answer of a name server takes less

private:
    struct Known {
        std::int64_t at = 0;
        system::ResolvedName answer;
    };
    system::Names& inner_;
    const system::Clock& clock_;
    std::map<std::string, Known> known_;
    std::int64_t silentUntil_ = 0;
    std::string whySilent_;
};

}  // namespace vigie::controller
