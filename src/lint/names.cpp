// Names of labels and metrics, wherever the document has one.

#include "spec/names.hpp"

#include "lint/rules.hpp"
#include "spec/settings.hpp"

#include <algorithm>
#include <set>

namespace vigie::lint {
namespace {

using spec::FieldPath;
using spec::Names;
using spec::Node;
using spec::Program;

const FieldPath kPrometheus{"spec", "prometheus"};
const FieldPath kAlertmanager{"spec", "alertmanager"};

/// Reports names that one program does not take. Empty ones were reported by the schema.
class NameCheck {
public:
    NameCheck(Program program, Names names, const spec::Reporter& report)
        : program_(program), names_(names), report_(report) {}

    void label(const std::string& name, const FieldPath& at) const {
        if (!name.empty() && !spec::isLabelName(name, names_)) {
            refuse(at, "`" + name + "` is not a valid label name");
        }
    }
    template <class Keys>
    void labels(const Keys& keys, const FieldPath& at) const {
        for (const auto& [name, value] : keys) {
            if (!name.empty() && !spec::isLabelName(name, names_)) {
                refuse(at / name, "`" + name + "` is not a valid label name");
            }
        }
    }
    void labels(const Node& map, const FieldPath& at) const {
        for (const auto& entry : map.entries) {
            if (!entry.key.empty() && !spec::isLabelName(entry.key, names_)) {
                refuse(at / entry.key, "`" + entry.key + "` is not a valid label name");
            }
        }
    }
    void list(const std::vector<std::string>& list, const FieldPath& at) const {
        for (std::size_t i = 0; i < list.size(); ++i) {
            label(list[i], at[i]);
        }
    }
    void items(const Node& list, const FieldPath& at) const {
        for (std::size_t i = 0; i < list.items.size(); ++i) {
            label(list.items[i].scalar, at[i]);
        }
    }
    void refuse(const FieldPath& at, const std::string& message) const {
        report_.error(code::VG0452, at, message, spec::nameHint(program_, names_));
    }

private:
    Program program_;
    Names names_;
    const spec::Reporter& report_;
};

/// The labels that a step of a relabelling writes.
void lintStep(const Node& step, const FieldPath& at, Names names, const NameCheck& check) {
    const auto text = [&](const char* field) {
        const auto* value = step.find(field);
        return value == nullptr ? std::string() : value->scalar;
    };
    const auto action = text("action");
    const auto target = text("targetLabel");
    const bool references = target.find('$') != std::string::npos && (action.empty() || action == "replace");
    if (!target.empty() &&
        !(references ? spec::isLabelTemplate(target, names) : spec::isLabelName(target, names))) {
        check.refuse(at / "targetLabel", "`" + target + "` is not a valid label name");
    }
    const auto replacement = text("replacement");
    if (action == "labelmap" && !replacement.empty() && !spec::isLabelTemplate(replacement, names)) {
        check.refuse(at / "replacement", "`" + replacement + "` does not produce valid label names");
    }
}

void lintRuleNames(const spec::Setting& setting, Names names, const NameCheck& check) {
    const auto& value = setting.value;
    if (setting.field == "record" && !value.scalar.empty() && !spec::isMetricName(value.scalar, names)) {
        check.refuse(setting.at, "`" + value.scalar + "` is not a valid metric name");
    } else if (setting.field == "labels" || setting.field == "annotations") {
        check.labels(value, setting.at);
    }
    if (setting.field == "labels" && value.find("__name__") != nullptr) {
        check.refuse(setting.at / "__name__",
                     "a rule cannot set `__name__`: the metric name comes from `record`");
    }
}

void lintSettingNames(const spec::Stack& stack, const NameCheck& check) {
    static const std::set<std::string_view> kSteps = {"relabelings", "metricRelabelings", "alertRelabelings",
                                                      "writeRelabelings"};
    const auto& prometheus = *stack.prometheus;
    const Node* global = prometheus.global ? &*prometheus.global : nullptr;
    const Names names = spec::namesOf(Program::prometheus, prometheus.image);
    for (const auto& block : spec::settingBlocks(stack)) {
        if (block.program != Program::prometheus) {
            continue;
        }
        const Names targets = spec::namesOfTargets(
            prometheus.image, block.where == "scrapeConfigs" ? block.settings : nullptr, global);
        if (block.where == "relabelings") {
            lintStep(*block.settings, block.at, targets, check);
        }
        spec::forEachSetting(block, [&](const spec::Setting& setting) {
            if (kSteps.count(setting.field) != 0) {
                for (std::size_t i = 0; i < setting.value.items.size(); ++i) {
                    lintStep(setting.value.items[i], setting.at[i], targets, check);
                }
            } else if (setting.field == "sourceLabels") {
                check.items(setting.value, setting.at);
            } else if (setting.field == "requiredMatchers") {
                check.labels(setting.value, setting.at);
            } else if (block.where == "ruleGroups") {
                lintRuleNames(setting, names, check);
            }
        });
    }
}

void lintPrometheusNames(const spec::Stack& stack, const spec::Reporter& report) {
    const auto& prometheus = *stack.prometheus;
    const NameCheck check(Program::prometheus, spec::namesOf(Program::prometheus, prometheus.image), report);
    const NameCheck external(
        Program::prometheus,
        spec::namesOfTargets(prometheus.image, nullptr, prometheus.global ? &*prometheus.global : nullptr),
        report);
    external.labels(prometheus.externalLabels, kPrometheus / "externalLabels");
    for (std::size_t i = 0; i < stack.exporters.size(); ++i) {
        external.labels(stack.exporters[i].scrape.labels, FieldPath{"spec", "exporters"}[i] / "labels");
    }
    for (std::size_t i = 0; i < prometheus.replicas.size(); ++i) {
        external.labels(prometheus.replicas[i].externalLabels,
                        (kPrometheus / "replicas")[i] / "externalLabels");
    }
    for (std::size_t i = 0; i < prometheus.scrapeConfigs.size(); ++i) {
        const auto& groups = prometheus.scrapeConfigs[i].staticConfigs;
        for (std::size_t j = 0; j < groups.size(); ++j) {
            check.labels(groups[j].labels,
                         ((kPrometheus / "scrapeConfigs")[i] / "staticConfigs")[j] / "labels");
        }
    }
    for (std::size_t i = 0; i < stack.exporters.size(); ++i) {
        const auto& blackbox = stack.exporters[i].blackbox;
        for (std::size_t j = 0; blackbox && j < blackbox->probes.size(); ++j) {
            check.labels(blackbox->probes[j].labels,
                         (FieldPath{"spec", "exporters"}[i] / "blackbox" / "probes")[j] / "labels");
        }
    }
    lintSettingNames(stack, check);
}

void lintRouteNames(const std::vector<spec::ChildRoute>& routes, const FieldPath& at,
                    const NameCheck& check) {
    for (std::size_t i = 0; i < routes.size(); ++i) {
        if (routes[i].groupBy != std::vector<std::string>{"..."}) {
            check.list(routes[i].groupBy, at[i] / "groupBy");
        }
        lintRouteNames(routes[i].routes, at[i] / "routes", check);
    }
}

void lintAlertmanagerNames(const spec::Alertmanager& alertmanager, const spec::Reporter& report) {
    const NameCheck check(Program::alertmanager, spec::namesOf(Program::alertmanager, alertmanager.image),
                          report);
    for (std::size_t i = 0; i < alertmanager.silences.size(); ++i) {
        const auto& matchers = alertmanager.silences[i].matchers;
        for (std::size_t j = 0; j < matchers.size(); ++j) {
            check.label(matchers[j].name, ((kAlertmanager / "silences")[i] / "matchers")[j] / "name");
        }
    }
    if (!alertmanager.configFile.empty()) {
        return;
    }
    if (alertmanager.route.groupBy != std::vector<std::string>{"..."}) {
        check.list(alertmanager.route.groupBy, kAlertmanager / "route" / "groupBy");
    }
    lintRouteNames(alertmanager.route.routes, kAlertmanager / "route" / "routes", check);
    for (std::size_t i = 0; i < alertmanager.inhibitRules.size(); ++i) {
        if (const auto* equal = alertmanager.inhibitRules[i].find("equal")) {
            check.items(*equal, (kAlertmanager / "inhibitRules")[i] / "equal");
        }
    }
}

/// Labels of hosts become labels of targets.
void lintHostLabels(const spec::Stack& stack, const spec::Reporter& report) {
    const Names names =
        stack.prometheus ? spec::namesOf(Program::prometheus, stack.prometheus->image) : Names::any;
    for (std::size_t i = 0; i < stack.hosts.size(); ++i) {
        for (const auto& [name, value] : stack.hosts[i].labels) {
            const bool ours = name.starts_with("__") || name == "job" || name == "instance";
            if (!name.empty() && (ours || !spec::isLabelName(name, names))) {
                report.error(code::VG0323, FieldPath{"spec", "hosts"}[i] / "labels" / name,
                             "`" + name + "` cannot be a label of the host's targets",
                             ours ? "choose another name: `job`, `instance` and names that begin with `__` "
                                    "are reserved by Prometheus"
                                  : spec::nameHint(Program::prometheus, names));
            }
        }
    }
}

}  // namespace

void lintNames(const spec::Stack& stack, const spec::Reporter& report) {
    lintHostLabels(stack, report);
    if (stack.prometheus) {
        lintPrometheusNames(stack, report);
    }
    if (stack.alertmanager) {
        lintAlertmanagerNames(*stack.alertmanager, report);
    }
}

}  // namespace vigie::lint
