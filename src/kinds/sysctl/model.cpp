// The desired kernel parameter: digest and difference.

#include "kinds/sysctl/model.hpp"

#include "base/hash.hpp"
#include "plan/context.hpp"

namespace vigie::kinds {

void SysctlModel::hash(const Desired& sysctl, Sha256& hash) {
    hash.field(sysctl.key).field(sysctl.value);
}

std::string SysctlModel::describe(const Desired& sysctl) {
    return sysctl.key + " = " + sysctl.value + "\n";
}

void SysctlModel::difference(const plan::Context& context, const render::Resource& resource,
                             const Desired& sysctl, plan::Change& out) {
    const auto it = context.observed.sysctls.find(resource.id);
    const std::string is = it == context.observed.sysctls.end() ? "" : it->second;
    if (is == sysctl.value) {
        out.reason = "as it should be";
        return;
    }
    out.action = is.empty() ? plan::Action::refuse : plan::Action::update;
    out.reason = is.empty() ? "this kernel has no " + sysctl.key : resource.purpose;
    out.diff =
        plan::Diff::ofFacts("-" + sysctl.key + " = " + is + "\n+" + sysctl.key + " = " + sysctl.value + "\n");
}

Removal SysctlModel::removal(std::string_view /*record*/) {
    return {plan::Action::release,
            "no longer in the document; the kernel keeps the value until the next boot"};
}

}  // namespace vigie::kinds
