// Which process is told of which files: digest and plan.

#include "kinds/signal/model.hpp"

#include "kinds/digest.hpp"
#include "plan/context.hpp"

#include <algorithm>

namespace vigie::render {

std::string_view toText(FileSignal::Way way) {
    constexpr std::array<std::string_view, 4> kWays = {"HUP", "USR1", "USR2", "restart"};
    return kWays.at(static_cast<std::size_t>(way));
}

}  // namespace vigie::render

namespace vigie::kinds {

using render::FileSignal;

void SignalModel::hash(const Desired& signal, Sha256& hash) {
    hash.field(signal.project).field(signal.service).field(toText(signal.way));
    hashList(hash, signal.files);
}

std::string SignalModel::describe(const Desired& signal) {
    return signal.way == FileSignal::Way::restart
               ? "restart " + signal.service + "\n"
               : "SIG" + std::string(toText(signal.way)) + " to the process of " + signal.service + "\n";
}

void SignalModel::difference(const plan::Context& /*context*/, const render::Resource& /*resource*/,
                             const Desired& signal, plan::Change& out) {
    out.reason = signal.service + " is told when its files change";
}

Removal SignalModel::removal(std::string_view /*record*/) {
    return {plan::Action::release, "no longer in the document: vigie tells it nothing more"};
}

void SignalModel::tellWhatChanges(const plan::Context& context, const std::vector<render::Resource>& desired,
                                  plan::Plan& plan) {
    for (std::size_t i = 0; i < desired.size(); ++i) {
        const auto* signal = std::get_if<Desired>(&desired[i].what);
        if (signal == nullptr || context.options.activation < traits.from) {
            continue;
        }
        const auto written = std::find_if(plan.changes.begin(), plan.changes.end(), [&](const auto& change) {
            const auto& files = signal->files;
            return change.acts() && !change.diff.empty() &&
                   std::find(files.begin(), files.end(), change.id) != files.end();
        });
        if (written != plan.changes.end()) {
            const bool restart = signal->way == FileSignal::Way::restart;
            plan.changes[i].action = restart ? plan::Action::restart : plan::Action::reload;
            plan.changes[i].reason = nameOf(written->id) + " is written";
        }
    }
}

}  // namespace vigie::kinds
