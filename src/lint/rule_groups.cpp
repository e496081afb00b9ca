#include "lint/rules.hpp"
#include "spec/regex.hpp"
#include "spec/settings.hpp"

#include <algorithm>
#include <set>

namespace vigie::lint {
namespace {

using spec::FieldPath;
using spec::Node;

/// The `job` labels that the stack's series may have.
class Jobs {
public:
    explicit Jobs(const spec::Stack& stack) {
        const auto& prometheus = *stack.prometheus;
        if (prometheus.selfScrape) {
            names_.insert("prometheus");
        }
        for (const auto& application : stack.applications) {
            if (application.metrics) {
                names_.insert(application.name);
            }
        }
        for (const auto& exporter : stack.exporters) {
            names_.insert(exporter.name);
            for (const auto& probe :
                 exporter.blackbox ? exporter.blackbox->probes : std::vector<spec::Probe>{}) {
                names_.insert(probe.name);
            }
        }
        if (stack.selfMonitoring.enabled) {
            names_.insert("vigie");
        }
        for (const auto& job : prometheus.scrapeConfigs) {
            names_.insert(job.jobName);
            // The targets, or relabelling, may say another job.
            open_ = open_ || job.honorLabels || job.raw || job.settings.find("relabelings") != nullptr ||
                    job.settings.find("metricRelabelings") != nullptr ||
                    job.settings.find("fileSDConfigs") != nullptr ||
                    job.settings.find("httpSDConfigs") != nullptr;
            for (const auto& group : job.staticConfigs) {
                if (const auto it = group.labels.find("job"); it != group.labels.end()) {
                    names_.insert(it->second);
                }
            }
        }
        open_ = open_ || !prometheus.remoteRead.empty() || prometheus.web.remoteWriteReceiver.value_or(false);
    }

    /// Whether anything may have this job; a document can be too open to tell.
    [[nodiscard]] bool provided(const std::string& job) const { return open_ || names_.count(job) != 0; }
    [[nodiscard]] std::vector<std::string> names() const { return {names_.begin(), names_.end()}; }

private:
    std::set<std::string> names_;
    bool open_ = false;
};

/// The jobs that an expression selects by `job="…"`, or by alternatives of plain words.
std::vector<std::string> jobsOf(std::string_view expression) {
    std::vector<std::string> out;
    for (auto at = expression.find("job"); at != std::string_view::npos;
         at = expression.find("job", at + 1)) {
        const char before = at == 0 ? ' ' : expression[at - 1];
        auto i = expression.find_first_not_of(' ', at + 3);
        if ((before != '{' && before != ',' && before != ' ') || i == std::string_view::npos ||
            expression[i] != '=') {
            continue;
        }
        const bool regex = expression.substr(i, 2) == "=~";
        i = expression.find_first_not_of(' ', i + (regex ? 2 : 1));
        if (i == std::string_view::npos || expression[i] != '"') {
            continue;
        }
        const auto end = expression.find('"', i + 1);
        if (end == std::string_view::npos) {
            break;
        }
        const auto value = expression.substr(i + 1, end - i - 1);
        if (regex && value.find_first_of(".*+?()[]{}\\^$") != std::string_view::npos) {
            continue;
        }
        std::size_t from = 0;
        while (from <= value.size()) {
            const auto bar = regex ? std::min(value.find('|', from), value.size()) : value.size();
            if (bar > from) {
                out.emplace_back(value.substr(from, bar - from));
            }
            from = bar + 1;
        }
    }
    return out;
}

void lintRule(const Node& rule, const FieldPath& at, const Jobs& jobs, const spec::Reporter& report) {
    const bool alert = rule.find("alert") != nullptr;
    const bool record = rule.find("record") != nullptr;
    if (alert == record) {
        report.error("VG0434", at,
                     alert ? "a rule is an alert or a recording, not both" : "a rule without a name",
                     "write `alert: NAME` or `record: NAME`");
    }
    for (const char* field : {"for", "keepFiringFor", "annotations"}) {
        if (record && !alert && rule.find(field) != nullptr) {
            report.error("VG0434", at / field, "a recording rule has no `" + std::string(field) + "`",
                         "remove it, or make the rule an alert");
        }
    }
    const auto* expression = rule.find("expr");
    std::set<std::string> said;
    for (const auto& job : expression == nullptr ? std::vector<std::string>{} : jobsOf(expression->scalar)) {
        if (!jobs.provided(job) && said.insert(job).second) {
            std::string known;
            for (const auto& name : jobs.names()) {
                known += (known.empty() ? "" : ", ") + name;
            }
            report.warning("VG0433", at / "expr",
                           "no job is called `" + job + "`: the rule sees nothing, ever", "jobs: " + known);
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
