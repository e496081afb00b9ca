#include "spec/rollout.hpp"

#include <algorithm>
#include <set>

namespace vigie::spec {
namespace {

void addOnce(std::vector<std::string>& to, const std::string& name) {
    if (std::find(to.begin(), to.end(), name) == to.end()) {
        to.push_back(name);
    }
}

/// Depth first along `waitsFor`.
class Search {
public:
    explicit Search(const Stack& stack) : stack_(stack) {}

    /// Whether `path_` ends in a cycle now.
    bool visit(const Host& host) {
        const auto begun = std::find(path_.begin(), path_.end(), host.name);
        if (begun != path_.end()) {
            path_.erase(path_.begin(), begun);
            path_.push_back(host.name);
            return true;
        }
        if (!done_.insert(host.name).second) {
            return false;
        }
        path_.push_back(host.name);
        for (const auto& name : waitsFor(stack_, host)) {
            const auto* next = stack_.host(name);
            if (next != nullptr && visit(*next)) {
                return true;
            }
        }
        path_.pop_back();
        return false;
    }
    std::vector<std::string> take() { return std::move(path_); }

private:
    const Stack& stack_;
    std::set<std::string> done_;
    std::vector<std::string> path_;
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

bool isWaitedFor(const Stack& stack, const Host& host) {
    return std::any_of(stack.hosts.begin(), stack.hosts.end(), [&](const Host& each) {
        const auto names = waitsFor(stack, each);
        return std::find(names.begin(), names.end(), host.name) != names.end();
    });
}

std::vector<std::string> waitingCycle(const Stack& stack) {
    Search search(stack);
    for (const auto& host : stack.hosts) {
        if (search.visit(host)) {
            return search.take();
        }
    }
    return {};
}

}  // namespace vigie::spec
