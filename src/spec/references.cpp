#include "spec/references.hpp"

#include "base/text.hpp"
#include "spec/rollout.hpp"
#include "spec/secret_uses.hpp"

#include <algorithm>
#include <tuple>

namespace vigie::spec {
namespace {

template <class T>
std::vector<std::string> namesOf(const std::vector<T>& list) {
    std::vector<std::string> out;
    out.reserve(list.size());
    for (const auto& item : list) {
        out.push_back(item.name);
    }
    return out;
}

class References {
public:
    References(const Stack& stack, const Reporter& report)
        : report_(report),
          hosts_(namesOf(stack.hosts)),
          projects_(namesOf(stack.projects)),
          secrets_(namesOf(stack.secrets)),
          recipients_(hosts_) {
        for (const auto& key : stack.secretsRecovery) {
            recipients_.push_back(key.name);
        }
    }

    void host(const FieldPath& at, const std::string& name) const {
        exists(at, "host", "spec.hosts", hosts_, name);
    }
    void project(const FieldPath& at, const std::string& name) const {
        exists(at, "project", "spec.projects", projects_, name);
    }
    // What may be left away.
    void hostIfAny(const FieldPath& at, const std::string& name) const {
        if (said(at, name)) {
            host(at, name);
        }
    }
    void projectIfAny(const FieldPath& at, const std::string& name) const {
        if (said(at, name)) {
            project(at, name);
        }
    }
    void secret(const FieldPath& at, const std::string& name) const {
        exists(at, "secret", "spec.secrets", secrets_, name);
    }
    /// Of a secret: a host or a recovery key.
    void recipient(const FieldPath& at, const std::string& name) const {
        exists(at, "host", "spec.hosts", recipients_, name);
    }
    void receiver(const FieldPath& at, const std::vector<std::string>& receivers,
                  const std::string& name) const {
        exists(at, "receiver", "spec.alertmanager.receivers", receivers, name);
    }
    void receiverIfAny(const FieldPath& at, const std::vector<std::string>& receivers,
                       const std::string& name) const {
        if (said(at, name)) {
            receiver(at, receivers, name);
        }
    }

    void interval(const FieldPath& at, const std::vector<std::string>& intervals,
                  const std::string& name) const {
        exists(at, "time interval", "spec.alertmanager.timeIntervals", intervals, name);
    }

private:
    [[nodiscard]] bool said(const FieldPath& at, const std::string& name) const {
        return !name.empty() || report_.written(at);
    }

    void exists(const FieldPath& at, const std::string& what, const std::string& where,
                const std::vector<std::string>& known, const std::string& name) const {
        const bool there = std::find(known.begin(), known.end(), name) != known.end();
        if (there || (name.empty() && report_.answeredFor(at))) {
            return;
        }
        const auto close = nearest(name, known);
        std::string hint = "did you mean `" + close + "`?";
        if (close.empty()) {
            hint = known.empty() ? "`" + where + "` is empty: add it there" : "known: " + join(known, ", ");
        }
        report_.error("VG0201", at, "there is no " + what + " `" + name + "`", hint);
    }

    const Reporter& report_;
    std::vector<std::string> hosts_;
    std::vector<std::string> projects_;
    std::vector<std::string> secrets_;
    std::vector<std::string> recipients_;
};

/// Servers of ours run in projects that we render as a whole.
void checkOwnProject(const Stack& stack, const Reporter& report, const FieldPath& at,
                     const std::string& name) {
    const Project* project = stack.project(name);
    if (project != nullptr && !project->ours()) {
        report.error("VG0202", at, "`" + name + "` is a project of the user's own, with `composeFiles`",
                     "put this server into a project without `composeFiles`, which vigie renders");
    }
}

void checkReplicas(const Stack& stack, const References& refs, const Reporter& report, const FieldPath& at,
                   const std::vector<Replica>& replicas) {
    for (std::size_t i = 0; i < replicas.size(); ++i) {
        refs.project(at[i] / "project", replicas[i].project);
        checkOwnProject(stack, report, at[i] / "project", replicas[i].project);
    }
}

struct Names {
    std::vector<std::string> receivers;
    std::vector<std::string> intervals;
};

void checkIntervals(const References& refs, const Names& names, const FieldPath& at,
                    const std::vector<std::string>& used) {
    for (std::size_t i = 0; i < used.size(); ++i) {
        refs.interval(at[i], names.intervals, used[i]);
    }
}

void checkRoutes(const References& refs, const Names& names, const FieldPath& at,
                 const std::vector<ChildRoute>& routes) {
    for (std::size_t i = 0; i < routes.size(); ++i) {
        refs.receiverIfAny(at[i] / "receiver", names.receivers, routes[i].receiver);
        checkIntervals(refs, names, at[i] / "muteTimeIntervals", routes[i].muteTimeIntervals);
        checkIntervals(refs, names, at[i] / "activeTimeIntervals", routes[i].activeTimeIntervals);
        checkRoutes(refs, names, at[i] / "routes", routes[i].routes);
    }
}

/// What stands in the host's own file cannot stand in the document as well.
void checkNothingBeside(const Alertmanager& alertmanager, const Reporter& report, const FieldPath& at) {
    for (const auto& [field, said] : {std::pair{"route", alertmanager.route != Route{}},
                                      std::pair{"receivers", !alertmanager.receivers.empty()},
                                      std::pair{"smtp", alertmanager.smtp.has_value()},
                                      std::pair{"global", alertmanager.global.has_value()},
                                      std::pair{"inhibitRules", !alertmanager.inhibitRules.empty()},
                                      std::pair{"timeIntervals", !alertmanager.timeIntervals.empty()},
                                      std::pair{"templates", !alertmanager.templates.empty()}}) {
        if (said) {
            report.error("VG0510", at / field,
                         std::string("`") + field + "` has no effect beside `configFile: " +
                             alertmanager.configFile + "`, which vigie does not write",
                         "write it into that file on the host, or remove `configFile`");
        }
    }
}

void checkAlertmanager(const Stack& stack, const References& refs, const Reporter& report) {
    const FieldPath at{"spec", "alertmanager"};
    const Alertmanager& alertmanager = *stack.alertmanager;
    refs.project(at / "project", alertmanager.project);
    checkOwnProject(stack, report, at / "project", alertmanager.project);
    checkReplicas(stack, refs, report, at / "replicas", alertmanager.replicas);
    if (!alertmanager.configFile.empty()) {
        checkNothingBeside(alertmanager, report, at);
        return;
    }
    for (const auto& [field, absent, what] :
         {std::tuple{"route", alertmanager.route == Route{}, "Where alerts go."},
          std::tuple{"receivers", alertmanager.receivers.empty(), "Who is told."}}) {
        if (absent && !report.written(at / field)) {
            report.error("VG0103", at, std::string("`alertmanager` lacks `") + field + "`",
                         std::string(field) + ": " + what + " Or name the host's own file in `configFile`");
        }
    }
    Names names{namesOf(alertmanager.receivers), {}};
    for (const auto& interval : alertmanager.timeIntervals) {
        const auto* name = interval.find("name");
        names.intervals.push_back(name == nullptr ? "" : name->scalar);
    }
    refs.receiver(at / "route" / "receiver", names.receivers, alertmanager.route.receiver);
    checkRoutes(refs, names, at / "route" / "routes", alertmanager.route.routes);
}

void checkWaiting(const Stack& stack, const References& refs, const Reporter& report) {
    const FieldPath spec{"spec"};
    for (std::size_t i = 0; i < stack.hosts.size(); ++i) {
        for (std::size_t j = 0; j < stack.hosts[i].dependsOn.size(); ++j) {
            refs.host(((spec / "hosts")[i] / "dependsOn")[j], stack.hosts[i].dependsOn[j]);
        }
    }
    for (std::size_t i = 0; i < stack.rollout.size(); ++i) {
        refs.host((spec / "rollout")[i], stack.rollout[i]);
    }
    if (const auto cycle = waitingCycle(stack); !cycle.empty()) {
        report.error("VG0205", spec / (stack.rollout.empty() ? "hosts" : "rollout"),
                     "hosts wait for each other: " + join(cycle, " waits for "),
                     "nobody of them would ever begin: take one out of `rollout` or `dependsOn`");
    }
}

void checkHealthChecks(const Stack& stack, const References& refs, const Reporter& report) {
    for (std::size_t i = 0; i < stack.healthChecks.size(); ++i) {
        const auto& check = stack.healthChecks[i];
        const FieldPath at = FieldPath{"spec", "healthChecks"}[i];
        refs.projectIfAny(at / "project", check.project);
        refs.hostIfAny(at / "host", check.host);
        const bool container = !check.project.empty() || !check.service.empty();
        const bool whole = !check.project.empty() && !check.service.empty();
        if (report.refused(at / "project") || report.refused(at / "service") || report.refused(at / "url")) {
            continue;
        }
        if (container == !check.url.empty() || container != whole || (container && !check.host.empty())) {
            report.error(
                "VG0511", at, "this is neither the check of a container nor that of an address",
                "write `{ project: …, service: … }`, or `{ url: …, host: … }` with a host or without");
        }
    }
}

void checkIgnored(const Stack& stack, const Reporter& report) {
    for (std::size_t i = 0; i < stack.ignore.size(); ++i) {
        const auto& rule = stack.ignore[i];
        const auto& known =
            comparedFields(std::string_view(rule.resource).substr(0, rule.resource.find(':')));
        for (std::size_t j = 0; j < rule.fields.size() && rule.resource.find(':') != std::string::npos; ++j) {
            if (std::find(known.begin(), known.end(), rule.fields[j]) == known.end()) {
                report.error("VG0512", (FieldPath{"spec", "ignore"}[i] / "fields")[j],
                             "`" + rule.resource + "` has no field `" + rule.fields[j] + "` that is compared",
                             known.empty() ? "such a resource is compared as a whole: remove `fields`"
                                           : "its fields: " + join(known, ", "));
            }
        }
    }
}

/// What is the host's or the stack's, and has references in it.
void checkReconciling(const Stack& stack, const References& refs, const Reporter& report) {
    checkHealthChecks(stack, refs, report);
    checkIgnored(stack, report);
}

}  // namespace

void checkReferences(const Stack& stack, const Reporter& report) {
    const References refs(stack, report);
    const FieldPath spec{"spec"};
    const FieldPath wireguard = spec / "wireguard";
    refs.hostIfAny(wireguard / "hub", stack.wireguard.hub);
    for (std::size_t i = 0; i < stack.wireguard.presharedKeys.size(); ++i) {
        const auto& key = stack.wireguard.presharedKeys[i];
        const FieldPath at = (wireguard / "presharedKeys")[i];
        for (std::size_t j = 0; j < key.hosts.size(); ++j) {
            refs.host((at / "hosts")[j], key.hosts[j]);
        }
    }
    for (std::size_t i = 0; i < stack.projects.size(); ++i) {
        refs.host((spec / "projects")[i] / "host", stack.projects[i].host);
    }
    checkWaiting(stack, refs, report);
    checkReconciling(stack, refs, report);
    for (std::size_t i = 0; i < stack.applications.size(); ++i) {
        refs.project((spec / "applications")[i] / "project", stack.applications[i].project);
    }
    for (std::size_t i = 0; i < stack.exporters.size(); ++i) {
        const FieldPath at = (spec / "exporters")[i];
        refs.project(at / "project", stack.exporters[i].project);
    }
    for (std::size_t i = 0; i < stack.secrets.size(); ++i) {
        for (const auto& [host, ciphertext] : stack.secrets[i].sealed) {
            refs.recipient((spec / "secrets")[i] / "sealed" / host, host);
        }
    }
    if (stack.prometheus) {
        refs.project(spec / "prometheus" / "project", stack.prometheus->project);
        checkOwnProject(stack, report, spec / "prometheus" / "project", stack.prometheus->project);
        checkReplicas(stack, refs, report, spec / "prometheus" / "replicas", stack.prometheus->replicas);
    }
    if (stack.jaeger) {
        refs.project(spec / "jaeger" / "project", stack.jaeger->project);
        checkOwnProject(stack, report, spec / "jaeger" / "project", stack.jaeger->project);
    }
    if (stack.grafana) {
        refs.project(spec / "grafana" / "project", stack.grafana->project);
        checkOwnProject(stack, report, spec / "grafana" / "project", stack.grafana->project);
    }
    if (stack.alertmanager) {
        checkAlertmanager(stack, refs, report);
    }
    for (const auto& use : secretUses(stack)) {
        refs.secret(use.at, use.secret);
    }
}

}  // namespace vigie::spec
