// A plan for programs. docs/json.md has its fields.

#include "plan/print.hpp"
#include "plan/print_words.hpp"

#include <nlohmann/json.hpp>

namespace vigie::plan {
namespace {

using nlohmann::ordered_json;

/// Every action, also those that do not occur.
ordered_json countsOf(const Plan* first, std::size_t plans) {
    ordered_json out = ordered_json::object();
    for (const auto& style : styles()) {
        std::size_t n = 0;
        for (std::size_t i = 0; i < plans; ++i) {
            n += first[i].count(style.action);
        }
        out[std::string(toText(style.action))] = n;
    }
    return out;
}

ordered_json jsonOf(const Plan& plan) {
    ordered_json changes = ordered_json::array();
    for (const auto& change : plan.changes) {
        changes.push_back({{"id", change.id},
                           {"kind", change.id.substr(0, change.id.find(':'))},
                           {"action", toText(change.action)},
                           {"reason", change.reason},
                           {"reversible", change.reversible()},
                           {"diff", change.diff.text()}});
    }
    return {{"stack", plan.stack},          {"host", plan.host},   {"revision", plan.revision},
            {"digest", plan.digest},        {"notes", plan.notes}, {"counts", countsOf(&plan, 1)},
            {"changes", std::move(changes)}};
}

}  // namespace

std::string toJson(const std::vector<Plan>& plans) {
    ordered_json hosts = ordered_json::array();
    for (const auto& plan : plans) {
        hosts.push_back(jsonOf(plan));
    }
    const ordered_json out{
        {"version", 1}, {"counts", countsOf(plans.data(), plans.size())}, {"hosts", std::move(hosts)}};
    return out.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace vigie::plan
