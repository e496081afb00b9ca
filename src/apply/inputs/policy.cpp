// Translates what the document says about drift, adoption and ignoring into options of a plan.

#include "apply/inputs/policy.hpp"

#include "kinds/models.hpp"
#include "spec/format.hpp"
#include "spec/ports.hpp"

#include <algorithm>

namespace vigie::apply {
namespace {

bool leftAsItIs(const plan::Options& options, const std::string& id) {
    const auto it = options.ignored.find(id);
    return it != options.ignored.end() && (it->second.empty() || it->second.count("content") != 0);
}

/// A program cannot be asked to prove that it has loaded what is not ours to say.
void leaveProofs(const std::vector<render::Resource>& desired, plan::Options& options) {
    std::vector<std::string> unproven;
    for (const auto& resource : desired) {
        const auto* program = kinds::programOf(resource);
        if (program == nullptr || program->owner == render::ConfigOwner::userFile) {
            continue;  // the directory of a single file is the whole project's
        }
        for (const auto& [id, fields] : options.ignored) {
            if (kinds::hasContent(id) && program->loads(kinds::nameOf(id)) && leftAsItIs(options, id)) {
                unproven.push_back(resource.id);
            }
        }
    }
    for (const auto& id : unproven) {
        options.ignored[id].clear();
    }
}

}  // namespace

void addPolicy(const spec::Stack& stack, const spec::Host& host, DesiredState& out) {
    out.options.adopt.insert(stack.adopt.begin(), stack.adopt.end());
    out.options.allowRemoval.insert(stack.allowRemoval.begin(), stack.allowRemoval.end());
    if (stack.network.exists()) {
        out.options.allowRemoval.insert("wireguard");  // another network takes its place
    }
    out.options.prune = stack.prunedOn(host);
    out.options.drift = stack.driftPolicyOn(host);
    for (const auto& exception : stack.driftPolicies) {
        out.options.driftOf[exception.resource] = exception.policy;
    }
    for (const auto& rule : stack.ignore) {
        out.options.ignored[rule.resource].insert(rule.fields.begin(), rule.fields.end());
    }
    leaveProofs(out.desired, out.options);
    const auto ports = spec::portsPublished(stack, host);
    if (!stack.network.subnet.empty() && std::any_of(ports.begin(), ports.end(), [](const auto& port) {
            return port.exposure == spec::Exposure::vpn;
        })) {
        out.options.notes.push_back("`exposure: vpn` means " + stack.network.subnet +
                                    " here: whoever is in that network reaches these ports");
    }
    out.options.reownsLarge = stack.uids == "separate";
    out.options.suspended = stack.suspendedBy(host);
    out.timeout = std::chrono::milliseconds(spec::parseDuration(stack.timeoutOn(host)).value_or(0));
    for (const auto& check : stack.healthChecks) {
        const bool here = check.url.empty() ? stack.hostOf(check.project) == &host
                                            : check.host.empty() || check.host == host.name;
        if (here) {
            out.healthChecks.push_back(check);
        }
    }
}

}  // namespace vigie::apply
