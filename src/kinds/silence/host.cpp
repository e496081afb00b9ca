// Silences in Alertmanager: observe, capture, set, undo, expire.

#include "kinds/silence/host.hpp"

#include "base/error.hpp"
#include "kinds/silence/alertmanager.hpp"

namespace vigie::kinds {

void SilenceHost::observe(const Looking& looking, plan::Observed& out) {
    if (looking.options.activation < Model::traits.from) {
        return;
    }
    each<Model>(looking.desired, [&](const render::Resource& resource, const render::Silence& silence) {
        out.silences[resource.id] = apply::observeSilence(silence, looking.system);
    });
}

void SilenceHost::capture(const Capturing& capturing, const render::Silence* silence, BeforeImages& images) {
    const auto where =
        OwnedSilence::read(silence == nullptr ? capturing.record() : SilenceModel::record(*silence));
    if (images.first("silence", where.baseUrl + where.mark)) {
        images.add("silence", where.mark, apply::snapshotSilence(where.baseUrl, where.mark, images.system()));
    }
}

void SilenceHost::make(Transaction& transaction, const plan::Change& /*change*/,
                       const render::Resource& /*resource*/, const render::Silence& silence) {
    apply::makeSilence(silence, transaction.timeout, transaction.system);
}

void SilenceHost::remove(Transaction& transaction, const plan::Change& /*change*/,
                         const state::Owned& owned) {
    if (!owned.detail.empty()) {
        const auto where = OwnedSilence::read(owned.detail);
        apply::endSilences(where.baseUrl, where.mark, transaction.system);
    }
}

void SilenceHost::putBack(Undoing& undoing, const std::string& mark, std::string_view data) {
    try {
        apply::restoreSilence(data, undoing.system);
    } catch (const Error& error) {
        undoing.out.notes.push_back("the silence " + mark + ": " + error.what());
    }
}

}  // namespace vigie::kinds
