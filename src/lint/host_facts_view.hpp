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

/// A service of the user's that the document names.
struct NamedService {
    const spec::Project* project = nullptr;
    std::string service;
    spec::FieldPath at;
    std::string who;                                 ///< for messages
    const spec::Application* application = nullptr;  ///< null: an exporter or a health check names it
    int port = 0;                                    ///< at which an exporter asks it; 0: none
    bool asked = false;                              ///< an exporter reaches it by its name
};

/// What has to be looked for in the whole document, by host; made once for all of them. `stack` outlives it.
struct AllHosts {
    explicit AllHosts(const spec::Stack& ofStack);

    const spec::Stack& stack;
    std::map<std::string, std::vector<const spec::Project*>> projects;  ///< the user's
    std::map<std::string, std::vector<NamedService>> named;
    std::map<std::string, std::vector<std::pair<const spec::Application*, spec::FieldPath>>> applications;
    std::set<std::string> waitedFor;
};

/// What is known of one host. A check asks for its facts once; when they are not known, it counts as not
/// made.
class KnownHost {
public:
    /// `facts` is null when there are none. `all` outlives it.
    KnownHost(const AllHosts& all, std::size_t host, const facts::HostFacts* facts);

    [[nodiscard]] const spec::Stack& stack() const { return all_.stack; }
    [[nodiscard]] const spec::Host& host() const { return all_.stack.hosts[index_]; }
    [[nodiscard]] spec::FieldPath at() const { return spec::FieldPath{"spec", "hosts"}[index_]; }

    /// The user's projects on this host, and where they stand.
    [[nodiscard]] const std::vector<const spec::Project*>& projects() const { return of(all_.projects); }
    [[nodiscard]] spec::FieldPath pathOf(const spec::Project& project) const;
    [[nodiscard]] const std::vector<NamedService>& named() const { return of(all_.named); }
    /// The applications on this host, and where they stand.
    [[nodiscard]] const std::vector<std::pair<const spec::Application*, spec::FieldPath>>& applications()
        const {
        return of(all_.applications);
    }
    /// Whether another host asks this one how far it is.
    [[nodiscard]] bool isWaitedFor() const { return all_.waitedFor.count(host().name) != 0; }

    // Each is null when it is not known.
    const Services* services(const spec::Project& project);
    const facts::ServiceFacts* service(const spec::Project& project, const std::string& name);
    const facts::ProjectFacts* project(const spec::Project& project);
    const std::vector<facts::ProjectFacts>* allProjects();
    const std::vector<facts::NetworkFacts>* networks();
    const std::map<std::string, std::string>* tools();
    std::optional<bool> capability(const std::string& name);

    /// A check that could not be made, and what was not known.
    void notMade(const std::string& unknown);
    [[nodiscard]] std::size_t checksNotMade() const { return notMade_; }
    [[nodiscard]] const std::set<std::string>& unknown() const { return unknown_; }

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
    std::size_t notMade_ = 0;
    std::set<std::string> unknown_;
};

/// Whether vigie writes a service of this name into that project.
bool isExporter(const spec::Stack& stack, const std::string& project, const std::string& service);

/// The path of one of a project's files on its host.
std::string pathIn(const spec::Project& project, const std::string& file);

/// Whether facts were made with the file that vigie writes, while it was still somebody's own.
bool holdsOurFile(const facts::ProjectFacts& facts, const spec::Project& project);

// The checks of each area.
void lintFactsOfProjects(KnownHost& host, const spec::Reporter& report);
void lintFactsOfServices(KnownHost& host, const spec::Reporter& report);
void lintFactsOfPorts(KnownHost& host, const spec::Reporter& report);
void lintFactsOfMounts(KnownHost& host, const spec::Reporter& report);
void lintFactsOfHost(KnownHost& host, const spec::Reporter& report);

}  // namespace vigie::lint
