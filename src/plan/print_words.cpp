// The words that a plan is summed up in, and the order in which it is shown.

#include "plan/print_words.hpp"

#include "base/text.hpp"
#include "plan/print.hpp"

#include <algorithm>

namespace vigie::plan {
namespace {

/// What is not to be done and does not differ either. A row that does nothing yet and has a diff waits.
bool isUnchanged(const Change& change) {
    return change.action == Action::none && change.diff.empty();
}

std::string summed(const Plan* first, std::size_t plans) {
    std::vector<std::string> parts;
    for (const auto& style : styles()) {
        std::size_t n = 0;
        for (std::size_t i = 0; i < plans; ++i) {
            n += first[i].count(style.action);
        }
        if (n != 0) {
            parts.push_back(std::to_string(n) + " " + style.summary);
        }
    }
    return parts.empty() ? "nothing" : join(parts, ", ");
}

}  // namespace

const std::vector<Style>& styles() {
    static const std::vector<Style> kStyles = {{Action::refuse, "!", "\x1b[1;31m", "refused"},
                                               {Action::remove, "-", "\x1b[31m", "to delete"},
                                               {Action::recreate, "#", "\x1b[33m", "to recreate"},
                                               {Action::restart, "#", "\x1b[33m", "to restart"},
                                               {Action::release, "<", "\x1b[36m", "to release"},
                                               {Action::create, "+", "\x1b[32m", "to create"},
                                               {Action::update, "~", "\x1b[33m", "to update"},
                                               {Action::adopt, "=", "\x1b[36m", "to adopt"},
                                               {Action::reload, "@", "\x1b[35m", "to reload"},
                                               {Action::drift, "?", "\x1b[33m", "only reported"},
                                               {Action::none, " ", "", "unchanged"}};
    return kStyles;
}

std::string title(const Plan& plan) {
    std::string out = "host " + plan.host + ", stack " + plan.stack;
    if (!plan.revision.empty()) {
        out += ", revision " + shortRevision(plan.revision);
    }
    return out;
}

std::vector<const Change*> listed(const Plan& plan) {
    std::vector<const Change*> out;
    for (const auto& change : plan.changes) {
        if (!isUnchanged(change)) {
            out.push_back(&change);
        }
    }
    std::stable_partition(out.begin(), out.end(), [](const Change* change) { return change->destructive(); });
    return out;
}

std::vector<const Change*> unlisted(const Plan& plan) {
    std::vector<const Change*> out;
    for (const auto& change : plan.changes) {
        if (isUnchanged(change)) {
            out.push_back(&change);
        }
    }
    return out;
}

std::string total(const std::vector<Plan>& plans) {
    return plans.size() < 2 ? "" : count(plans.size(), "host") + ": " + summary(plans);
}

std::string summary(const Plan& plan) {
    return summed(&plan, 1);
}

std::string summary(const std::vector<Plan>& plans) {
    return summed(plans.data(), plans.size());
}

}  // namespace vigie::plan
