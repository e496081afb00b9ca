// The descriptions of `spec.alertmanager`.
#pragma once

#include "spec/describe.hpp"

namespace vigie::spec {

VIGIE_DESCRIBE(Smtp) {
    io.field("smarthost", value.smarthost);
    io.field("from", value.from);
    io.field("username", value.username);
    io.field("passwordFrom", value.passwordFrom);
    io.field("requireTLS", value.requireTls);
    io.rest(value.settings, {"smarthost", "from", "username", "passwordFrom", "requireTLS"});
}

VIGIE_DESCRIBE(ChildRoute) {
    io.field("receiver", value.receiver);
    io.field("matchers", value.matchers);
    io.field("continue", value.proceed);
    io.field("groupBy", value.groupBy);
    io.field("groupWait", value.groupWait);
    io.field("groupInterval", value.groupInterval);
    io.field("repeatInterval", value.repeatInterval);
    io.field("muteTimeIntervals", value.muteTimeIntervals);
    io.field("activeTimeIntervals", value.activeTimeIntervals);
    io.field("routes", value.routes);
}

VIGIE_DESCRIBE(Route) {
    io.field("receiver", value.receiver);
    io.field("groupBy", value.groupBy);
    io.field("groupWait", value.groupWait);
    io.field("groupInterval", value.groupInterval);
    io.field("repeatInterval", value.repeatInterval);
    io.field("routes", value.routes);
}

VIGIE_DESCRIBE(EmailConfig) {
    io.field("to", value.to);
    io.field("sendResolved", value.sendResolved);
    io.rest(value.settings, {"to", "sendResolved"});
}

VIGIE_DESCRIBE(Receiver) {
    io.field("name", value.name);
    io.field("emailConfigs", value.emailConfigs);
    io.field("raw", value.raw);
    io.rest(value.settings, {"name", "emailConfigs", "raw"});
}

VIGIE_DESCRIBE(SilenceMatcher) {
    io.field("name", value.name);
    io.field("value", value.value);
    io.field("isRegex", value.isRegex);
    io.field("isEqual", value.isEqual);
}

VIGIE_DESCRIBE(Silence) {
    io.field("name", value.name);
    io.field("matchers", value.matchers);
    io.field("startsAt", value.startsAt);
    io.field("endsAt", value.endsAt);
    io.field("comment", value.comment);
}

VIGIE_DESCRIBE(Alertmanager) {
    io.field("project", value.project);
    describe(io, value.had);
    io.field("configFrom", value.configFrom);
    io.field("image", value.image);
    io.field("port", value.port);
    optionalMap(io, "web", value.web);
    io.field("extraArgs", value.extraArgs);
    io.field("replicas", value.replicas);
    optionalNumber(io, "clusterPort", value.clusterPort);
    io.field("global", value.global);
    io.field("inhibitRules", value.inhibitRules);
    io.field("timeIntervals", value.timeIntervals);
    io.field("templates", value.templates);
    io.field("silences", value.silences);
    io.field("configFile", value.configFile);
    io.field("smtp", value.smtp);
    optionalMap(io, "route", value.route);
    io.field("receivers", value.receivers);
    io.field("exposure", value.exposure);
}

}  // namespace vigie::spec
