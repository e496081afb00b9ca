// systemd units on the host: observe, capture, enable, undo.

#include "kinds/unit/host.hpp"

#include "apply/tools.hpp"
#include "base/record.hpp"

namespace vigie::apply {

plan::ObservedUnit observeUnit(const std::string& name, const system::System& system) {
    // What `systemctl enable` makes; looking at it starts no program.
    const std::string link = "/etc/systemd/system/multi-user.target.wants/" + name;
    return {systemdRuns(system.files), system.files.inspect(link).exists()};
}

void enableUnit(const std::string& name, bool enabled, const system::System& system) {
    mustRun({"systemctl", enabled ? "enable" : "disable", name}, system.processes);
}

void reloadUnits(const system::System& system) {
    mustRun({"systemctl", "daemon-reload"}, system.processes);
}

}  // namespace vigie::apply

namespace vigie::kinds {

void UnitHost::observe(const Looking& looking, plan::Observed& out) {
    if (looking.options.activation < Model::traits.from) {
        return;
    }
    each<Model>(looking.desired, [&](const render::Resource& resource, const render::Unit& unit) {
        out.units[resource.id] = apply::observeUnit(unit.name, looking.system);
    });
}

/// One field, `state`: `enabled` or `disabled`. Before, that word alone.
void UnitHost::capture(const Capturing& capturing, const render::Unit* /*unit*/, BeforeImages& images) {
    const std::string name = nameOf(capturing.change.id);
    if (images.first("unit", name)) {
        const bool enabled = apply::observeUnit(name, images.system()).enabled;
        images.add("unit", name, RecordWriter().add("state", enabled ? "enabled" : "disabled").take());
    }
}

void UnitHost::make(Transaction& transaction, const plan::Change& /*change*/,
                    const render::Resource& /*resource*/, const render::Unit& unit) {
    apply::enableUnit(unit.name, true, transaction.system);
}

void UnitHost::remove(Transaction& transaction, const plan::Change& change, const state::Owned& /*owned*/) {
    if (apply::systemdRuns(transaction.system.files)) {
        apply::enableUnit(nameOf(change.id), false, transaction.system);
    }
}

void UnitHost::putBack(Undoing& undoing, const std::string& name, std::string_view data) {
    const bool enabled = (RecordReader::is(data) ? RecordReader(data).text("state") : data) == "enabled";
    if (apply::observeUnit(name, undoing.system).enabled != enabled) {
        apply::enableUnit(name, enabled, undoing.system);
    }
}

}  // namespace vigie::kinds
