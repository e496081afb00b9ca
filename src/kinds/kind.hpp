// The kinds of resources, by their names. What each of them is and does has a directory of its own here.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace vigie::kinds {

/// In the order of `render::What`, of the tables (kinds/models.cpp, kinds/hosts.cpp) and of notes in a plan.
enum class Kind : std::uint8_t {
    file,
    attached,
    directory,
    firewall,
    wireguard,
    sysctl,
    guests,
    unit,
    compose,
    rebuild,
    reload,
    silence,
    signal,
    end,  ///< how many there are
};

constexpr std::size_t kKinds = static_cast<std::size_t>(Kind::end);

/// The part of an id before the colon.
constexpr std::array<std::string_view, kKinds> kKindNames = {
    "file", "attached", "directory", "firewall", "wireguard", "sysctl", "guests",
    "unit", "compose",  "rebuild",   "reload",   "silence",   "signal"};
static_assert(std::none_of(kKindNames.begin(), kKindNames.end(), [](auto name) { return name.empty(); }),
              "a kind has no name in kKindNames");

constexpr std::string_view toText(Kind kind) {
    return kKindNames[static_cast<std::size_t>(kind)];
}

// The parts of a resource's id: `kind:name`, and for containers `compose:project/service`.

/// The kind as it is written; also one that this version does not know.
inline std::string kindNameOf(std::string_view id) {
    return std::string(id.substr(0, id.find(':')));
}

/// Nothing for a kind that this version does not know, which an inventory may have.
constexpr std::optional<Kind> kindOf(std::string_view id) {
    const auto at = std::find(kKindNames.begin(), kKindNames.end(), id.substr(0, id.find(':')));
    return at == kKindNames.end() ? std::nullopt : std::optional(static_cast<Kind>(at - kKindNames.begin()));
}

constexpr bool isA(Kind kind, std::string_view id) {
    return kindOf(id) == kind;
}

inline std::string nameOf(std::string_view id) {
    return std::string(id.substr(id.find(':') + 1));
}

inline std::string idOf(Kind kind, std::string_view name) {
    return std::string(toText(kind)).append(":").append(name);
}

/// The project and the service of a container's id.
inline std::pair<std::string, std::string> serviceOf(std::string_view id) {
    const std::string name = nameOf(id);
    const auto slash = name.find('/');
    return {name.substr(0, slash), name.substr(slash + 1)};
}

}  // namespace vigie::kinds
