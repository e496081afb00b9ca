// The compose projects of a host as the document and as the host's facts name them.

#include "base/text.hpp"
#include "lint/findings.hpp"
#include "lint/host_facts_view.hpp"

#include <algorithm>

namespace vigie::lint {
namespace {

using spec::FieldPath;

std::vector<std::string> namesOf(const Services& services) {
    std::vector<std::string> out;
    for (const auto& [name, service] : services) {
        out.push_back(name);
    }
    return out;
}

/// Docker Compose identifies the containers of a project by its name.
void lintNames(HostFactsView& host, const spec::Reporter& report) {
    for (const auto* project : host.projects()) {
        const auto* all = host.allProjects();
        for (const auto& facts : all == nullptr ? std::vector<facts::ProjectFacts>{} : *all) {
            const FieldPath at = host.pathOf(*project);
            if (facts.name == project->name && facts.directory != project->directory) {
                report.warning(
                    code::VG0372, at / "directory",
                    "compose project `" + project->name + "` of host `" + host.host().name +
                        "` was started from " + printable(facts.directory) + ", not from " +
                        project->directory,
                    "write the directory of the host, or start the project from the one in the document");
            } else if (facts.name != project->name && facts.directory == project->directory) {
                report.warning(
                    code::VG0372, at / "name",
                    "the compose project in " + facts.directory + " is called `" + printable(facts.name) +
                        "` on the host: vigie would create a second set of containers named `" +
                        project->name + "`",
                    "write `name: " + printable(facts.name) + "`, or take the other one down first");
            }
        }
    }
}

void lintFiles(HostFactsView& host, const spec::Reporter& report) {
    for (const auto* project : host.projects()) {
        const auto* facts = host.project(*project);
        if (facts == nullptr || facts->files.empty() || facts->directory != project->directory) {
            continue;
        }
        std::vector<std::string> wanted;
        for (const auto& file : project->composeFiles) {
            wanted.push_back(pathIn(*project, file));
        }
        auto there = facts->files;
        there.erase(std::remove(there.begin(), there.end(), pathIn(*project, project->overrideFile)),
                    there.end());
        if (there != wanted) {
            report.warning(
                code::VG0373, host.pathOf(*project) / "composeFiles",
                "`composeFiles` does not list the files with which project `" + project->name +
                    "` was started: " + printable(joinSome(there, ", ")),
                "write the same files in the same order: settings from other files are lost when a container "
                "is recreated");
        }
    }
}

void lintNamed(HostFactsView& host, const spec::Reporter& report) {
    for (const auto& named : host.named()) {
        const auto* services = host.services(*named.project);
        if (services != nullptr && services->count(named.service) == 0) {
            const auto known = namesOf(*services);
            const auto close = nearest(named.service, known);
            report.warning(code::VG0354, named.at,
                           "compose project `" + named.project->name + "` of host `" + host.host().name +
                               "` has no service `" + named.service + "`",
                           close.empty() ? "its services: " + printable(joinSome(known, ", "))
                                         : "did you mean `" + printable(close) + "`?");
        }
    }
}

/// Compose merges a service that several files have, and appends its ports.
void lintMerged(HostFactsView& host, const spec::Reporter& report) {
    for (std::size_t i = 0; i < host.stack().exporters.size(); ++i) {
        const auto& exporter = host.stack().exporters[i];
        const auto* project = host.stack().project(exporter.project);
        if (project == nullptr || project->ours() || project->host != host.host().name ||
            exporter.name.empty()) {
            continue;
        }
        const auto* theirs = host.service(*project, exporter.serviceName());
        if (theirs == nullptr) {
            continue;
        }
        const bool open = std::any_of(theirs->ports.begin(), theirs->ports.end(),
                                      [](const auto& port) { return port.everywhere(); });
        report.warning(code::VG0355,
                       FieldPath{"spec", "exporters"}[i] / (exporter.service.empty() ? "name" : "service"),
                       "the compose files of project `" + project->name + "` have a service `" +
                           exporter.serviceName() + "` already, which compose merges with the exporter" +
                           (open ? ": the port that it publishes on every address stays published" : ""),
                       "remove the service from your file, as vigie renders the exporter; or give the "
                       "exporter another `service`");
    }
}

/// A server that vigie would render into a project of the user's.
void lintServers(HostFactsView& host, const spec::Reporter& report) {
    const auto look = [&](const char* name, const spec::Had& had, const std::string& in,
                          const FieldPath& at) {
        const auto* project = host.stack().project(in);
        if (had.attach || project == nullptr || project->ours() || project->host != host.host().name) {
            return;
        }
        const auto* facts = host.project(*project);
        if (facts == nullptr || holdsOurFile(*facts, *project) || host.service(*project, name) == nullptr) {
            return;
        }
        report.warning(code::VG0355, at,
                       "the compose files of project `" + project->name + "` have a service `" +
                           std::string(name) +
                           "` already, which compose merges with the one that vigie renders",
                       "write `attach: " + std::string(name) +
                           "`: vigie then leaves its container alone; or remove the service from your file");
    };
    const auto& stack = host.stack();
    const FieldPath spec{"spec"};
    if (stack.prometheus) {
        look("prometheus", stack.prometheus->had, stack.prometheus->project, spec / "prometheus" / "project");
        for (std::size_t i = 0; i < stack.prometheus->replicas.size(); ++i) {
            look("prometheus", stack.prometheus->had, stack.prometheus->replicas[i].project,
                 (spec / "prometheus" / "replicas")[i] / "project");
        }
    }
    if (stack.alertmanager) {
        look("alertmanager", stack.alertmanager->had, stack.alertmanager->project,
             spec / "alertmanager" / "project");
        for (std::size_t i = 0; i < stack.alertmanager->replicas.size(); ++i) {
            look("alertmanager", stack.alertmanager->had, stack.alertmanager->replicas[i].project,
                 (spec / "alertmanager" / "replicas")[i] / "project");
        }
    }
    if (stack.jaeger) {
        look("jaeger", stack.jaeger->had, stack.jaeger->project, spec / "jaeger" / "project");
    }
    if (stack.grafana) {
        look("grafana", stack.grafana->had, stack.grafana->project, spec / "grafana" / "project");
    }
}

/// Names in the network of another project that the facts know.
void lintJoined(HostFactsView& host, const spec::Reporter& report) {
    constexpr std::string_view kDefault = "_default";
    const auto look = [&](const char* name, const spec::Had& had) {
        for (std::size_t i = 0; i < had.networks.size(); ++i) {
            const std::string_view network = had.networks[i];
            if (had.attach || !network.ends_with(kDefault)) {
                continue;
            }
            const auto* project =
                host.stack().project(std::string(network.substr(0, network.size() - kDefault.size())));
            if (project == nullptr || project->ours() || project->host != host.host().name ||
                host.service(*project, name) == nullptr) {
                continue;
            }
            reportSharedName((FieldPath{"spec"} / name / "networks")[i], had.networks[i], name,
                             "the service of project `" + project->name + "`", report);
        }
    };
    const auto& stack = host.stack();
    if (stack.prometheus) {
        look("prometheus", stack.prometheus->had);
    }
    if (stack.alertmanager) {
        look("alertmanager", stack.alertmanager->had);
    }
    if (stack.jaeger) {
        look("jaeger", stack.jaeger->had);
    }
    if (stack.grafana) {
        look("grafana", stack.grafana->had);
    }
}

}  // namespace

void lintFactsOfProjects(HostFactsView& host, const spec::Reporter& report) {
    lintNames(host, report);
    lintFiles(host, report);
    lintNamed(host, report);
    lintMerged(host, report);
    lintServers(host, report);
    lintJoined(host, report);
}

}  // namespace vigie::lint
