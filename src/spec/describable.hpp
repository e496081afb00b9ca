// How a struct says its fields: `VIGIE_DESCRIBE(Struct)`, once for reading and for writing.
#pragma once

#include <type_traits>

namespace vigie::spec {

class NodeWriter;

// `Io` is NodeReader (and `value` mutable) or NodeWriter (and `value` const).
#define VIGIE_DESCRIBE(Struct)                              \
    template <class Io, class T>                            \
    requires std::is_same_v<std::remove_const_t<T>, Struct> \
    void describe(Io& io, T& value)

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

}  // namespace vigie::spec
