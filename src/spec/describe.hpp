// The descriptions of structs that several sections of the document have in common.
#pragma once

#include "spec/stack.hpp"

#include <type_traits>

namespace vigie::spec {

class NodeWriter;

// `Io` is NodeReader (and `value` mutable) or NodeWriter (and `value` const).
#define VIGIE_DESCRIBE(Struct)                              \
    template <class Io, class T>                            \
    requires std::is_same_v<std::remove_const_t<T>, Struct> \
    void describe(Io& io, T& value)

VIGIE_DESCRIBE(SecretReference) {
    io.field("secret", value.secret);
}

/// A number of which 0 means "absent", which the document cannot say.
template <class Io, class Int>
void optionalNumber(Io& io, const char* key, Int& value) {
    if constexpr (std::is_same_v<Io, NodeWriter>) {
        if (value == 0) {
            return;
        }
    }
    io.field(key, value);
}

/// A mapping that is left away when nothing of it is said.
template <class Io, class T>
void optionalMap(Io& io, const char* key, T& value) {
    if constexpr (std::is_same_v<Io, NodeWriter>) {
        if (value == T{}) {
            return;
        }
    }
    io.field(key, value);
}

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
