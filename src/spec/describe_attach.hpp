// The descriptions of what is attached, and of what a server has beside its own settings.
#pragma once

#include "spec/attach.hpp"
#include "spec/describable.hpp"

namespace vigie::spec {

VIGIE_DESCRIBE(SecretReference) {
    io.field("secret", value.secret);
}

VIGIE_DESCRIBE(AttachWeb) {
    io.field("username", value.username);
    io.field("passwordFrom", value.passwordFrom);
}

VIGIE_DESCRIBE(Attach) {
    io.field("service", value.service);
    io.field("restart", value.restart);
    io.field("program", value.program);
    io.field("web", value.web);
}

VIGIE_DESCRIBE(Had) {
    io.field("attach", value.attach);
    io.field("networks", value.networks);
    io.field("data", value.data);
    io.field("compose", value.compose);
}

VIGIE_DESCRIBE(ConfigFrom) {
    io.field("file", value.file);
    io.field("hostFiles", value.hostFiles);
}

VIGIE_DESCRIBE(ProjectFile) {
    io.field("from", value.from);
    io.field("secret", value.secret);
    io.field("to", value.to);
    io.field("mode", value.mode);
    io.field("owner", value.owner);
    io.field("onChange", value.onChange);
    io.field("attach", value.attach);
}

}  // namespace vigie::spec
