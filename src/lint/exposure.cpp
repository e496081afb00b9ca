// Exposure of ports, and registries.

#include "lint/rules.hpp"
#include "spec/ports.hpp"
#include "spec/registry.hpp"
#include "spec/topology.hpp"

#include <algorithm>

namespace vigie::lint {
namespace {

using spec::Exposure;
using spec::FieldPath;

/// One `exposure` field.
struct Field {
    FieldPath at;
    std::string written;
    std::string what;
};

std::vector<Field> fieldsOf(const spec::Stack& stack) {
    std::vector<Field> out;
    for (std::size_t i = 0; i < stack.exporters.size(); ++i) {
        out.push_back({FieldPath{"spec", "exporters"}[i] / "exposure", stack.exporters[i].exposure,
                       "exporter `" + stack.exporters[i].name + "`"});
    }
    if (stack.prometheus) {
        out.push_back({{"spec", "prometheus", "exposure"}, stack.prometheus->exposure, "prometheus"});
    }
    if (stack.alertmanager) {
        out.push_back({{"spec", "alertmanager", "exposure"}, stack.alertmanager->exposure, "alertmanager"});
    }
    if (stack.jaeger) {
        out.push_back({{"spec", "jaeger", "exposure"}, stack.jaeger->exposure, "jaeger"});
        out.push_back({{"spec", "jaeger", "otlpExposure"}, stack.jaeger->otlpExposure, "jaeger (OTLP)"});
    }
    if (stack.grafana) {
        out.push_back({{"spec", "grafana", "exposure"}, stack.grafana->exposure, "grafana"});
    }
    return out;
}

void lintFields(const spec::Stack& stack, const spec::Reporter& report) {
    for (const auto& field : fieldsOf(stack)) {
        if (field.written == "public") {
            report.warning(
                code::VG0420, field.at,
                "the port of " + field.what +
                    " is published on every address, and ufw cannot close a port that Docker publishes",
                "write `vpn` or `local`, and reach it through the tunnel or `ssh -L`");
        } else if (field.written == "vpn" && !spec::joined(stack)) {
            report.error(code::VG0422, field.at,
                         field.what + " has the exposure `vpn`, but no network joins the hosts",
                         "write `local` or `public`, or add `spec.wireguard` or `spec.network`");
        }
    }
}

/// True if each Prometheus reaches every Alertmanager without its published port, or on the same loopback
/// address.
bool alertsNeedNoPort(const spec::Stack& stack) {
    for (const auto& server : stack.prometheus->servers()) {
        for (const auto& project : stack.alertmanager->projects()) {
            const bool sameHost = stack.hostOf(project) == stack.hostOf(server.project);
            const bool reaches = spec::prometheusInHostNetwork(stack) ? sameHost : project == server.project;
            if (!reaches) {
                return false;
            }
        }
    }
    return true;
}

/// With a tunnel, clients are other hosts or containers, which do not reach a loopback address of the host.
void lintReached(const spec::Stack& stack, const spec::Reporter& report) {
    if (!spec::joined(stack)) {
        return;
    }
    const auto local = [&](const std::string& written) {
        return spec::exposureOf(stack, written) == Exposure::local;
    };
    const auto refuse = [&](const FieldPath& at, const std::string& who) {
        report.error(code::VG0421, at, who + ", whose port is bound to the loopback address of its host",
                     "write `vpn`: neither another host nor a container reaches a loopback address");
    };
    for (std::size_t i = 0; i < stack.exporters.size() && stack.prometheus; ++i) {
        if (local(stack.exporters[i].exposure)) {
            refuse(FieldPath{"spec", "exporters"}[i] / "exposure",
                   "Prometheus scrapes exporter `" + stack.exporters[i].name + "`");
        }
    }
    if (stack.prometheus && stack.alertmanager && local(stack.alertmanager->exposure) &&
        !alertsNeedNoPort(stack)) {
        refuse({"spec", "alertmanager", "exposure"}, "Prometheus sends alerts to Alertmanager");
    }
    if (stack.prometheus && stack.grafana && local(stack.grafana->exposure)) {
        for (const auto& server : stack.prometheus->servers()) {
            if (server.project != stack.grafana->project || spec::prometheusInHostNetwork(stack)) {
                refuse({"spec", "grafana", "exposure"}, "Prometheus scrapes Grafana");
                break;
            }
        }
    }
    const bool traced = std::any_of(stack.applications.begin(), stack.applications.end(),
                                    [](const auto& application) { return application.traces.has_value(); });
    if (stack.jaeger && traced && local(stack.jaeger->otlpExposure)) {
        refuse({"spec", "jaeger", "otlpExposure"}, "applications send traces to Jaeger");
    }
}

/// Docker networks of projects have no IPv6 by default.
void lintTraces(const spec::Stack& stack, const spec::Reporter& report) {
    for (std::size_t i = 0; i < stack.applications.size(); ++i) {
        const auto* host = stack.jaeger ? stack.hostOf(stack.jaeger->project) : nullptr;
        if (stack.applications[i].traces && host != nullptr &&
            spec::addressOf(stack, *host).find(':') != std::string::npos) {
            report.warning(
                code::VG0424, FieldPath{"spec", "applications"}[i] / "traces",
                "traces are sent to " + spec::addressOf(stack, *host) +
                    ", which a container reaches only through a network with IPv6",
                "set `enable_ipv6: true` for the application's network in its compose file, or give "
                "the tunnel an IPv4 `network` and this one as `network6`");
        }
    }
}

void lintRegistries(const spec::Stack& stack, const spec::Reporter& report) {
    for (std::size_t i = 0; i < stack.registries.size(); ++i) {
        const auto& server = stack.registries[i].server;
        const bool used = std::any_of(stack.hosts.begin(), stack.hosts.end(), [&](const spec::Host& host) {
            const auto images = spec::imagesOn(stack, host);
            return std::any_of(images.begin(), images.end(),
                               [&](const auto& image) { return spec::registryOf(image) == server; });
        });
        if (!server.empty() && !used) {
            report.warning(code::VG0423, FieldPath{"spec", "registries"}[i] / "server",
                           "no image of the document comes from `" + server + "`",
                           "write the registry as the images name it (`docker.io` where they name none), or "
                           "remove it");
        }
    }
}

}  // namespace

void lintExposure(const spec::Stack& stack, const spec::Reporter& report) {
    lintFields(stack, report);
    lintReached(stack, report);
    lintTraces(stack, report);
    lintRegistries(stack, report);
}

}  // namespace vigie::lint
