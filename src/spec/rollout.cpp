// Which hosts wait for which.

#include "spec/rollout.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

namespace vigie::spec {
namespace {

void addOnce(std::vector<std::string>& to, const std::string& name) {
    if (std::find(to.begin(), to.end(), name) == to.end()) {
        to.push_back(name);
    }
}

/// The hosts that each host waits for, by name. A name without a host waits for none.
using Waiting = std::map<std::string_view, std::vector<std::string_view>>;

Waiting waitingOf(const Stack& stack) {
    Waiting out;
    for (const auto& host : stack.hosts) {
        auto& names = out[host.name];
        names.insert(names.end(), host.dependsOn.begin(), host.dependsOn.end());
    }
    for (std::size_t i = 1; i < stack.rollout.size(); ++i) {
        if (const auto it = out.find(stack.rollout[i]); it != out.end()) {
            it->second.push_back(stack.rollout[i - 1]);
        }
    }
    return out;
}

/// Depth first, without recursion: a chain may be as long as the document.
class Search {
public:
    explicit Search(const Stack& stack) : waiting_(waitingOf(stack)) {}

    /// The cycle that is reached from `first`; empty if there is none, or it was visited before.
    std::vector<std::string> from(std::string_view first) {
        enter(first);
        while (!path_.empty()) {
            auto& [name, next] = path_.back();
            const auto& names = waiting_.at(name);
            if (next == names.size()) {
                open_.erase(name);
                path_.pop_back();
                continue;
            }
            const auto other = names[next++];
            if (open_.count(other) != 0) {
                return cycleTo(other);
            }
            enter(other);
        }
        return {};
    }

private:
    struct Step {
        std::string_view name;
        std::size_t next = 0;  ///< of those that it waits for
    };

    void enter(std::string_view name) {
        if (waiting_.count(name) != 0 && done_.insert(name).second) {
            open_.insert(name);
            path_.push_back({name});
        }
    }

    [[nodiscard]] std::vector<std::string> cycleTo(std::string_view first) const {
        std::vector<std::string> out;
        for (const auto& step : path_) {
            if (!out.empty() || step.name == first) {
                out.emplace_back(step.name);
            }
        }
        out.emplace_back(first);
        return out;
    }

    const Waiting waiting_;
    std::set<std::string_view> done_;
    std::set<std::string_view> open_;
    std::vector<Step> path_;
};

}  // namespace

std::vector<std::string> waitsFor(const Stack& stack, const Host& host) {
    std::vector<std::string> out;
    for (const auto& name : host.dependsOn) {
        addOnce(out, name);
    }
    for (std::size_t i = 1; i < stack.rollout.size(); ++i) {
        if (stack.rollout[i] == host.name) {
            addOnce(out, stack.rollout[i - 1]);
        }
    }
    return out;
}

std::set<std::string> waitedFor(const Stack& stack) {
    std::set<std::string> out;
    for (const auto& [name, others] : waitingOf(stack)) {
        out.insert(others.begin(), others.end());
    }
    return out;
}

bool isWaitedFor(const Stack& stack, const Host& host) {
    return waitedFor(stack).count(host.name) != 0;
}

std::vector<std::string> waitingCycle(const Stack& stack) {
    Search search(stack);
    for (const auto& host : stack.hosts) {
        if (auto cycle = search.from(host.name); !cycle.empty()) {
            return cycle;
        }
    }
    return {};
}

}  // namespace vigie::spec
