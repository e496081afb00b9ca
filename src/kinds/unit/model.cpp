// The desired systemd unit: digest and difference.

#include "kinds/unit/model.hpp"

#include "base/hash.hpp"
#include "plan/context.hpp"

namespace vigie::kinds {

void UnitModel::hash(const Desired& unit, Sha256& hash) {
    hash.field(unit.name);
}

void UnitModel::difference(const plan::Context& context, const render::Resource& resource,
                           const Desired& /*unit*/, plan::Change& out) {
    const auto it = context.observed.units.find(resource.id);
    if (it == context.observed.units.end() || !it->second.systemd) {
        out.ownable = false;
        out.reason = "systemd does not run here: vigie itself brings the tunnel up";
        return;
    }
    if (it->second.enabled) {
        out.reason = "as it should be";
        return;
    }
    out.action = plan::Action::update;
    out.reason = resource.purpose + ": is not enabled";
}

}  // namespace vigie::kinds
