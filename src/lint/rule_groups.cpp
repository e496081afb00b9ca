// The rules that the document holds itself.

#include "lint/findings.hpp"
#include "lint/rules.hpp"

#include <set>

namespace vigie::lint {
namespace {

using spec::FieldPath;
using spec::Node;

void lintRule(const Node& rule, const FieldPath& at, const Jobs& jobs, const spec::Reporter& report) {
    const bool alert = rule.find("alert") != nullptr;
    const bool record = rule.find("record") != nullptr;
    if (alert == record) {
        report.error(
            code::VG0434, at,
            alert ? "the rule has both `alert` and `record`" : "the rule has neither `alert` nor `record`",
            "write `alert: NAME` or `record: NAME`");
    }
    for (const char* field : {"for", "keepFiringFor", "annotations"}) {
        if (record && !alert && rule.find(field) != nullptr) {
            report.error(code::VG0434, at / field,
                         "a recording rule cannot have `" + std::string(field) + "`",
                         "remove it, or make the rule an alert");
        }
    }
    const auto* expression = rule.find("expr");
    std::set<std::string> said;
    for (const auto& job : expression == nullptr ? std::vector<std::string>{} : jobsOf(expression->scalar)) {
        if (!jobs.provided(job) && said.insert(job).second) {
            reportUnknownJob(at / "expr", job, "the rule selects", jobs, report);
        }
    }
}

}  // namespace

void lintRuleGroups(const spec::Stack& stack, const spec::Reporter& report) {
    if (!stack.prometheus || stack.prometheus->ruleGroups.empty()) {
        return;
    }
    const Jobs jobs(stack);
    const FieldPath at{"spec", "prometheus", "ruleGroups"};
    for (std::size_t i = 0; i < stack.prometheus->ruleGroups.size(); ++i) {
        const auto* rules = stack.prometheus->ruleGroups[i].find("rules");
        for (std::size_t j = 0; rules != nullptr && j < rules->items.size(); ++j) {
            lintRule(rules->items[j], (at[i] / "rules")[j], jobs, report);
        }
    }
}

}  // namespace vigie::lint
