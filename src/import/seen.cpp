// Keeps what was seen of a host as JSON, until the next import.

#include "import/seen.hpp"

#include "spec/fields.hpp"

namespace vigie::imports {

using spec::NodeReader;
using spec::NodeWriter;

#define VIGIE_DESCRIBE(Struct)                              \
    template <class Io, class T>                            \
    requires std::is_same_v<std::remove_const_t<T>, Struct> \
    void describe(Io& io, T& value)

VIGIE_DESCRIBE(Finding) {
    io.field("kind", value.kind);
    io.field("file", value.file);
    io.field("line", value.line);
    io.field("what", value.what);
    io.field("cure", value.cure);
}

VIGIE_DESCRIBE(Peer) {
    io.field("publicKey", value.publicKey);
    io.field("endpoint", value.endpoint);
    io.field("allowedIps", value.allowedIps);
    io.field("keepalive", value.keepalive);
    io.field("presharedKey", value.presharedKey);
    io.field("line", value.line);
    io.field("name", value.name);
}

VIGIE_DESCRIBE(Tunnel) {
    io.field("file", value.file);
    io.field("interface", value.interface);
    io.field("addresses", value.addresses);
    io.field("listenPort", value.listenPort);
    io.field("mtu", value.mtu);
    io.field("dns", value.dns);
    io.field("publicKey", value.publicKey);
    io.field("saveConfig", value.saveConfig);
    io.field("peers", value.peers);
}

VIGIE_DESCRIBE(DsnSeen) {
    io.field("user", value.user);
    io.field("service", value.service);
    io.field("port", value.port);
    io.field("secret", value.secret);
}

VIGIE_DESCRIBE(ServiceSeen) {
    io.field("name", value.name);
    io.field("image", value.image);
    io.field("role", value.role);
    io.field("ports", value.ports);
    io.field("mounts", value.mounts);
    io.field("traces", value.traces);
    io.field("retention", value.retention);
    io.field("dsn", value.dsn);
    io.field("file", value.file);
    io.field("line", value.line);
}

VIGIE_DESCRIBE(ProjectSeen) {
    io.field("name", value.name);
    io.field("directory", value.directory);
    io.field("composeFiles", value.composeFiles);
    io.field("overrideFile", value.overrideFile);
    io.field("envFile", value.envFile);
    io.field("services", value.services);
}

VIGIE_DESCRIBE(ConfigSeen) {
    io.field("project", value.project);
    io.field("file", value.file);
    io.field("root", value.root);
}

VIGIE_DESCRIBE(RuleFileSeen) {
    io.field("file", value.file);
    io.field("name", value.name);
}

VIGIE_DESCRIBE(SecretSeen) {
    io.field("name", value.name);
    io.field("sealed", value.sealed);
}

VIGIE_DESCRIBE(MeaningSeen) {
    io.field("file", value.file);
    io.field("replaces", value.replaces);
    io.field("values", value.values);
}

VIGIE_DESCRIBE(FirewallSeen) {
    io.field("file", value.file);
    io.field("line", value.line);
    io.field("rule", value.rule);
    io.field("port", value.port);
}

VIGIE_DESCRIBE(InterfaceSeen) {
    io.field("name", value.name);
    io.field("address", value.address);
    io.field("prefix", value.prefix);
    io.field("file", value.file);
}

VIGIE_DESCRIBE(NameSeen) {
    io.field("name", value.name);
    io.field("address", value.address);
    io.field("file", value.file);
    io.field("line", value.line);
}

VIGIE_DESCRIBE(OverlaySeen) {
    io.field("program", value.program);
    io.field("interface", value.interface);
    io.field("file", value.file);
}

VIGIE_DESCRIBE(HostSeen) {
    io.field("name", value.name);
    io.field("sealingKey", value.sealingKey);
    io.field("tunnel", value.tunnel);
    io.field("projects", value.projects);
    io.field("prometheus", value.prometheus);
    io.field("alertmanager", value.alertmanager);
    io.field("smtpSecret", value.smtpSecret);
    io.field("ruleFiles", value.ruleFiles);
    io.field("secrets", value.secrets);
    io.field("ufw", value.ufw);
    io.field("firewall", value.firewall);
    io.field("meanings", value.meanings);
    io.field("interfaces", value.interfaces);
    io.field("publicAddresses", value.publicAddresses);
    io.field("names", value.names);
    io.field("overlays", value.overlays);
    io.field("findings", value.findings);
}

#undef VIGIE_DESCRIBE

std::string HostSeen::vpnAddress() const {
    if (!tunnel || tunnel->addresses.empty()) {
        return {};
    }
    const auto& first = tunnel->addresses.front();
    return first.substr(0, first.find('/'));
}

std::string HostSeen::vpnAddress6() const {
    if (!tunnel || tunnel->addresses.size() < 2 || tunnel->addresses[0].find(':') != std::string::npos ||
        tunnel->addresses[1].find(':') == std::string::npos) {
        return {};
    }
    return tunnel->addresses[1].substr(0, tunnel->addresses[1].find('/'));
}

spec::Node toNode(const HostSeen& host) {
    spec::Node out;
    NodeWriter writer(out);
    describe(writer, host);
    return out;
}

HostSeen fromNode(const spec::Node& node) {
    HostSeen out;
    const NodeReader reader(node);
    describe(reader, out);
    return out;
}

}  // namespace vigie::imports
