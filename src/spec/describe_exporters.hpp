#pragma once

#include "spec/describe.hpp"

namespace vigie::spec {

VIGIE_DESCRIBE(SecretFile) {
    io.field("secret", value.secret);
    io.field("uid", value.uid);
}

VIGIE_DESCRIBE(EnvVar) {
    io.field("name", value.name);
    io.field("value", value.value);
    io.field("valueFrom", value.valueFrom);
    io.field("fileFrom", value.fileFrom);
}

VIGIE_DESCRIBE(UserlistEntry) {
    io.field("name", value.name);
    io.field("passwordFrom", value.passwordFrom);
}

VIGIE_DESCRIBE(Userlist) {
    io.field("file", value.file);
    io.field("authType", value.authType);
    io.field("uid", value.uid);
    io.field("gid", value.gid);
    io.field("users", value.users);
}

VIGIE_DESCRIBE(Pgbouncer) {
    io.field("service", value.service);
    io.field("port", value.port);
    io.field("user", value.user);
    io.field("passwordFrom", value.passwordFrom);
    io.field("passwordIn", value.passwordIn);
    io.field("userlist", value.userlist);
}

VIGIE_DESCRIBE(PostgresTarget) {
    io.field("service", value.service);
    io.field("port", value.port);
    io.field("user", value.user);
    io.field("database", value.database);
    io.field("passwordFrom", value.passwordFrom);
    io.field("sslMode", value.sslMode);
}

VIGIE_DESCRIBE(RedisTarget) {
    io.field("service", value.service);
    io.field("port", value.port);
    io.field("user", value.user);
    io.field("passwordFrom", value.passwordFrom);
    io.field("tls", value.tls);
}

VIGIE_DESCRIBE(NginxTarget) {
    io.field("service", value.service);
    io.field("port", value.port);
    io.field("path", value.path);
}

VIGIE_DESCRIBE(NodeCollectors) {
    io.field("enable", value.enable);
    io.field("disable", value.disable);
}

VIGIE_DESCRIBE(Cadvisor) {
    io.field("dockerOnly", value.dockerOnly);
    io.field("privileged", value.privileged);
    io.field("housekeepingInterval", value.housekeepingInterval);
}

VIGIE_DESCRIBE(Volume) {
    io.field("source", value.source);
    io.field("target", value.target);
}

VIGIE_DESCRIBE(CustomExporter) {
    io.field("port", value.port);
    io.field("path", value.path);
    io.field("user", value.user);
    io.field("command", value.command);
    io.field("dependsOn", value.dependsOn);
    io.field("volumes", value.volumes);
}

VIGIE_DESCRIBE(ProbeBasicAuth) {
    io.field("username", value.username);
    io.field("passwordFrom", value.passwordFrom);
}

VIGIE_DESCRIBE(ProbeHeader) {
    io.field("name", value.name);
    io.field("value", value.value);
}

VIGIE_DESCRIBE(HttpProbe) {
    io.field("method", value.method);
    io.field("validStatusCodes", value.validStatusCodes);
    io.field("validHTTPVersions", value.validHttpVersions);
    io.field("followRedirects", value.followRedirects);
    io.field("failIfSSL", value.failIfSsl);
    io.field("failIfNotSSL", value.failIfNotSsl);
    io.field("insecureSkipVerify", value.insecureSkipVerify);
    io.field("failIfBodyMatches", value.failIfBodyMatches);
    io.field("failIfBodyNotMatches", value.failIfBodyNotMatches);
    io.field("headers", value.headers);
    io.field("body", value.body);
    io.field("basicAuth", value.basicAuth);
    io.field("bearerTokenFrom", value.bearerTokenFrom);
}

VIGIE_DESCRIBE(DnsProbe) {
    io.field("queryName", value.queryName);
    io.field("queryType", value.queryType);
    io.field("transport", value.transport);
    io.field("validRcodes", value.validRcodes);
    io.field("failIfAnswerMatches", value.failIfAnswerMatches);
    io.field("failIfAnswerNotMatches", value.failIfAnswerNotMatches);
}

VIGIE_DESCRIBE(TcpProbe) {
    io.field("tls", value.tls);
    io.field("insecureSkipVerify", value.insecureSkipVerify);
    io.field("expect", value.expect);
    io.field("send", value.send);
}

VIGIE_DESCRIBE(IcmpProbe) {
    io.field("dontFragment", value.dontFragment);
    io.field("payloadSize", value.payloadSize);
}

VIGIE_DESCRIBE(Probe) {
    io.field("name", value.name);
    io.field("prober", value.prober);
    io.field("module", value.module);
    io.field("targets", value.targets);
    io.field("interval", value.interval);
    io.field("timeout", value.timeout);
    io.field("ipProtocol", value.ipProtocol);
    io.field("labels", value.labels);
    io.field("http", value.http);
    io.field("dns", value.dns);
    io.field("tcp", value.tcp);
    io.field("icmp", value.icmp);
}

VIGIE_DESCRIBE(ProbeModule) {
    io.field("name", value.name);
    io.field("raw", value.raw);
}

VIGIE_DESCRIBE(Blackbox) {
    io.field("probes", value.probes);
    io.field("modules", value.modules);
}

VIGIE_DESCRIBE(Exporter) {
    io.field("name", value.name);
    io.field("type", value.type);
    io.field("project", value.project);
    io.field("service", value.service);
    io.field("image", value.image);
    const auto* type = exporterType(value.type);
    if constexpr (std::is_same_v<Io, NodeWriter>) {
        if (type == nullptr || value.port != (value.custom ? value.custom->port : type->port)) {
            io.field("port", value.port);
        }
    } else {
        io.field("port", value.port);
    }
    io.field("exposure", value.exposure);
    optionalMap(io, "pgbouncer", value.pgbouncer);
    io.field("postgres", value.postgres);
    io.field("redis", value.redis);
    io.field("nginx", value.nginx);
    io.field("node", value.node);
    io.field("cadvisor", value.cadvisor);
    io.field("blackbox", value.blackbox);
    io.field("custom", value.custom);
    io.field("env", value.env);
    if constexpr (!std::is_same_v<Io, NodeWriter>) {
        if (type != nullptr) {
            if (value.image.empty()) {
                value.image = type->image;
            }
            if (value.port == 0) {
                value.port = value.custom ? value.custom->port : type->port;
            }
        }
    }
}

}  // namespace vigie::spec
