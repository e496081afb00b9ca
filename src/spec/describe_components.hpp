// The descriptions of Jaeger, Grafana, applications and registries.
#pragma once

#include "spec/describe.hpp"

namespace vigie::spec {

VIGIE_DESCRIBE(JaegerMemory) {
    io.field("maxTraces", value.maxTraces);
}

VIGIE_DESCRIBE(JaegerBadger) {
    io.field("directory", value.directory);
    io.field("ttl", value.ttl);
}

VIGIE_DESCRIBE(JaegerStorage) {
    io.field("memory", value.memory);
    io.field("badger", value.badger);
}

VIGIE_DESCRIBE(Jaeger) {
    io.field("project", value.project);
    describe(io, value.had);
    io.field("image", value.image);
    io.field("port", value.port);
    io.field("exposure", value.exposure);
    io.field("otlpExposure", value.otlpExposure);
    io.field("version", value.version);
    io.field("storage", value.storage);
}

VIGIE_DESCRIBE(GrafanaDatasource) {
    io.field("name", value.name);
    io.field("type", value.type);
    io.field("url", value.url);
    io.field("user", value.user);
    io.field("passwordFrom", value.passwordFrom);
    io.field("jsonData", value.jsonData);
}

VIGIE_DESCRIBE(GrafanaAnonymous) {
    io.field("role", value.role);
}

VIGIE_DESCRIBE(Grafana) {
    io.field("project", value.project);
    describe(io, value.had);
    io.field("image", value.image);
    io.field("port", value.port);
    io.field("exposure", value.exposure);
    io.field("dataDirectory", value.dataDirectory);
    io.field("adminUser", value.adminUser);
    io.field("adminPasswordFrom", value.adminPasswordFrom);
    io.field("anonymous", value.anonymous);
    io.field("dashboards", value.dashboards);
    io.field("vigieDashboard", value.vigieDashboard);
    io.field("datasources", value.datasources);
    io.field("settings", value.settings);
}

}  // namespace vigie::spec
