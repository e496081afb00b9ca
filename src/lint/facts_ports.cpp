// Ports of a host as the user's own files publish them.

#include "base/text.hpp"
#include "lint/host_facts_view.hpp"
#include "spec/ports.hpp"
#include "spec/rollout.hpp"
#include "spec/topology.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace vigie::lint {
namespace {

using facts::PortFacts;
using facts::ServiceFacts;
using spec::FieldPath;

/// A port of the host, and its user.
struct Claim {
    PortFacts port;
    std::string who;
    std::string key;  ///< project/service, empty for what is in no container
};

std::string portText(const PortFacts& port) {
    return std::to_string(port.first) + (port.last == port.first ? "" : "-" + std::to_string(port.last)) +
           (port.protocol == "tcp" ? "" : "/" + printable(port.protocol));
}

PortFacts portOf(const std::string& address, int number, bool udp) {
    PortFacts out;
    out.address = address;
    out.first = number;
    out.last = number;
    out.protocol = udp ? "udp" : "tcp";
    return out;
}

bool collide(const PortFacts& a, const PortFacts& b) {
    const bool numbers = a.first != 0 && b.first != 0 && a.first <= b.last && b.first <= a.last;
    return numbers && a.protocol == b.protocol && a.expression.empty() && b.expression.empty() &&
           (a.everywhere() || b.everywhere() || a.address == b.address);
}

/// The addresses to which a port of a rendered service is bound.
std::vector<std::string> addressesOf(const HostFactsView& host, spec::Exposure exposure) {
    const char* written = exposure == spec::Exposure::everybody ? "public"
                          : exposure == spec::Exposure::local   ? "local"
                                                                : "vpn";
    return spec::bindAddresses(host.stack(), host.host(), written);
}

std::vector<Claim> renderedPortsOn(const HostFactsView& host) {
    std::vector<Claim> out;
    for (const auto& port : spec::portsPublished(host.stack(), host.host())) {
        for (const auto& address : addressesOf(host, port.exposure)) {
            out.push_back({portOf(address, port.number, port.udp), port.purpose, ""});
        }
    }
    const auto& alertmanager = host.stack().alertmanager;
    if (!host.stack().alertmanagerOn(host.host()).empty() && alertmanager->clustered()) {
        for (const auto& address : addressesOf(host, spec::Exposure::vpn)) {
            out.push_back(
                {portOf(address, spec::clusterPort(*alertmanager), true), "alertmanager (cluster)", ""});
        }
    }
    const auto& watched = host.stack().selfMonitoring;
    if (watched.enabled || host.isWaitedFor()) {
        out.push_back({portOf(spec::scrapeAddress(host.stack(), host.host()), watched.port, false),
                       "vigie itself", ""});
    }
    if (host.stack().wireguard.exists()) {
        out.push_back({portOf("", spec::listenPortOf(host.stack(), host.host()), true), "the tunnel", ""});
    }
    return out;
}

bool hasVariables(const ServiceFacts& service) {
    return std::any_of(service.ports.begin(), service.ports.end(),
                       [](const PortFacts& port) { return !port.expression.empty(); });
}

/// Counts a skipped check if some ports depend on variables.
void countVariables(HostFactsView& host, const std::string& project, const Services& services) {
    if (std::any_of(services.begin(), services.end(),
                    [](const auto& each) { return hasVariables(each.second); })) {
        host.skipCheck("the values of the variables in `ports` of project `" + printable(project) + "`");
    }
}

std::vector<Claim> userPortsOn(HostFactsView& host) {
    std::vector<Claim> out;
    const auto* all = host.allProjects();
    for (const auto& facts : all == nullptr ? std::vector<facts::ProjectFacts>{} : *all) {
        const auto* project = host.stack().project(facts.name);
        const bool ours = std::any_of(
            host.stack().projects.begin(), host.stack().projects.end(), [&](const spec::Project& each) {
                return each.host == host.host().name && each.ours() && each.directory == facts.directory;
            });
        if (ours) {
            continue;
        }
        if (!facts.services || (project != nullptr && holdsOurFile(facts, *project))) {
            host.skipCheck("the services of compose project `" + printable(facts.name) + "`");
            continue;
        }
        countVariables(host, facts.name, *facts.services);
        for (const auto& [name, service] : *facts.services) {
            for (const auto& port : service.ports) {
                if (!isExporter(host.stack(), facts.name, name)) {  // else the two are one
                    out.push_back({port, "service `" + name + "` of project `" + facts.name + "`",
                                   facts.name + "/" + name});
                }
            }
        }
    }
    return out;
}

void lintCollisions(HostFactsView& host, const spec::Reporter& report) {
    const auto theirs = userPortsOn(host);
    const auto ours = renderedPortsOn(host);
    constexpr std::size_t kMost = 2000;  // compared each with each
    if (theirs.size() > kMost) {
        host.skipCheck("a list of at most " + std::to_string(kMost) + " ports");
        return;
    }
    constexpr std::size_t kEnough = 50;
    std::set<std::string> said;
    const auto compare = [&](const Claim& a, const Claim& b) {
        if (said.size() < kEnough && collide(a.port, b.port) &&
            said.insert(a.who + b.who + portText(a.port)).second) {
            report.warning(code::VG0356, host.at() / "name",
                           "port " + portText(a.port) + " of host `" + host.host().name +
                               "` is used twice: by " + printable(a.who) + " and by " + printable(b.who),
                           "give one of them another port: the program that starts last fails");
        }
    };
    for (std::size_t i = 0; i < theirs.size(); ++i) {
        for (std::size_t j = i + 1; j < theirs.size(); ++j) {
            if (theirs[i].key != theirs[j].key) {
                compare(theirs[i], theirs[j]);
            }
        }
        for (const auto& claim : ours) {
            compare(theirs[i], claim);
        }
    }
}

/// Ports that are meant for everybody when they are open to everybody.
bool webPort(const PortFacts& port) {
    constexpr int kHttp = 80;
    constexpr int kHttps = 443;
    return port.first == port.last && (port.first == kHttp || port.first == kHttps);
}

FieldPath placeOf(const HostFactsView& host, const spec::Project& project, const std::string& service) {
    for (const auto& [application, at] : host.applications()) {
        if (application->project == project.name && application->service == service && application->metrics) {
            return at / "metrics" / "port";
        }
    }
    for (const auto& named : host.named()) {
        if (named.project == &project && named.service == service) {
            return named.at;
        }
    }
    return host.pathOf(project) / "name";
}

void lintPublic(HostFactsView& host, const spec::Reporter& report) {
    for (const auto* project : host.projects()) {
        const auto* services = host.host().endpoint.empty() ? nullptr : host.services(*project);
        if (services != nullptr) {
            countVariables(host, project->name, *services);
        }
        for (const auto& [name, service] : services == nullptr ? Services{} : *services) {
            std::vector<std::string> open;
            for (const auto& port : service.ports) {
                if (port.first != 0 && port.expression.empty() && !webPort(port) &&
                    (port.everywhere() || port.address == host.host().endpoint)) {
                    open.push_back(portText(port));
                }
            }
            if (!open.empty()) {
                report.warning(code::VG0357, placeOf(host, *project, name),
                               "service `" + printable(name) + "` publishes " + join(open, ", ") +
                                   " on a public address, and ufw cannot close a port that Docker publishes",
                               "bind it to an address in its `ports`, such as `" +
                                   spec::hostPort(spec::scrapeAddress(host.stack(), host.host()),
                                                  service.ports.front().first) +
                                   ":…`, unless it is meant to be public");
            }
        }
    }
}

/// The services whose ports are those of `name`: itself, or the one whose network it shares.
const ServiceFacts* publisherOf(const Services& services, const std::string& name) {
    constexpr std::string_view kShared = "service:";
    const auto it = services.find(name);
    if (it == services.end() || !it->second.networkMode.starts_with(kShared)) {
        return it == services.end() ? nullptr : &it->second;
    }
    const auto other = services.find(it->second.networkMode.substr(kShared.size()));
    return other == services.end() ? nullptr : &other->second;
}

/// Whether a service publishes port `number` where Prometheus scrapes it; nullopt if that depends on
/// variables.
std::optional<bool> published(const Services& services, const std::set<std::string>& addresses, int number) {
    bool unknown = false;
    for (const auto& [name, service] : services) {
        for (const auto& port : service.ports) {
            unknown = unknown || !port.expression.empty();
            if (port.expression.empty() && port.protocol == "tcp" && port.first <= number &&
                number <= port.last && (port.everywhere() || addresses.count(port.address) != 0)) {
                return true;
            }
        }
    }
    return unknown ? std::nullopt : std::optional(false);
}

void lintReached(HostFactsView& host, const spec::Reporter& report) {
    for (const auto& [application, at] : host.applications()) {
        if (!application->metrics || !host.stack().prometheus) {
            continue;
        }
        const auto& project = host.stack().projectNamed(application->project);
        const auto* services = host.services(project);
        const auto* service = services == nullptr ? nullptr : publisherOf(*services, application->service);
        if (service == nullptr || service->networkMode == "host" || service->networkMode == "none") {
            continue;
        }
        const int number = application->metrics->port;
        const std::string address = spec::scrapeAddress(host.stack(), host.host());
        const auto answer = published(*services, {address}, number);
        if (!answer) {
            countVariables(host, project.name, *services);
        } else if (!*answer) {
            report.warning(
                code::VG0362, at / "metrics" / "port",
                "no service of project `" + project.name + "` publishes " + spec::hostPort(address, number) +
                    ", where Prometheus scrapes application `" + application->name + "`",
                "write `" + spec::hostPort(address, number) + ":PORT` into the `ports` of service `" +
                    application->service + "`, PORT being the one inside the container");
        }
    }
}

}  // namespace

void lintFactsOfPorts(HostFactsView& host, const spec::Reporter& report) {
    lintCollisions(host, report);
    lintPublic(host, report);
    lintReached(host, report);
}

}  // namespace vigie::lint
