// The desired build of an image: digest and difference.

#include "kinds/rebuild/model.hpp"

#include "kinds/digest.hpp"
#include "plan/context.hpp"

namespace vigie::kinds {
namespace {

std::string reasonOf(const render::Resource& resource, const render::Rebuild& rebuild) {
    return resource.purpose + " (" + rebuild.token + ") and its container replaced";
}

}  // namespace

void RebuildModel::hash(const Desired& rebuild, Sha256& hash) {
    hashProject(hash, rebuild.project);
    hash.field(rebuild.service).field(rebuild.token);
}

std::string RebuildModel::describe(const Desired& rebuild) {
    return "rebuild " + rebuild.token + "\n";
}

void RebuildModel::difference(const plan::Context& context, const render::Resource& resource,
                              const Desired& rebuild, plan::Change& out) {
    const auto it = context.observed.projects.find(rebuild.project.name);
    if (context.applied(resource)) {
        out.reason = "was done";
        return;
    }
    if (it == context.observed.projects.end() || !it->second.problem.empty()) {
        out.action = plan::Action::refuse;
        out.reason = it == context.observed.projects.end() ? "it was not looked at" : it->second.problem;
        out.unobserved = true;
        return;
    }
    out.action = plan::Action::recreate;
    out.reason = reasonOf(resource, rebuild);
}

void RebuildModel::changed(const Comparison& comparison, const Desired& rebuild, plan::Change& out) {
    out.action = plan::Action::recreate;
    out.reason = reasonOf(comparison.resource, rebuild);
}

Removal RebuildModel::removal(std::string_view /*record*/) {
    return {plan::Action::release, "no longer in the document; what was built stays"};
}

}  // namespace vigie::kinds
