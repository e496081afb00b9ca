// Decides when the next pass is due.

#include "controller/schedule.hpp"

#include <algorithm>
#include <cmath>

namespace vigie::controller {
namespace {

constexpr std::int64_t kQuiet = 40;      // milliseconds until a program that writes has finished
constexpr std::int64_t kRefill = 1'000;  // one look more after so many milliseconds

bool reportedByHost(Trigger why) {
    return why == Trigger::files || why == Trigger::engine;
}

bool isTime(Trigger why) {
    return why == Trigger::poll || why == Trigger::retry || why == Trigger::suspension ||
           why == Trigger::tunnel;
}

}  // namespace

std::string_view toText(Trigger trigger) {
    switch (trigger) {
        case Trigger::start:
            return "start";
        case Trigger::poll:
            return "interval";
        case Trigger::retry:
            return "retry";
        case Trigger::webhook:
            return "webhook";
        case Trigger::request:
            return "request";
        case Trigger::files:
            return "files";
        case Trigger::engine:
            return "engine";
        case Trigger::reload:
            return "reload";
        case Trigger::suspension:
            return "suspension";
        case Trigger::tunnel:
            return "tunnel";
    }
    return "?";
}

bool asksRemote(Trigger trigger) {
    return !reportedByHost(trigger) && trigger != Trigger::tunnel && trigger != Trigger::reload;
}

std::int64_t withJitter(std::int64_t time, double random) {
    constexpr double kShare = 0.1;
    return static_cast<std::int64_t>(
        std::llround(static_cast<double>(time) * (1 - kShare + 2 * kShare * random)));
}

std::int64_t backoff(std::int64_t base, std::int64_t longest, int failures, double random) {
    std::int64_t pause = std::min(base, longest);
    for (int i = 1; i < failures && pause < longest; ++i) {
        pause = pause > longest / 2 ? longest : pause * 2;
    }
    return withJitter(pause, random);
}

void Schedule::refill(std::int64_t now) {
    const auto passed = static_cast<double>(std::max<std::int64_t>(0, now - refilled_));
    allowance_ = std::min(kBurst, allowance_ + passed / static_cast<double>(kRefill));
    refilled_ = now;
}

void Schedule::happened(Trigger why, std::int64_t now) {
    std::int64_t at = now;
    if (reportedByHost(why)) {
        refill(now);
        at += allowance_ >= 1 ? kQuiet : kRefill;
    }
    const auto [it, added] = due_.try_emplace(why, at);
    it->second = std::min(it->second, at);
}

void Schedule::plan(Trigger why, std::int64_t at) {
    due_[why] = at;
}

std::optional<std::int64_t> Schedule::due() const {
    std::optional<std::int64_t> out;
    for (const auto& [why, at] : due_) {
        out = out ? std::min(*out, at) : at;
    }
    return out;
}

std::vector<Trigger> Schedule::take(std::int64_t now) {
    std::vector<Trigger> out;
    const auto first = due();
    if (!first || *first > now) {
        return out;
    }
    for (auto it = due_.begin(); it != due_.end();) {
        if (isTime(it->first) && it->second > now) {
            ++it;
            continue;
        }
        out.push_back(it->first);
        it = due_.erase(it);
    }
    if (std::any_of(out.begin(), out.end(), reportedByHost)) {
        refill(now);
        allowance_ = std::max(0.0, allowance_ - 1);
    }
    return out;
}

}  // namespace vigie::controller
