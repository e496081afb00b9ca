// The conditions of a host's status: their types, statuses and reasons, and how they follow from the outcome
// of a pass. The texts are part of the interface: docs/http.md, docs/openapi.yaml and the CRD.
#pragma once

#include "base/enum_text.hpp"
#include "controller/outcome.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace vigie::controller {

/// What a condition speaks of.
enum class ConditionType : std::uint8_t {
    ready,           ///< the host is what the tip says
    reconciling,     ///< it is not, and the controller goes on by itself
    stalled,         ///< it is not, and only a commit or an operator helps
    sourceVerified,  ///< the tip was made by somebody who may
    healthy,         ///< what runs on the host works
    tunnelReady,     ///< every peer of the tunnel has a fresh handshake
    networkReady,    ///< in the network that joins the hosts, this one has its address and the others answer
};

inline constexpr std::array<EnumText<ConditionType>, 7> kConditionTypes{{
    {ConditionType::ready, "Ready"},
    {ConditionType::reconciling, "Reconciling"},
    {ConditionType::stalled, "Stalled"},
    {ConditionType::sourceVerified, "SourceVerified"},
    {ConditionType::healthy, "Healthy"},
    {ConditionType::tunnelReady, "TunnelReady"},
    {ConditionType::networkReady, "NetworkReady"},
}};

std::string toText(ConditionType type);
std::string toText(ConditionStatus status);
std::string toText(Reason reason);

struct Condition {
    ConditionType type = ConditionType::ready;
    ConditionStatus status = ConditionStatus::unknown;
    Reason reason = Reason::notObserved;
    std::string message = {};
    std::int64_t lastTransition = 0;      ///< Unix milliseconds
    std::int64_t observedGeneration = 0;  ///< of the revision that it speaks of
};

/// The reason of Ready, Reconciling and Stalled that goes with it.
Reason reasonOf(Result result);

/// The condition of that type; null when there is none.
const Condition* find(const std::vector<Condition>& conditions, ConditionType type);

/// What the conditions are made of.
struct Findings {
    Outcome outcome = {};
    Trust trust = {};
    HealthReport health = {};
};

/// Conditions in Kubernetes' form, one of each type, in the order of the types; NetworkReady only where there
/// is such a network. Never Reconciling and Stalled
/// together; Stalled implies Ready=False. A condition keeps the time of its last transition from `previous`.
std::vector<Condition> conditionsFor(const Findings& findings, const std::vector<Condition>& previous,
                                     std::int64_t now, std::int64_t generation = 0);

}  // namespace vigie::controller
