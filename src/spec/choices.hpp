// The fields of a document that have one of a few words, as enumerations with these words.
#pragma once

#include "base/enum_text.hpp"

#include <array>
#include <cstdint>

namespace vigie::spec {

/// What is done about a resource that is not as it was applied.
enum class DriftPolicy : std::uint8_t { repair, report, ignore };

/// Who keeps the rules of a host's firewall.
enum class FirewallProvider : std::uint8_t { ufw, none };

/// Who of the tunnel peers with whom.
enum class TunnelTopology : std::uint8_t {
    automatic,    ///< hubAndSpoke where exactly one of several hosts can be dialled, else mesh
    hubAndSpoke,  ///< everybody with the hub, which forwards
    mesh,         ///< everybody with everybody
};

/// What a firewall rule lets through.
enum class Protocol : std::uint8_t { tcp, udp };

/// A service that guests of the tunnel may reach.
enum class Reached : std::uint8_t { prometheus, alertmanager, grafana, jaeger };

// By argument: `describe` finds the words of a field's type.
constexpr auto wordsOf(DriftPolicy /*of*/) {
    return std::array<EnumText<DriftPolicy>, 3>{{
        {DriftPolicy::repair, "repair"},
        {DriftPolicy::report, "report"},
        {DriftPolicy::ignore, "ignore"},
    }};
}
constexpr auto wordsOf(FirewallProvider /*of*/) {
    return std::array<EnumText<FirewallProvider>, 2>{{
        {FirewallProvider::ufw, "ufw"},
        {FirewallProvider::none, "none"},
    }};
}
constexpr auto wordsOf(TunnelTopology /*of*/) {
    return std::array<EnumText<TunnelTopology>, 3>{{
        {TunnelTopology::automatic, "auto"},
        {TunnelTopology::hubAndSpoke, "hubAndSpoke"},
        {TunnelTopology::mesh, "mesh"},
    }};
}

constexpr auto wordsOf(Protocol /*of*/) {
    return std::array<EnumText<Protocol>, 2>{{{Protocol::tcp, "tcp"}, {Protocol::udp, "udp"}}};
}
constexpr auto wordsOf(Reached /*of*/) {
    return std::array<EnumText<Reached>, 4>{{
        {Reached::prometheus, "prometheus"},
        {Reached::alertmanager, "alertmanager"},
        {Reached::grafana, "grafana"},
        {Reached::jaeger, "jaeger"},
    }};
}

}  // namespace vigie::spec
