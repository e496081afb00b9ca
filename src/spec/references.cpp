// Checks that what the document names exists.

#include "spec/references.hpp"

#include "base/text.hpp"
#include "spec/format.hpp"
#include "spec/rollout.hpp"
#include "spec/secret_uses.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace vigie::spec {
namespace {

/// True if the schema refused one of the names in `list`, so that the list of names is incomplete.
template <class T>
bool someRefused(const Reporter& report, const FieldPath& at, const std::vector<T>& list) {
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (report.refused(at[i] / "name")) {
            return true;
        }
    }
    return list.empty() && report.refused(at);
}

/// The names that something of one kind may have.
struct Known {
    Known(std::string ofWhat, const FieldPath& at, std::vector<std::string> ofThem, bool anyMayBeMeant)
        : what(std::move(ofWhat)), where(at.text()), open(anyMayBeMeant) {
        for (auto& name : ofThem) {
            add(std::move(name));
        }
    }

    void add(std::string name) {
        sorted.insert(name);
        names.push_back(std::move(name));
    }

    std::string what;
    std::string where;
    std::vector<std::string> names;  ///< in the document's order, for people
    std::set<std::string> sorted;    ///< the same
    bool open;                       ///< one of them was refused: any name may be meant
};

template <class T>
Known knownOf(const Reporter& report, const std::string& what, const FieldPath& at,
              const std::vector<T>& list) {
    return {what, at, namesIn(list), someRefused(report, at, list)};
}

/// Collects references to missing names, and reports each name once: renaming one thing is one mistake,
/// however often it is used.
class References {
public:
    References(const Stack& stack, const Reporter& report)
        : report_(report),
          hosts_(knownOf(report, "host", {"spec", "hosts"}, stack.hosts)),
          projects_(knownOf(report, "project", {"spec", "projects"}, stack.projects)),
          secrets_(knownOf(report, "secret", {"spec", "secrets"}, stack.secrets)),
          recipients_(hosts_) {
        for (const auto& key : stack.secretsRecovery) {
            recipients_.add(key.name);
        }
        recipients_.open =
            recipients_.open || someRefused(report, {"spec", "secretsRecovery"}, stack.secretsRecovery);
    }

    void host(const FieldPath& at, const std::string& name) { exists(at, hosts_, name); }
    void project(const FieldPath& at, const std::string& name) { exists(at, projects_, name); }
    void secret(const FieldPath& at, const std::string& name) { exists(at, secrets_, name); }
    // What may be left away.
    void hostIfAny(const FieldPath& at, const std::string& name) { existsIfAny(at, hosts_, name); }
    void projectIfAny(const FieldPath& at, const std::string& name) { existsIfAny(at, projects_, name); }
    /// Of a secret: a host or a recovery key.
    void recipient(const FieldPath& at, const std::string& name) { exists(at, recipients_, name); }

    void existsIfAny(const FieldPath& at, const Known& known, const std::string& name) {
        if (!name.empty() || report_.written(at)) {
            exists(at, known, name);
        }
    }

    void exists(const FieldPath& at, const Known& known, const std::string& name) {
        if (known.sorted.count(name) != 0 || known.open || report_.refused(at) ||
            (name.empty() && report_.answeredFor(at))) {
            return;
        }
        const auto place = report_.positionOf(at);
        const auto [it, isNew] = missing_.try_emplace({known.what, name});
        auto& missing = it->second;
        if (isNew) {
            missing.hint = hintFor(known, name);
        }
        if (missing.uses++ == 0 ||
            std::tie(place.line, place.column) < std::tie(missing.first.line, missing.first.column)) {
            missing.first = place;
        }
    }

    void reportMissing() const {
        for (const auto& [key, missing] : missing_) {
            const auto more = missing.uses - 1;
            report_.error(code::VG0201, missing.first,
                          "there is no " + key.first + " `" + key.second + "`" +
                              (more == 0 ? "" : ", which is also named in " + count(more, "more place")),
                          missing.hint);
        }
    }

private:
    struct Missing {
        Position first;
        std::size_t uses = 0;
        std::string hint;
    };

    /// A name is compared with all that are known, as long as that costs nothing that is noticed.
    std::string hintFor(const Known& known, const std::string& name) {
        constexpr std::size_t kMostCompared = 100'000;
        compared_ += known.names.size();
        if (const auto close = compared_ > kMostCompared ? std::string() : nearest(name, known.names);
            !close.empty()) {
            return "did you mean `" + close + "`?";
        }
        if (known.what == "secret" && !checkFormat("name", name)) {  // else the command would be another one
            return "create it with `printf %s 'the value' | vigie seal " + name +
                   " DIR`, which prints the lines for `" + known.where + "`" +
                   (known.names.empty() ? "" : "; known: " + joinSome(known.names, ", "));
        }
        return known.names.empty() ? "`" + known.where + "` is empty: add it there"
                                   : "known: " + joinSome(known.names, ", ");
    }

    const Reporter& report_;
    Known hosts_;
    Known projects_;
    Known secrets_;
    Known recipients_;
    std::size_t compared_ = 0;
    std::map<std::pair<std::string, std::string>, Missing> missing_;  ///< by what it is, and its name
};

void checkReplicas(References& refs, const FieldPath& at, const std::vector<Replica>& replicas) {
    for (std::size_t i = 0; i < replicas.size(); ++i) {
        refs.project(at[i] / "project", replicas[i].project);
    }
}

struct Names {
    Known receivers;
    Known intervals;
};

void checkIntervals(References& refs, const Names& names, const FieldPath& at,
                    const std::vector<std::string>& used) {
    for (std::size_t i = 0; i < used.size(); ++i) {
        refs.exists(at[i], names.intervals, used[i]);
    }
}

void checkRoutes(References& refs, const Names& names, const FieldPath& at,
                 const std::vector<ChildRoute>& routes) {
    for (std::size_t i = 0; i < routes.size(); ++i) {
        refs.existsIfAny(at[i] / "receiver", names.receivers, routes[i].receiver);
        checkIntervals(refs, names, at[i] / "muteTimeIntervals", routes[i].muteTimeIntervals);
        checkIntervals(refs, names, at[i] / "activeTimeIntervals", routes[i].activeTimeIntervals);
        checkRoutes(refs, names, at[i] / "routes", routes[i].routes);
    }
}

/// With `configFile`, the settings of that file cannot be in the document as well.
void checkNothingBeside(const Alertmanager& alertmanager, const Reporter& report, const FieldPath& at) {
    for (const auto& [field, said] : {std::pair{"route", alertmanager.route != Route{}},
                                      std::pair{"receivers", !alertmanager.receivers.empty()},
                                      std::pair{"smtp", alertmanager.smtp.has_value()},
                                      std::pair{"global", alertmanager.global.has_value()},
                                      std::pair{"inhibitRules", !alertmanager.inhibitRules.empty()},
                                      std::pair{"timeIntervals", !alertmanager.timeIntervals.empty()},
                                      std::pair{"templates", !alertmanager.templates.empty()},
                                      std::pair{"configFrom", alertmanager.configFrom.has_value()}}) {
        if (said) {
            report.error(code::VG0510, at / field,
                         std::string("`") + field + "` has no effect beside `configFile: " +
                             alertmanager.configFile + "`, which vigie does not write",
                         "write it into that file on the host, or remove `configFile`");
        }
    }
}

void checkNames(const Alertmanager& alertmanager, References& refs, const Reporter& report) {
    const FieldPath at{"spec", "alertmanager"};
    const FieldPath intervals = at / "timeIntervals";
    Names names{knownOf(report, "receiver", at / "receivers", alertmanager.receivers),
                {"time interval", intervals, {}, someRefused(report, intervals, alertmanager.timeIntervals)}};
    names.receivers.open = names.receivers.open || alertmanager.receivers.empty();  // reported already
    for (const auto& interval : alertmanager.timeIntervals) {
        const auto* name = interval.find("name");
        names.intervals.add(name == nullptr ? "" : name->scalar);
    }
    refs.exists(at / "route" / "receiver", names.receivers, alertmanager.route.receiver);
    checkRoutes(refs, names, at / "route" / "routes", alertmanager.route.routes);
}

void checkAlertmanager(const Stack& stack, References& refs, const Reporter& report) {
    const FieldPath at{"spec", "alertmanager"};
    const Alertmanager& alertmanager = *stack.alertmanager;
    refs.project(at / "project", alertmanager.project);
    checkReplicas(refs, at / "replicas", alertmanager.replicas);
    if (!alertmanager.configFile.empty()) {
        checkNothingBeside(alertmanager, report, at);
        return;
    }
    if (alertmanager.had.attach && alertmanager.receivers.empty() && alertmanager.route == Route{}) {
        return;  // nothing of it is written
    }
    if (alertmanager.configFrom) {
        return;  // names may be in that file: whoever reads it calls `checkAlertmanagerNames`
    }
    for (const auto& [field, absent, what] :
         {std::tuple{"route", alertmanager.route == Route{}, "the routing of alerts."},
          std::tuple{"receivers", alertmanager.receivers.empty(), "the receivers of alerts."}}) {
        if (absent && !report.written(at / field)) {
            report.error(code::VG0103, at, std::string("`alertmanager` lacks `") + field + "`",
                         std::string(field) + ": " + what +
                             " Or name a configuration file on the host in `configFile`");
        }
    }
    checkNames(alertmanager, refs, report);
}

void checkWaiting(const Stack& stack, References& refs, const Reporter& report) {
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
        report.error(code::VG0205, spec / (stack.rollout.empty() ? "hosts" : "rollout"),
                     "hosts wait for each other: " + joinSome(cycle, " waits for "),
                     "none of these hosts could ever start: remove one from `rollout` or `dependsOn`");
    }
}

void checkHealthChecks(const Stack& stack, References& refs, const Reporter& report) {
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
            report.error(code::VG0511, at, "a health check must name either a container or a URL",
                         "write `{ project: …, service: … }`, or `{ url: …, host: … }` (`host` is optional)");
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
                report.error(code::VG0512, (FieldPath{"spec", "ignore"}[i] / "fields")[j],
                             "`" + rule.resource + "` has no field `" + rule.fields[j] + "` that is compared",
                             known.empty() ? "such a resource is compared as a whole: remove `fields`"
                                           : "its fields: " + join(known, ", "));
            }
        }
    }
}

/// What is the host's or the stack's, and has references in it.
void checkReconciling(const Stack& stack, References& refs, const Reporter& report) {
    checkHealthChecks(stack, refs, report);
    checkIgnored(stack, report);
}

}  // namespace

void checkReferences(const Stack& stack, const Reporter& report) {
    References refs(stack, report);
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
    for (std::size_t i = 0; i < stack.wireguard.guests.size(); ++i) {
        refs.hostIfAny((wireguard / "guests")[i] / "host", stack.wireguard.guests[i].host);
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
        checkReplicas(refs, spec / "prometheus" / "replicas", stack.prometheus->replicas);
    }
    if (stack.jaeger) {
        refs.project(spec / "jaeger" / "project", stack.jaeger->project);
    }
    if (stack.grafana) {
        refs.project(spec / "grafana" / "project", stack.grafana->project);
    }
    if (stack.alertmanager) {
        checkAlertmanager(stack, refs, report);
    }
    for (const auto& use : secretUses(stack)) {
        refs.secret(use.at, use.secret);
    }
    refs.reportMissing();
}

void checkAlertmanagerNames(const Stack& stack, const Reporter& report) {
    References refs(stack, report);
    checkNames(*stack.alertmanager, refs, report);
    refs.reportMissing();
}

}  // namespace vigie::spec
