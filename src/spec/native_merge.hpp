// Unites native configuration with what the document writes beside it.
#pragma once

#include "spec/native.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace vigie::spec {

/// Two sides of native configuration that cannot be united.
struct NativeConflict {
    enum class Kind : std::uint8_t {
        different,  ///< two values of one key
        item,       ///< two items of one name that are not equal
        both,       ///< what can only stand on one side
    };
    Kind kind = Kind::different;
    std::vector<std::string> keys;  ///< the way to it in the program's spelling; an item's name is its last
    Position native;
    // Of `different`; empty where one is a secret.
    std::string theirs;
    std::string ours;
};

/// What the document writes and what follows from it, both in the program's spelling.
struct NativeOurs {
    Node written;  ///< has to agree with the file
    Node derived;  ///< gives way to the file and to `written`, key by key at the top, item by item in named
                   ///< lists
};

/// `native` with `ours`: maps unite, lists of named items unite by name, everything else stands on one side.
/// What cannot be united stays as the file has it and is added to `conflicts`.
Node mergeNative(const Node& native, const NativeOurs& ours, std::vector<NativeConflict>& conflicts);

/// The field by which the items of a list at the top are known; empty: they have no names.
std::string_view nativeNameOf(std::string_view list);

}  // namespace vigie::spec
