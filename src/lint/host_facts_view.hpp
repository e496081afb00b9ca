// A host of the document together with its facts.
#pragma once

#include "facts/model.hpp"
#include "spec/diagnostics.hpp"
#include "spec/stack.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace vigie::lint {

using Services = std::map<std::string, facts::ServiceFacts>;

/// A service of a user's own project that the document refers to.
struct NamedService {
    const spec::Project* project = nullptr;
    std::string service;
    spec::FieldPath at;
    std::string who;                                 ///< for messages
    const spec::Application* application = nullptr;  ///< null if an exporter or a health check refers to it
    int port = 0;                                    ///< to which an exporter connects; 0 if none
    bool asked = false;                              ///< an exporter connects to it by its name
};

/// The projects, services and applications of the document by host, collected once. `stack` outlives it.
struct AllHosts {
    explicit AllHosts(const spec::Stack& ofStack);

    const spec::Stack& stack;
    std::map<std::string, std::vector<const spec::Project*>> projects;  ///< the user's own
    std::map<std::string, std::vector<NamedService>> named;
    std::map<std::string, std::vector<std::pair<const spec::Application*, spec::FieldPath>>> applications;
    std::set<std::string> waitedFor;
};

/// A host of the document with its facts. A check that requests a fact which is missing counts as skipped.
class HostFactsView {
public:
    /// `facts` is null when there are none. `all` outlives it.
    HostFactsView(const AllHosts& all, std::size_t host, const facts::HostFacts* facts);

    [[nodiscard]] const spec::Stack& stack() const { return all_.stack; }
    [[nodiscard]] const spec::Host& host() const { return all_.stack.hosts[index_]; }
    [[nodiscard]] spec::FieldPath at() const { return spec::FieldPath{"spec", "hosts"}[index_]; }

    /// The user's own projects on this host, and their place in the document.
    [[nodiscard]] const std::vector<const spec::Project*>& projects() const { return of(all_.projects); }
    [[nodiscard]] spec::FieldPath pathOf(const spec::Project& project) const;
    [[nodiscard]] const std::vector<NamedService>& named() const { return of(all_.named); }
    /// The applications on this host, and their places in the document.
    [[nodiscard]] const std::vector<std::pair<const spec::Application*, spec::FieldPath>>& applications()
        const {
        return of(all_.applications);
    }
    /// Whether another host waits for this one in a rollout.
    [[nodiscard]] bool isWaitedFor() const { return all_.waitedFor.count(host().name) != 0; }

    // Each returns null, and counts a skipped check, if the fact is missing.
    const Services* services(const spec::Project& project);
    const facts::ServiceFacts* service(const spec::Project& project, const std::string& name);
    const facts::ProjectFacts* project(const spec::Project& project);
    const std::vector<facts::ProjectFacts>* allProjects();
    const std::vector<facts::NetworkFacts>* networks();
    const std::map<std::string, std::string>* tools();
    std::optional<bool> capability(const std::string& name);

    /// Counts a skipped check, with the fact that was missing.
    void skipCheck(const std::string& missing);
    [[nodiscard]] std::size_t skippedChecks() const { return skipped_; }
    [[nodiscard]] const std::set<std::string>& missing() const { return missing_; }

private:
    template <class T>
    [[nodiscard]] const T& of(const std::map<std::string, T>& byHost) const {
        static const T kNone;
        const auto it = byHost.find(host().name);
        return it == byHost.end() ? kNone : it->second;
    }

    const AllHosts& all_;
    std::size_t index_;
    const facts::HostFacts* facts_;
    std::size_t skipped_ = 0;
    std::set<std::string> missing_;
};

/// True if vigie renders an exporter with this service name into that project.
bool isExporter(const spec::Stack& stack, const std::string& project, const std::string& service);

/// The path of one of a project's files on its host.
std::string pathIn(const spec::Project& project, const std::string& file);

/// True if the facts include the override file, made while it was still the user's own file.
bool holdsOurFile(const facts::ProjectFacts& facts, const spec::Project& project);

// The checks by area.
void lintFactsOfProjects(HostFactsView& host, const spec::Reporter& report);
void lintFactsOfServices(HostFactsView& host, const spec::Reporter& report);
void lintFactsOfPorts(HostFactsView& host, const spec::Reporter& report);
void lintFactsOfMounts(HostFactsView& host, const spec::Reporter& report);
void lintFactsOfHost(HostFactsView& host, const spec::Reporter& report);

}  // namespace vigie::lint
