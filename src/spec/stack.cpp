// Look-ups in a document.
#include "spec/stack.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace vigie::spec {
namespace {

template <class T>
const T& existing(const T* found, const char* what, std::string_view name) {
    if (found == nullptr) {
        throw Error("the document refers to a " + std::string(what) + " that does not exist: `" +
                        std::string(name) + "`",
                    "run `vigie validate` to see where");
    }
    return *found;
}

}  // namespace

void Stack::indexNames() {
    hostIndex.note(hosts);
    projectIndex.note(projects);
    secretIndex.note(secrets);
}

const Host* Stack::host(std::string_view wanted) const {
    return hostIndex.find(hosts, wanted);
}
const Project* Stack::project(std::string_view wanted) const {
    return projectIndex.find(projects, wanted);
}
const Secret* Stack::secret(std::string_view wanted) const {
    return secretIndex.find(secrets, wanted);
}

const Host* Stack::hostOf(std::string_view wanted) const {
    const Project* found = project(wanted);
    return found == nullptr ? nullptr : host(found->host);
}

const Host& Stack::hostNamed(std::string_view wanted) const {
    return existing(host(wanted), "host", wanted);
}
const Project& Stack::projectNamed(std::string_view wanted) const {
    return existing(project(wanted), "project", wanted);
}
const Host& Stack::hostOfProject(std::string_view wanted) const {
    return hostNamed(projectNamed(wanted).host);
}

std::string Web::prefix() const {
    std::string path = routePrefix;
    if (path.empty()) {
        const auto scheme = externalUrl.find("://");
        const auto slash = scheme == std::string::npos ? scheme : externalUrl.find('/', scheme + 3);
        path = slash == std::string::npos ? "" : externalUrl.substr(slash);
    }
    while (!path.empty() && path.back() == '/') {
        path.pop_back();
    }
    return path;
}

std::vector<Replica> Prometheus::servers() const {
    std::vector<Replica> out{{project, externalLabels}};
    for (const auto& replica : replicas) {
        Replica all = replica;
        all.externalLabels.insert(externalLabels.begin(), externalLabels.end());
        out.push_back(std::move(all));
    }
    return out;
}

std::vector<std::string> Alertmanager::projects() const {
    std::vector<std::string> out{project};
    for (const auto& replica : replicas) {
        out.push_back(replica.project);
    }
    return out;
}

std::optional<Replica> Stack::prometheusOn(const Host& host) const {
    if (prometheus) {
        for (auto& server : prometheus->servers()) {
            if (hostOf(server.project) == &host) {
                return std::move(server);
            }
        }
    }
    return std::nullopt;
}

std::string Stack::alertmanagerOn(const Host& host) const {
    if (alertmanager) {
        for (auto& each : alertmanager->projects()) {
            if (hostOf(each) == &host) {
                return std::move(each);
            }
        }
    }
    return {};
}

DriftPolicy Stack::driftPolicyOn(const Host& host) const {
    return host.driftPolicy.value_or(driftPolicy.value_or(DriftPolicy::repair));
}

FirewallProvider Stack::firewallProviderOn(const Host& host) const {
    return host.firewallProvider.value_or(firewallProvider.value_or(FirewallProvider::none));
}

const std::string& Stack::timeoutOn(const Host& host) const {
    return host.timeout.empty() ? timeout : host.timeout;
}

bool Stack::prunedOn(const Host& host) const {
    return host.prune.value_or(prune);
}

std::string Stack::suspendedBy(const Host& host) const {
    if (host.suspend) {
        return *host.suspend ? "`suspend: true` of host `" + host.name + "`" : "";
    }
    return suspend ? "`spec.suspend: true`" : "";
}

bool isFirstJaeger(const std::string& image) {
    const auto end = image.find_first_of(":@", image.rfind('/') == std::string::npos ? 0 : image.rfind('/'));
    const std::string name = image.substr(0, end);
    constexpr std::string_view kFirst = "all-in-one";
    return name.size() >= kFirst.size() &&
           name.compare(name.size() - kFirst.size(), kFirst.size(), kFirst) == 0;
}

bool Jaeger::first() const {
    return version.empty() ? isFirstJaeger(image) : version == "v1";
}

}  // namespace vigie::spec
