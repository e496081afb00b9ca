// Image builds that the document asks for: capture, build, undo.

#include "kinds/rebuild/host.hpp"

#include "kinds/compose/host.hpp"
#include "kinds/compose/tool.hpp"

namespace vigie::kinds {

void RebuildHost::capture(const Capturing& capturing, const render::Rebuild* rebuild, BeforeImages& images) {
    captureContainer(capturing, rebuild == nullptr ? nullptr : &rebuild->project, images);
}

void RebuildHost::make(Transaction& transaction, const plan::Change& /*change*/,
                       const render::Resource& /*resource*/, const render::Rebuild& rebuild) {
    apply::composeUp(rebuild.project, rebuild.service, apply::Recreate::always, transaction.system);
    transaction.started.insert({rebuild.project.name, rebuild.service});
}

void RebuildHost::build(const Preparing& preparing) {
    each<Model>(preparing.desired, [&](const render::Resource& resource, const render::Rebuild& rebuild) {
        if (preparing.acts(resource.id)) {
            preparing.tell("build " + rebuild.project.name + "/" + rebuild.service);
            apply::buildImage(rebuild.project, rebuild.service, preparing.patient);
        }
    });
}

}  // namespace vigie::kinds
