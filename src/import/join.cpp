// Joins what was seen of several hosts into one document.
#include "import/join.hpp"

#include "base/text.hpp"
#include "import/joiner.hpp"
#include "spec/exporter_types.hpp"
#include "spec/format.hpp"
#include "spec/image_version.hpp"
#include "spec/schema.hpp"

#include <algorithm>
#include <array>

namespace vigie::imports {
namespace {

std::string at(const std::string& list, std::size_t index) {
    return "spec." + list + "[" + std::to_string(index) + "]";
}

/// The default of the schema at a path of field names; `*` goes into a list's items.
std::string schemaDefault(const std::vector<std::string>& path) {
    const auto* schema = &spec::stackSchema();
    for (const auto& step : path) {
        if (step == "*") {
            schema = schema->items;
            continue;
        }
        const auto it = std::find_if(schema->properties.begin(), schema->properties.end(),
                                     [&](const auto& property) { return property.name == step; });
        if (it == schema->properties.end()) {
            return {};
        }
        schema = it->schema;
    }
    return std::string(schema->defaultYaml);
}

/// A pgbouncer exporter's name: that of the job that scrapes it, else its service's.
std::string exporterName(const Joiner& joiner, const HostSeen& host, const ServiceSeen& service) {
    constexpr int kInside = 9127;
    for (const auto& each : joiner.hosts) {
        const auto* jobs = each.prometheus ? each.prometheus->root.find("scrape_configs") : nullptr;
        for (const auto& job : jobs == nullptr ? std::vector<spec::Node>{} : jobs->items) {
            const auto* name = job.find("job_name");
            const auto* groups = job.find("static_configs");
            for (const auto& group : groups == nullptr ? std::vector<spec::Node>{} : groups->items) {
                const auto* targets = group.find("targets");
                for (const auto& target : targets == nullptr ? std::vector<spec::Node>{} : targets->items) {
                    for (const auto& port : service.ports) {
                        if (name != nullptr && port.containerPort == kInside &&
                            target.scalar == joiner.addressOf(host) + ":" + std::to_string(port.hostPort)) {
                            return name->scalar;
                        }
                    }
                }
            }
        }
    }
    std::string out = service.name;
    std::replace(out.begin(), out.end(), '-', '_');
    return out;
}

void joinExporter(const Joiner& joiner, const HostSeen& host, const ProjectSeen& project,
                  const ServiceSeen& service) {
    spec::Exporter out;
    out.name = exporterName(joiner, host, service);
    out.type = spec::ExporterType::pgbouncer;
    out.project = project.name;
    if (out.serviceName() != service.name) {
        out.service = service.name;
    }
    out.image = imageFor(joiner, host, service, {"spec", "exporters"});
    constexpr int kInside = 9127;
    out.port = kInside;
    for (const auto& port : service.ports) {
        if (port.containerPort == kInside && port.hostPort != 0) {
            out.port = port.hostPort;
        }
    }
    out.pgbouncer = spec::Pgbouncer{.service = service.dsn->service,
                                    .port = service.dsn->port,
                                    .user = service.dsn->user,
                                    .passwordFrom = {service.dsn->secret},
                                    .passwordIn = {}};
    const std::string file = service.file.substr(service.file.rfind('/') + 1);
    if (file != project.overrideFile) {
        joiner.find("by hand", host.name, service.file, service.line,
                    "vigie adds the exporter as service " + printable(service.name) +
                        ", and compose would merge both",
                    "remove the service from this file before the first apply");
    }
    joiner.draft.comments[at("exporters", joiner.draft.stack.exporters.size())] =
        "from " + host.name + ":" + service.file + ":" + std::to_string(service.line);
    joiner.draft.stack.exporters.push_back(std::move(out));
}

std::string relativeData(const HostSeen& host, const ProjectSeen& project, const ServiceSeen& service,
                         const Joiner& joiner) {
    for (const auto& mount : service.mounts) {
        if (mount.target != "/prometheus") {
            continue;
        }
        if (mount.bind && mount.source.substr(0, project.directory.size() + 1) == project.directory + "/" &&
            onlyServers(project)) {
            return "." + mount.source.substr(project.directory.size());
        }
        joiner.find("by hand", host.name, service.file, service.line,
                    "Prometheus' data lies in " + printable(mount.source) +
                        ", which vigie cannot use as `dataDirectory`",
                    "stop Prometheus and copy it into the project's `dataDirectory` before the first apply, "
                    "or start without the old data");
    }
    return {};
}

void joinServers(const Joiner& joiner, const HostSeen& host, const ProjectSeen& project) {
    auto& stack = joiner.draft.stack;
    for (const auto& service : project.services) {
        const std::string from =
            "from " + host.name + ":" + service.file + ":" + std::to_string(service.line);
        const auto port = [&](int inside, int otherwise) {
            for (const auto& each : service.ports) {
                if (each.containerPort == inside && each.hostPort != 0) {
                    return each.hostPort;
                }
            }
            return otherwise;
        };
        const bool twice = (service.role == Role::prometheus && stack.prometheus) ||
                           (service.role == Role::alertmanager && stack.alertmanager) ||
                           (service.role == Role::jaeger && stack.jaeger);
        if (twice) {
            joiner.find("lost", host.name, service.file, service.line,
                        "a second " + std::string(textIn(wordsOf(service.role), service.role)),
                        "a stack has one of each server: describe this one in another document");
            continue;
        }
        constexpr int kPrometheus = 9090;
        constexpr int kAlertmanager = 9093;
        constexpr int kJaeger = 16686;
        if (service.role == Role::prometheus) {
            auto& out = stack.prometheus.emplace();
            out.project = serverProject(project);
            out.image = imageFor(joiner, host, service, {"spec", "prometheus", "image"});
            out.port = port(kPrometheus, kPrometheus);
            out.retention = service.retention;
            out.dataDirectory = relativeData(host, project, service, joiner);
            joiner.draft.comments["spec.prometheus"] = from;
        } else if (service.role == Role::alertmanager && host.alertmanager) {
            auto& out = stack.alertmanager.emplace();
            out.project = serverProject(project);
            out.image = imageFor(joiner, host, service, {"spec", "alertmanager", "image"});
            out.port = port(kAlertmanager, kAlertmanager);
            joiner.draft.comments["spec.alertmanager"] = from;
        } else if (service.role == Role::jaeger) {
            auto& out = stack.jaeger.emplace();
            out.project = serverProject(project);
            out.image = imageFor(joiner, host, service, {"spec", "jaeger", "image"});
            out.port = port(kJaeger, kJaeger);
            joiner.draft.comments["spec.jaeger"] = from;
        } else if (service.role == Role::exporter) {
            joinExporter(joiner, host, project, service);
        }
    }
}

void joinProject(const Joiner& joiner, const HostSeen& host, const ProjectSeen& project) {
    auto& projects = joiner.draft.stack.projects;
    const std::string from = "from " + host.name + ":" + project.directory;
    const bool servers = std::any_of(project.services.begin(), project.services.end(), [](const auto& each) {
        return each.role != Role::application && each.role != Role::exporter;
    });
    if (!onlyServers(project)) {
        joiner.draft.comments[at("projects", projects.size())] =
            from + ": you own the compose files, vigie never writes them";
        spec::Project out{project.name,         host.name,      project.directory, project.composeFiles,
                          project.overrideFile, project.envFile};
        if (out.overrideFile.empty()) {
            const std::string usual = "docker-compose.monitoring.yml";
            const bool taken =
                std::find(out.composeFiles.begin(), out.composeFiles.end(), usual) != out.composeFiles.end();
            out.overrideFile = taken ? "docker-compose.vigie.yml" : usual;
        }
        projects.push_back(std::move(out));
    }
    if (servers) {
        const bool alone = onlyServers(project);
        if (!alone) {
            joiner.find("by hand", host.name, project.directory, 0,
                        "Prometheus, Alertmanager or Jaeger are in the project " + printable(project.name) +
                            " together with other services",
                        "vigie puts them into a separate project: stop them, and remove them from this "
                        "compose file before the first apply");
        }
        joiner.draft.comments[at("projects", projects.size())] = from + ": vigie writes its compose.yaml";
        projects.push_back({serverProject(project),
                            host.name,
                            alone ? project.directory : project.directory + "/vigie",
                            {},
                            "",
                            ""});
    }
}

/// Rules that vigie makes narrower ones beside, and never removes.
void joinFirewall(const Joiner& joiner) {
    auto& stack = joiner.draft.stack;
    const bool any =
        std::any_of(joiner.hosts.begin(), joiner.hosts.end(), [](const auto& host) { return host.ufw; });
    stack.firewallProvider = any ? spec::FirewallProvider::ufw : spec::FirewallProvider::none;
    for (const auto& host : joiner.hosts) {
        std::vector<int> scraped;
        for (const auto& application : stack.applications) {
            const auto* project = stack.project(application.project);
            if (application.metrics && project != nullptr && project->host == host.name) {
                scraped.push_back(application.metrics->port);
            }
        }
        for (const auto& exporter : stack.exporters) {
            const auto* project = stack.project(exporter.project);
            if (project != nullptr && project->host == host.name) {
                scraped.push_back(exporter.port);
            }
        }
        for (const auto& rule : host.firewall) {
            if (std::find(scraped.begin(), scraped.end(), rule.port) != scraped.end()) {
                joiner.find("by hand", host.name, rule.file, rule.line,
                            "`" + printable(rule.rule) + "` allows every source; vigie allows the " +
                                (stack.network.exists() ? "network of the hosts" : "tunnel") +
                                ", and does not remove rules that it did not create",
                            "after the first apply: ufw delete " + printable(rule.rule));
            }
        }
        if (any && !host.ufw) {
            joiner.find("note", host.name, "/etc/ufw/user.rules", 0,
                        "this host has no ufw, but another host of the stack has it",
                        "install ufw, or write `firewall: { provider: none }`");
        }
    }
}

void joinSecrets(const Joiner& joiner) {
    for (const auto& host : joiner.hosts) {
        for (const auto& secret : host.secrets) {
            const auto& keys = joiner.draft.stack.wireguard.presharedKeys;
            const auto& guests = joiner.draft.stack.wireguard.guests;
            const bool unused =
                secret.name.starts_with("psk-") &&
                std::none_of(keys.begin(), keys.end(),
                             [&](const auto& key) { return key.from.secret == secret.name; }) &&
                std::none_of(guests.begin(), guests.end(), [&](const auto& guest) {
                    return guest.presharedKeyFrom && guest.presharedKeyFrom->secret == secret.name;
                });
            if (unused) {  // the other host was not imported yet
                continue;
            }
            auto& all = joiner.draft.stack.secrets;
            const auto it = std::find_if(all.begin(), all.end(),
                                         [&](const auto& each) { return each.name == secret.name; });
            if (it != all.end()) {
                it->sealed[host.name] = secret.sealed;
            } else {
                all.push_back({secret.name, {{host.name, secret.sealed}}});
            }
        }
    }
}

}  // namespace

bool onlyServers(const ProjectSeen& project) {
    return std::none_of(project.services.begin(), project.services.end(), [](const auto& each) {
        return each.role == Role::application || each.role == Role::exporter;
    });
}

std::string serverProject(const ProjectSeen& project) {
    return onlyServers(project) ? project.name : project.name + "-monitoring";
}

std::string Joiner::addressOf(const HostSeen& host) const {
    if (!draft.stack.network.exists()) {
        return host.vpnAddress();
    }
    const auto* entry = draft.stack.host(host.name);
    return entry == nullptr ? "" : entry->address;
}

const HostSeen* Joiner::hostAt(const std::string& address) const {
    const auto it = std::find_if(hosts.begin(), hosts.end(), [&](const auto& host) {
        return !address.empty() && addressOf(host) == address;
    });
    return it == hosts.end() ? nullptr : &*it;
}

Publisher publisherOf(const HostSeen& host, int port) {
    for (const auto& project : host.projects) {
        for (const auto& service : project.services) {
            for (const auto& each : service.ports) {
                if (each.hostPort == port && port != 0) {
                    return {&project, &service};
                }
            }
        }
    }
    return {};
}

std::string imageFor(const Joiner& joiner, const HostSeen& host, const ServiceSeen& service,
                     std::vector<std::string> schemaPath) {
    static constexpr std::array<std::string_view, 5> kKnown = {
        "prom/prometheus", "prom/alertmanager", "jaegertracing/all-in-one", "jaegertracing/jaeger",
        "prometheuscommunity/pgbouncer-exporter"};
    const std::string tested = schemaPath.back() == "exporters"
                                   ? std::string(spec::kPgbouncerType.program.image)
                                   : schemaDefault(schemaPath);
    if (service.image.empty()) {
        return tested;
    }
    const std::string repository = service.image.substr(0, service.image.find_first_of(":@"));
    const bool known = std::find(kKnown.begin(), kKnown.end(), repository) != kKnown.end();
    const bool ended = repository == "jaegertracing/all-in-one";
    const bool versioned =
        spec::imageVersion(service.image) || service.image.find("@sha256:") != std::string::npos;
    if (versioned && !ended) {
        return service.image;
    }
    if (!known) {
        joiner.find("by hand", host.name, service.file, service.line,
                    "the image `" + printable(service.image) + "` names no version (VG0406)",
                    "write the version that runs now: a later pull may get another version");
        return service.image;
    }
    joiner.find("note", host.name, service.file, service.line,
                "the image `" + printable(service.image) +
                    (ended ? "` is Jaeger 1, which is no longer maintained" : "` names no version (VG0406)"),
                "the document has " + tested +
                    ", which vigie is tested with; write a newer version if a newer one runs");
    return tested;
}

Draft join(std::vector<HostSeen> hosts, const std::string& stackName) {
    // Hosts with an endpoint come first; otherwise by name.
    const auto dialled = [&](const HostSeen& host) {
        return std::any_of(hosts.begin(), hosts.end(), [&](const auto& other) {
            return other.tunnel && host.tunnel &&
                   std::any_of(other.tunnel->peers.begin(), other.tunnel->peers.end(), [&](const auto& peer) {
                       return !peer.endpoint.empty() && peer.publicKey == host.tunnel->publicKey;
                   });
        });
    };
    std::vector<std::pair<bool, HostSeen>> order;
    for (const auto& host : hosts) {
        order.emplace_back(!dialled(host), host);
    }
    std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
        return std::tie(a.first, a.second.name) < std::tie(b.first, b.second.name);
    });
    for (std::size_t i = 0; i < order.size(); ++i) {
        hosts[i] = std::move(order[i].second);
    }
    Draft out;
    out.stack.name = stackName;
    out.stack.requires_ = ">=0.1";
    for (const auto& host : hosts) {
        for (auto finding : host.findings) {
            finding.file = host.name + ":" + finding.file;
            out.findings.push_back(std::move(finding));
        }
    }
    const Joiner joiner{hosts, out};
    joinTunnel(joiner);
    for (const auto& host : hosts) {
        for (const auto& project : host.projects) {
            joinProject(joiner, host, project);
            joinServers(joiner, host, project);
        }
    }
    joinPrometheus(joiner);
    joinAlertmanager(joiner);
    joinFirewall(joiner);
    joinGuests(joiner);
    joinSecrets(joiner);
    return out;
}

}  // namespace vigie::imports
