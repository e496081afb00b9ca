// Rules in files beside the document, which Prometheus gets as they are.

#include "lint/rule_files.hpp"

#include "base/text.hpp"
#include "lint/jobs.hpp"
#include "spec/read_yaml.hpp"

#include <algorithm>
#include <map>

namespace vigie::lint {
namespace {

using spec::FieldPath;

/// Where a job is asked for first, and how often.
struct Asked {
    FieldPath at;
    std::size_t rules = 0;
};

std::map<std::string, Asked> asked(const spec::Node& root, const Jobs& jobs) {
    std::map<std::string, Asked> out;
    const auto* groups = root.find("groups");
    for (std::size_t i = 0; groups != nullptr && i < groups->items.size(); ++i) {
        const auto* rules = groups->items[i].find("rules");
        for (std::size_t j = 0; rules != nullptr && j < rules->items.size(); ++j) {
            const auto* expression = rules->items[j].find("expr");
            auto names = expression == nullptr ? std::vector<std::string>{} : jobsOf(expression->scalar);
            std::sort(names.begin(), names.end());
            names.erase(std::unique(names.begin(), names.end()), names.end());
            for (const auto& name : names) {
                if (jobs.provided(name)) {
                    continue;
                }
                auto& found = out[name];
                if (found.rules++ == 0) {
                    found.at = (((FieldPath{"groups"})[i] / "rules")[j]) / "expr";
                }
            }
        }
    }
    return out;
}

}  // namespace

void lintRuleFile(const spec::Stack& stack, const std::string& file, std::string_view text,
                  spec::Diagnostics& diagnostics) {
    if (!stack.prometheus) {
        return;
    }
    // Thousands of rules are parsed only when something may be wrong with them.
    const Jobs jobs(stack);
    const auto mentioned = jobs.open() ? std::vector<std::string>{} : jobsMentioned(text);
    if (std::all_of(mentioned.begin(), mentioned.end(),
                    [&](const auto& job) { return jobs.provided(job); })) {
        return;
    }
    spec::Diagnostics unread;  // promtool judges what is no rule file, before an apply
    const auto root = spec::readYaml(text, file, unread);
    if (!root) {
        return;
    }
    const spec::Reporter report(diagnostics, file, &*root);
    for (const auto& [job, found] : asked(*root, jobs)) {
        const std::string rules =
            found.rules == 1 ? "the rule sees" : "this and " + count(found.rules - 1, "more rule") + " see";
        report.warning("VG0433", found.at,
                       "no job is called `" + printable(job) + "`: " + rules + " nothing, ever",
                       "jobs: " + join(jobs.names(), ", "));
    }
}

}  // namespace vigie::lint
