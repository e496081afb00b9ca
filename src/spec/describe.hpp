// The descriptions of structs that several sections of the document have in common.
#pragma once

#include "spec/describe_attach.hpp"
#include "spec/stack.hpp"

namespace vigie::spec {

VIGIE_DESCRIBE(Replica) {
    io.field("project", value.project);
    io.field("externalLabels", value.externalLabels);
}

VIGIE_DESCRIBE(ExtraArg) {
    io.field("name", value.name);
    io.field("value", value.value);
}

VIGIE_DESCRIBE(Web) {
    io.field("externalURL", value.externalUrl);
    io.field("routePrefix", value.routePrefix);
    io.field("enableAdminAPI", value.adminApi);
    io.field("enableRemoteWriteReceiver", value.remoteWriteReceiver);
    io.field("maxConnections", value.maxConnections);
    io.field("readTimeout", value.readTimeout);
    io.field("corsOrigin", value.corsOrigin);
    io.field("pageTitle", value.pageTitle);
}

}  // namespace vigie::spec
