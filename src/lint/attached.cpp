// What is attached: whose project it is, who else speaks of the same service, and what does not happen.

#include "spec/attached.hpp"

#include "base/text.hpp"
#include "lint/rules.hpp"
#include "spec/jobs.hpp"
#include "spec/stack.hpp"

#include <initializer_list>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace vigie::lint {
namespace {

using spec::AttachedComponent;
using spec::FieldPath;

void lintProject(const spec::Stack& stack, const AttachedComponent& component, const spec::Reporter& report) {
    const auto at = component.at / "attach";
    if (component.attach->service.empty() && !report.written(at / "service") && !report.refused(at)) {
        report.error(code::VG0550, at, component.name + " is attached to no service",
                     "write `attach: SERVICE`, the service of your compose file that runs it");
        return;
    }
    const auto* project = stack.project(component.project);
    if (project != nullptr && project->ours() && !report.refused(component.at / "project")) {
        report.error(code::VG0550, at,
                     "project `" + project->name +
                         "` is one that vigie writes itself: nothing of yours runs "
                         "there",
                     "name the project of your own, the one with `composeFiles`, or remove `attach`");
    }
}

/// Two of the document mean the same container.
void lintOwners(const spec::Stack& stack, const std::vector<AttachedComponent>& components,
                const spec::Reporter& report) {
    std::map<std::string, std::string> owners;  // by project and service
    for (const auto& component : components) {
        const auto key = component.project + "/" + component.attach->service;
        const auto [first, inserted] = owners.emplace(key, component.name);
        if (!inserted && !component.attach->service.empty()) {
            report.error(code::VG0551, component.at / "attach",
                         "service `" + component.attach->service + "` of project `" + component.project +
                             "` is " + first->second + " already",
                         "one service runs one program: name the service of " + component.name);
        }
    }
    for (std::size_t i = 0; i < stack.applications.size(); ++i) {
        const auto& application = stack.applications[i];
        const auto it = owners.find(application.project + "/" + application.service);
        if (it != owners.end() &&
            (application.traces || !application.env.empty() || !application.rebuild.empty())) {
            report.error(code::VG0551, FieldPath{"spec", "applications"}[i] / "service",
                         "service `" + application.service + "` is attached as " + it->second +
                             ", and `traces`, `env` or `rebuild` would recreate its container",
                         "remove these fields, or `attach`");
        }
    }
}

/// A silence is made at an address, and an attached Alertmanager need not have one.
void lintSilences(const spec::Stack& stack, const spec::Reporter& report) {
    if (stack.alertmanager && stack.alertmanager->had.attach && !stack.alertmanager->silences.empty()) {
        report.error(code::VG0548, FieldPath{"spec", "alertmanager", "silences"},
                     "vigie makes no silences in an Alertmanager that is attached",
                     "make them there (`amtool silence add`), or write `timeIntervals`, which mute a route");
    }
}

/// Nothing of its configuration is written, so that nothing of what the document adds is in it.
void lintUnscraped(const spec::Stack& stack, const spec::Reporter& report) {
    if (!stack.prometheus || !stack.prometheus->had.attach || spec::writesConfiguration(*stack.prometheus)) {
        return;
    }
    auto jobs = spec::derivedJobs(stack);
    std::erase(jobs, "prometheus");
    if (!jobs.empty()) {
        report.warning(code::VG0552, FieldPath{"spec", "prometheus", "attach"},
                       "nothing of this Prometheus' configuration is written, so that these are scraped only "
                       "if it does so already: " +
                           joinSome(jobs, ", "),
                       "name its configuration in the repository: `configFrom: { file: prometheus.yml }`");
    }
}

/// Whether somebody has written the field: what the schema fills in has no place of its own.
bool byHand(const FieldPath& at, std::string_view field, const spec::Reporter& report) {
    const auto whole = report.positionOf(at);
    const auto own = report.positionOf(at / field);
    return report.written(at / field) && (own.line != whole.line || own.column != whole.column);
}

void lintVain(const FieldPath& at, const std::string& name, std::initializer_list<std::string_view> fields,
              const spec::Reporter& report) {
    for (const auto field : fields) {
        if (byHand(at, field, report)) {
            report.error(code::VG0548, at / field, name + " is attached: its container is entirely yours",
                         "write this into your own compose file, or remove `attach`");
        }
    }
}

void lintSettingsInVain(const spec::Stack& stack, const spec::Reporter& report) {
    const FieldPath spec{"spec"};
    if (stack.prometheus && stack.prometheus->had.attach) {
        lintVain(spec / "prometheus", "Prometheus",
                 {"networks", "data", "compose", "retention", "dataDirectory", "image", "query",
                  "enableFeatures", "extraArgs", "replicas"},
                 report);
    }
    if (stack.alertmanager && stack.alertmanager->had.attach) {
        lintVain(spec / "alertmanager", "Alertmanager",
                 {"networks", "data", "compose", "image", "extraArgs", "replicas", "clusterPort"}, report);
    }
    if (stack.grafana && stack.grafana->had.attach) {
        lintVain(spec / "grafana", "Grafana", {"networks", "data", "compose"}, report);
    }
    if (stack.jaeger && stack.jaeger->had.attach) {
        lintVain(spec / "jaeger", "Jaeger", {"networks", "data", "compose"}, report);
    }
    for (std::size_t i = 0; i < stack.exporters.size(); ++i) {
        const auto& exporter = stack.exporters[i];
        if (exporter.attach) {
            lintVain((spec / "exporters")[i], "exporter `" + exporter.name + "`",
                     {"env", "image", "extraArgs", toText(exporter.type)}, report);
        }
    }
}

}  // namespace

void lintAttached(const spec::Stack& stack, const spec::Reporter& report) {
    const auto components = spec::attachedIn(stack);
    for (const auto& component : components) {
        lintProject(stack, component, report);
    }
    lintOwners(stack, components, report);
    lintUnscraped(stack, report);
    lintSilences(stack, report);
    lintSettingsInVain(stack, report);
}

}  // namespace vigie::lint
