// What is there before anything is changed.

#include "apply/transaction/recover.hpp"
#include "apply/transaction/run.hpp"
#include "kinds/before_images.hpp"
#include "kinds/file/host.hpp"
#include "kinds/hosts.hpp"

namespace vigie::apply {

std::vector<state::BeforeImage> captureAll(const Run& run) {
    const auto& transaction = run.transaction;
    const auto key = journalKey(run.settings.stateDirectory, run.system.files);
    kinds::BeforeImages images(key, run.system);
    kinds::captureOrigin(run.settings.stateDirectory, images);
    const auto acting = kinds::actingKinds(run.plan);
    for (const auto& change : run.plan.changes) {
        const bool ours = transaction.before.count(change.id) != 0;
        if (change.acts() || kinds::concerned(change.id, {.acting = acting, .ours = ours})) {
            kinds::capture({.change = change,
                            .before = transaction.before,
                            .options = run.target.options,
                            .system = run.system},
                           transaction.resource(change.id), images);
        }
    }
    return images.take();
}

}  // namespace vigie::apply
