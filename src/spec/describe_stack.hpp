// The descriptions of the document and of what is no component of its own. tests/unit/spec/described_test.cpp
// compares all of them with the schema.
#pragma once

#include "spec/describe_alertmanager.hpp"
#include "spec/describe_components.hpp"
#include "spec/describe_prometheus.hpp"
#include "spec/fields.hpp"

namespace vigie::spec {

/// Writes no empty mapping where there was none.
template <class Io, class F>
void optionalGroup(Io& io, const char* key, bool there, F fields) {
    if constexpr (std::is_same_v<Io, NodeWriter>) {
        if (!there) {
            return;
        }
    }
    io.group(key, fields);
}

VIGIE_DESCRIBE(Host) {
    io.field("name", value.name);
    io.field("endpoint", value.endpoint);
    io.field("address", value.address);
    optionalGroup(io, "vpn", !value.vpnAddress.empty(), [&](auto& vpn) {
        vpn.field("address", value.vpnAddress);
        vpn.field("address6", value.vpnAddress6);
        vpn.field("publicKey", value.publicKey);
        vpn.field("nextPublicKey", value.nextPublicKey);
        vpn.field("dns", value.dns);
    });
    optionalNumber(io, "listenPort", value.listenPort);
    io.field("persistentKeepalive", value.persistentKeepalive);
    io.field("routes", value.routes);
    io.field("labels", value.labels);
    io.field("sealingKey", value.sealingKey);
    io.field("dependsOn", value.dependsOn);
    io.field("suspend", value.suspend);
    io.field("timeout", value.timeout);
    io.field("prune", value.prune);
    io.field("driftPolicy", value.driftPolicy);
    optionalGroup(io, "firewall", value.firewallProvider.has_value(),
                  [&](auto& firewall) { firewall.field("provider", value.firewallProvider); });
}

VIGIE_DESCRIBE(PresharedKey) {
    io.field("hosts", value.hosts);
    io.field("from", value.from);
}

VIGIE_DESCRIBE(Guest) {
    io.field("name", value.name);
    io.field("address", value.address);
    io.field("address6", value.address6);
    io.field("publicKey", value.publicKey);
    io.field("presharedKeyFrom", value.presharedKeyFrom);
    io.field("reaches", value.reaches);
    io.field("host", value.host);
}

VIGIE_DESCRIBE(Network) {
    io.field("interface", value.interface);
    io.field("subnet", value.subnet);
}

VIGIE_DESCRIBE(AllowRule) {
    io.field("port", value.port);
    io.field("protocol", value.protocol);
    io.field("from", value.from);
    io.field("interface", value.interface);
    io.field("hosts", value.hosts);
    io.field("comment", value.comment);
}

VIGIE_DESCRIBE(Wireguard) {
    io.field("interface", value.interface);
    io.field("network", value.network);
    io.field("network6", value.network6);
    io.field("topology", value.topology);
    io.field("hub", value.hub);
    io.field("listenPort", value.listenPort);
    io.field("persistentKeepalive", value.persistentKeepalive);
    optionalNumber(io, "mtu", value.mtu);
    io.field("tunnelWindow", value.tunnelWindow);
    io.field("presharedKeys", value.presharedKeys);
    io.field("guests", value.guests);
}

VIGIE_DESCRIBE(Project) {
    io.field("name", value.name);
    io.field("host", value.host);
    io.field("directory", value.directory);
    io.field("composeFiles", value.composeFiles);
    io.field("overrideFile", value.overrideFile);
    io.field("envFile", value.envFile);
    io.field("files", value.files);
}

VIGIE_DESCRIBE(Metrics) {
    io.field("port", value.port);
    io.field("path", value.path);
    io.field("scrapeInterval", value.scrapeInterval);
}

VIGIE_DESCRIBE(Traces) {
    io.field("variable", value.variable);
    io.field("variables", value.variables);
    io.field("protocol", value.protocol);
}

VIGIE_DESCRIBE(Application) {
    io.field("name", value.name);
    io.field("project", value.project);
    io.field("service", value.service);
    io.field("metrics", value.metrics);
    io.field("traces", value.traces);
    io.field("rebuild", value.rebuild);
    io.field("env", value.env);
}

VIGIE_DESCRIBE(Registry) {
    io.field("server", value.server);
    io.field("username", value.username);
    io.field("passwordFrom", value.passwordFrom);
}

VIGIE_DESCRIBE(SelfMonitoring) {
    io.field("enabled", value.enabled);
    io.field("port", value.port);
}

VIGIE_DESCRIBE(HealthCheck) {
    io.field("project", value.project);
    io.field("service", value.service);
    io.field("url", value.url);
    io.field("host", value.host);
    io.field("expectStatus", value.expectStatus);
}

VIGIE_DESCRIBE(IgnoreRule) {
    io.field("resource", value.resource);
    io.field("fields", value.fields);
}

VIGIE_DESCRIBE(DriftException) {
    io.field("resource", value.resource);
    io.field("policy", value.policy);
}

VIGIE_DESCRIBE(RecoveryKey) {
    io.field("name", value.name);
    io.field("sealingKey", value.sealingKey);
}

VIGIE_DESCRIBE(Secret) {
    io.field("name", value.name);
    io.field("sealed", value.sealed);
}

VIGIE_DESCRIBE(Stack) {
    io.group("metadata", [&](auto& metadata) {
        metadata.field("name", value.name);
        metadata.field("labels", value.labels);
        metadata.field("annotations", value.annotations);
    });
    io.group("spec", [&](auto& spec) {
        spec.field("requires", value.requires_);
        spec.field("hosts", value.hosts);
        optionalGroup(spec, "wireguard", value.wireguard.exists(),
                      [&](auto& wireguard) { describe(wireguard, value.wireguard); });
        optionalGroup(spec, "network", value.network.exists(),
                      [&](auto& network) { describe(network, value.network); });
        spec.group("firewall", [&](auto& firewall) {
            firewall.field("provider", value.firewallProvider);
            firewall.field("allow", value.firewallAllow);
        });
        spec.field("projects", value.projects);
        spec.field("applications", value.applications);
        spec.field("exporters", value.exporters);
        spec.field("prometheus", value.prometheus);
        spec.field("alertmanager", value.alertmanager);
        spec.field("jaeger", value.jaeger);
        spec.field("grafana", value.grafana);
        spec.field("registries", value.registries);
        spec.group("vigie", [&](auto& vigie) { vigie.field("metrics", value.selfMonitoring); });
        spec.field("suspend", value.suspend);
        spec.field("timeout", value.timeout);
        spec.field("healthChecks", value.healthChecks);
        spec.field("ignore", value.ignore);
        spec.field("prune", value.prune);
        spec.field("rollout", value.rollout);
        spec.field("rolloutTimeout", value.rolloutTimeout);
        spec.group("lint", [&](auto& lint) { lint.field("disable", value.lintDisable); });
        spec.field("driftPolicy", value.driftPolicy);
        spec.field("driftPolicies", value.driftPolicies);
        spec.field("adopt", value.adopt);
        spec.field("uids", value.uids);
        spec.field("allowRemoval", value.allowRemoval);
        spec.field("secretsRecovery", value.secretsRecovery);
        spec.field("secrets", value.secrets);
    });
}

}  // namespace vigie::spec
