// Finds the facts of a host, and counts the checks that are skipped because a fact is missing.

#include "lint/host_facts_view.hpp"

#include "spec/exporter_types.hpp"
#include "spec/rollout.hpp"

#include <algorithm>

namespace vigie::lint {
namespace {

using spec::FieldPath;

/// Services of the users' own projects that the document refers to, by host.
std::map<std::string, std::vector<NamedService>> namedServices(const spec::Stack& stack) {
    std::set<std::pair<std::string_view, std::string>> ours;  // as `isExporter`
    for (const auto& exporter : stack.exporters) {
        ours.emplace(exporter.project, exporter.serviceName());
    }
    std::map<std::string, std::vector<NamedService>> out;
    const auto add = [&](NamedService named, const std::string& project) {
        named.project = stack.project(project);
        if (named.project != nullptr && !named.project->ours() && !named.service.empty() &&
            ours.count({project, named.service}) == 0) {
            out[named.project->host].push_back(std::move(named));
        }
    };
    for (std::size_t i = 0; i < stack.applications.size(); ++i) {
        const auto& application = stack.applications[i];
        add({nullptr, application.service, FieldPath{"spec", "applications"}[i] / "service",
             "application `" + application.name + "`", &application, 0},
            application.project);
    }
    for (std::size_t i = 0; i < stack.exporters.size(); ++i) {
        const auto& exporter = stack.exporters[i];
        const FieldPath at = FieldPath{"spec", "exporters"}[i];
        const std::string who = "exporter `" + exporter.name + "`";
        const auto observed = exporter.row().observed(exporter);
        add({nullptr, observed.service, at / toText(exporter.type) / "service", who, nullptr, observed.port,
             true},
            exporter.project);
        for (std::size_t j = 0; exporter.custom && j < exporter.custom->dependsOn.size(); ++j) {
            add({nullptr, exporter.custom->dependsOn[j], (at / "custom" / "dependsOn")[j], who},
                exporter.project);
        }
    }
    for (std::size_t i = 0; i < stack.healthChecks.size(); ++i) {
        add({nullptr, stack.healthChecks[i].service, FieldPath{"spec", "healthChecks"}[i] / "service",
             "a health check"},
            stack.healthChecks[i].project);
    }
    return out;
}

}  // namespace

AllHosts::AllHosts(const spec::Stack& ofStack)
    : stack(ofStack), named(namedServices(ofStack)), waitedFor(spec::waitedFor(ofStack)) {
    for (const auto& project : stack.projects) {
        if (!project.ours()) {
            projects[project.host].push_back(&project);
        }
    }
    for (std::size_t i = 0; i < stack.applications.size(); ++i) {
        const auto* project = stack.project(stack.applications[i].project);
        if (project != nullptr && !project->ours()) {
            applications[project->host].emplace_back(&stack.applications[i],
                                                     FieldPath{"spec", "applications"}[i]);
        }
    }
}

HostFactsView::HostFactsView(const AllHosts& all, std::size_t host, const facts::HostFacts* facts)
    : all_(all), index_(host), facts_(facts) {}

FieldPath HostFactsView::pathOf(const spec::Project& project) const {
    return FieldPath{"spec", "projects"}[static_cast<std::size_t>(&project - stack().projects.data())];
}

void HostFactsView::skipCheck(const std::string& missing) {
    ++skipped_;
    missing_.insert(missing);
}

const std::vector<facts::ProjectFacts>* HostFactsView::allProjects() {
    if (facts_ == nullptr || !facts_->projects) {
        skipCheck("its compose projects");
        return nullptr;
    }
    return &*facts_->projects;
}

const facts::ProjectFacts* HostFactsView::project(const spec::Project& project) {
    if (facts_ != nullptr && facts_->projects) {
        for (const auto& each : *facts_->projects) {
            if (each.name == project.name) {
                return &each;
            }
        }
    }
    skipCheck("compose project `" + project.name + "`");
    return nullptr;
}

const Services* HostFactsView::services(const spec::Project& project) {
    const auto* facts = this->project(project);
    if (facts == nullptr) {
        return nullptr;
    }
    if (!facts->services || holdsOurFile(*facts, project)) {
        skipCheck("the services of compose project `" + project.name + "`");
        return nullptr;
    }
    return &*facts->services;
}

const facts::ServiceFacts* HostFactsView::service(const spec::Project& project, const std::string& name) {
    const auto* all = services(project);
    if (all == nullptr) {
        return nullptr;
    }
    const auto it = all->find(name);  // a missing service is reported as VG0354
    return it == all->end() ? nullptr : &it->second;
}

const std::vector<facts::NetworkFacts>* HostFactsView::networks() {
    if (facts_ == nullptr || !facts_->networks) {
        skipCheck("its networks");
        return nullptr;
    }
    return &*facts_->networks;
}

const std::map<std::string, std::string>* HostFactsView::tools() {
    if (facts_ == nullptr || facts_->tools.empty()) {
        skipCheck("its programs");
        return nullptr;
    }
    return &facts_->tools;
}

std::optional<bool> HostFactsView::capability(const std::string& name) {
    const auto it =
        facts_ == nullptr ? std::map<std::string, bool>::const_iterator{} : facts_->capabilities.find(name);
    if (facts_ == nullptr || it == facts_->capabilities.end()) {
        skipCheck("the capability `" + name + "`");
        return std::nullopt;
    }
    return it->second;
}

bool isExporter(const spec::Stack& stack, const std::string& project, const std::string& service) {
    return std::any_of(stack.exporters.begin(), stack.exporters.end(), [&](const auto& exporter) {
        return exporter.project == project && exporter.serviceName() == service;
    });
}

std::string pathIn(const spec::Project& project, const std::string& file) {
    return !file.empty() && file.front() == '/' ? file : project.directory + "/" + file;
}

bool holdsOurFile(const facts::ProjectFacts& facts, const spec::Project& project) {
    return std::find(facts.files.begin(), facts.files.end(), pathIn(project, project.overrideFile)) !=
           facts.files.end();
}

}  // namespace vigie::lint
