// Builds the topology of the API: hosts, peers and components with their state.

#include "controller/topology.hpp"

#include "kinds/models.hpp"
#include "kinds/wireguard/endpoints.hpp"
#include "spec/exposure.hpp"
#include "spec/topology.hpp"
#include "state/time.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <string_view>

namespace vigie::controller {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kDownNamed = 100;  // targets of a job
constexpr std::int64_t kMilliseconds = 1000;

struct Picture {
    const spec::Stack& stack;
    const std::string& self;
    const apply::DesiredState* target;
    const apply::ObservedPlan* look;
    const std::vector<apply::DownTarget>& down;
    const std::vector<AskedHost>& asked;
};

/// What another host's controller said of itself; null when it was not asked.
ordered_json controllerOf(const Picture& picture, const std::string& host) {
    for (const auto& each : picture.asked) {
        if (each.status.host == host) {
            return {{"answered", each.status.answered},
                    {"problem", each.status.problem},
                    {"ready", each.status.ready.empty() ? "Unknown" : each.status.ready},
                    {"message", each.status.message},
                    {"lastAppliedRevision", each.status.lastAppliedRevision},
                    {"askedAt", state::rfc3339(each.at)}};
        }
    }
    return nullptr;
}

/// What this host observed of a program that reloads; null when it did not.
const plan::ObservedReload* observedProgram(const Picture& picture,
                                            render::ConfiguredProgram::Program program) {
    if (picture.target == nullptr || picture.look == nullptr) {
        return nullptr;
    }
    for (const auto& resource : picture.target->desired) {
        const auto* reload = kinds::programOf(resource);
        const auto it = picture.look->observed.reloads.find(resource.id);
        if (reload != nullptr && reload->program == program && it != picture.look->observed.reloads.end()) {
            return &it->second;
        }
    }
    return nullptr;
}

ordered_json hosts(const Picture& picture) {
    ordered_json out = ordered_json::array();
    for (const auto& host : picture.stack.hosts) {
        out.push_back({{"name", host.name},
                       {"self", host.name == picture.self},
                       {"address", spec::addressOf(picture.stack, host)},
                       {"endpoint", host.endpoint},
                       {"controller", controllerOf(picture, host.name)}});
    }
    return out;
}

/// Where packets to the peer go now, and whether that is where the document says.
void noteEndpoint(const render::WireguardPeer& peer, const plan::ObservedPeer& is,
                  const plan::ObservedWireguard& observed, ordered_json& out) {
    if (is.endpoint.empty()) {
        return;
    }
    out["liveEndpoint"] = is.endpoint;
    const auto places = plan::placesOf(peer.endpoint, observed);
    if (!places.empty()) {
        out["endpointUsed"] = std::find(places.begin(), places.end(), is.endpoint) != places.end();
    }
}

ordered_json peer(const render::WireguardPeer& peer, const plan::ObservedWireguard& observed) {
    ordered_json out{{"host", peer.name},       {"endpoint", peer.endpoint},
                     {"liveEndpoint", nullptr}, {"endpointUsed", nullptr},
                     {"alive", false},          {"lastHandshake", nullptr},
                     {"ageSeconds", nullptr}};
    for (const auto& each : observed.peers) {
        const bool his = each.publicKey == peer.publicKey || each.publicKey == peer.nextPublicKey;
        if (his && each.handshake != 0 && (!out["alive"].get<bool>() || each.alive())) {
            out["alive"] = each.alive();
            out["lastHandshake"] = state::rfc3339(each.handshake * kMilliseconds);
            out["ageSeconds"] = each.handshakeAge;
            noteEndpoint(peer, each, observed, out);
        }
    }
    if (peer.guest) {
        out["guest"] = true;
    }
    return out;
}

ordered_json tunnel(const Picture& picture) {
    ordered_json out{{"interface", picture.stack.wireguard.interface},
                     {"observed", false},
                     {"up", false},
                     {"peers", ordered_json::array()}};
    if (picture.target == nullptr) {
        return out;
    }
    for (const auto& resource : picture.target->desired) {
        const auto* wireguard = kinds::tunnelOf(resource);
        if (wireguard == nullptr) {
            continue;
        }
        plan::ObservedWireguard observed;
        if (picture.look != nullptr) {
            const auto it = picture.look->observed.wireguard.find(resource.id);
            if (it != picture.look->observed.wireguard.end() && it->second.problem.empty()) {
                observed = it->second;
                out["observed"] = true;
                out["up"] = observed.up;
            }
        }
        for (const auto& each : wireguard->peers) {
            out["peers"].push_back(peer(each, observed));
        }
    }
    return out;
}

/// What the engine says of a service, when this host runs it.
std::string containerHealth(const Picture& picture, const std::string& project, const std::string& service,
                            std::string& detail) {
    if (picture.look == nullptr) {
        return "unknown";
    }
    const auto it = picture.look->observed.projects.find(project);
    if (it == picture.look->observed.projects.end() || !it->second.problem.empty()) {
        return "unknown";
    }
    const auto* container = it->second.service(service);
    if (container == nullptr) {
        detail = "no container";
        return "unhealthy";
    }
    detail = container->state + (container->health.empty() ? "" : ", " + container->health);
    return container->state == "running" && container->health != "unhealthy" ? "healthy" : "unhealthy";
}

/// What Prometheus says of a scrape job, when this host runs it.
std::string jobHealth(const Picture& picture, const std::string& job) {
    const auto* prometheus = observedProgram(picture, render::ConfiguredProgram::Program::prometheus);
    if (prometheus == nullptr || !prometheus->answered ||
        std::find(prometheus->jobs.begin(), prometheus->jobs.end(), job) == prometheus->jobs.end()) {
        return "unknown";
    }
    const bool down = std::any_of(picture.down.begin(), picture.down.end(),
                                  [&](const auto& each) { return each.job == job; });
    return down ? "down" : "up";
}

/// An address for a browser: what the document says that others use, or where the port is published. Empty
/// when neither is known, or it is no web address.
std::string linkTo(const Picture& picture, const std::string& project, const std::string& exposure, int port,
                   const spec::Web& web) {
    const auto isWeb = [](std::string_view url) {
        return url.rfind("http://", 0) == 0 || url.rfind("https://", 0) == 0;
    };
    if (!web.externalUrl.empty()) {
        return isWeb(web.externalUrl) ? web.externalUrl : "";
    }
    const auto* host = picture.stack.hostOf(project);
    if (host == nullptr || port == 0) {
        return {};
    }
    const auto who = spec::exposureOf(picture.stack, exposure);
    if (who == spec::Exposure::local && host->name != picture.self) {
        return {};  // somebody else's loopback address
    }
    const bool bare = who == spec::Exposure::everybody && !spec::joined(picture.stack);
    const auto address = who == spec::Exposure::local ? spec::ownAddress(picture.stack, *host, exposure)
                         : bare                       ? host->endpoint
                                                      : spec::scrapeAddress(picture.stack, *host);
    return address.empty() ? "" : "http://" + spec::hostPort(address, port) + web.prefix() + "/";
}

class Components {
public:
    explicit Components(const Picture& picture) : picture_(picture) {}

    void add(const char* kind, const std::string& name, const std::string& project,
             const std::string& service, const std::string& known, const std::string& url = {}) {
        const auto* host = picture_.stack.hostOf(project);
        std::string detail;
        std::string health = known;
        if (health == "unknown" && host != nullptr && host->name == picture_.self) {
            health = containerHealth(picture_, project, service, detail);
        }
        if (health == "unknown") {
            const auto job = jobHealth(picture_, name);
            health = job == "up" ? "healthy" : job == "down" ? "unhealthy" : "unknown";
            detail = job == "unknown" ? "" : "its targets are " + job;
        }
        out.push_back({{"kind", kind},
                       {"name", name},
                       {"project", project},
                       {"host", host == nullptr ? "" : host->name},
                       {"health", health},
                       {"detail", detail},
                       {"url", url}});
    }

    ordered_json out = ordered_json::array();

private:
    const Picture& picture_;
};

/// What was seen of the server of `project`; that of another host is not seen from here.
std::string programHealth(const Picture& picture, render::ConfiguredProgram::Program program,
                          const std::string& project) {
    const auto* host = picture.stack.hostOf(project);
    const auto* observed =
        host != nullptr && host->name == picture.self ? observedProgram(picture, program) : nullptr;
    return observed == nullptr ? "unknown" : observed->answered ? "healthy" : "unhealthy";
}

ordered_json components(const Picture& picture) {
    using Program = render::ConfiguredProgram::Program;
    Components out(picture);
    const auto& stack = picture.stack;
    for (const auto& application : stack.applications) {
        out.add("application", application.name, application.project, application.service, "unknown");
    }
    for (const auto& exporter : stack.exporters) {
        out.add("exporter", exporter.name, exporter.project, exporter.serviceName(), "unknown");
    }
    if (stack.prometheus) {
        for (const auto& server : stack.prometheus->servers()) {
            out.add("prometheus", "prometheus", server.project, "prometheus",
                    programHealth(picture, Program::prometheus, server.project),
                    linkTo(picture, server.project, stack.prometheus->exposure, stack.prometheus->port,
                           stack.prometheus->web));
        }
    }
    if (stack.alertmanager) {
        for (const auto& project : stack.alertmanager->projects()) {
            out.add("alertmanager", "alertmanager", project, "alertmanager",
                    programHealth(picture, Program::alertmanager, project),
                    linkTo(picture, project, stack.alertmanager->exposure, stack.alertmanager->port,
                           stack.alertmanager->web));
        }
    }
    if (stack.jaeger) {
        out.add("jaeger", "jaeger", stack.jaeger->project, "jaeger", "unknown",
                linkTo(picture, stack.jaeger->project, stack.jaeger->exposure, stack.jaeger->port, {}));
    }
    if (stack.grafana) {
        out.add("grafana", "grafana", stack.grafana->project, "grafana", "unknown",
                linkTo(picture, stack.grafana->project, stack.grafana->exposure, stack.grafana->port, {}));
    }
    return std::move(out.out);
}

ordered_json targets(const Picture& picture) {
    ordered_json out = ordered_json::array();
    const auto* prometheus = observedProgram(picture, render::ConfiguredProgram::Program::prometheus);
    if (prometheus == nullptr) {
        return out;
    }
    std::map<std::string_view, ordered_json> down;
    for (const auto& each : picture.down) {
        auto& list = down.try_emplace(each.job, ordered_json::array()).first->second;
        if (list.size() < kDownNamed) {
            list.push_back({{"instance", each.instance}, {"error", each.error}});
        }
    }
    for (const auto& job : prometheus->jobs) {
        const auto it = down.find(job);
        out.push_back({{"job", job},
                       {"health", jobHealth(picture, job)},
                       {"down", it == down.end() ? ordered_json::array() : it->second}});
    }
    return out;
}

}  // namespace

std::string topology(const spec::Stack& stack, const std::string& self, const apply::DesiredState* target,
                     const apply::ObservedPlan* look, const std::vector<apply::DownTarget>& down,
                     const std::vector<AskedHost>& asked) {
    const Picture picture{stack, self, target, look, down, asked};
    const ordered_json out{{"stack", stack.name},
                           {"self", self},
                           {"hosts", hosts(picture)},
                           {"tunnel", tunnel(picture)},
                           {"components", components(picture)},
                           {"targets", targets(picture)}};
    return out.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace vigie::controller
