// Makes the desired state of one host from a document.

#include "apply/inputs/desired_state.hpp"

#include "apply/inputs/keys.hpp"
#include "apply/inputs/policy.hpp"
#include "apply/inputs/users.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "kinds/models.hpp"
#include "plan/compare.hpp"
#include "render/gate.hpp"
#include "render/host.hpp"
#include "secrets/sealing.hpp"
#include "spec/format.hpp"
#include "spec/secret_uses.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace vigie::apply {
namespace {

const spec::Host& hostOf(const spec::Stack& stack, const std::string& name) {
    if (const auto* host = stack.host(name)) {
        return *host;
    }
    std::vector<std::string> names;
    for (const auto& host : stack.hosts) {
        names.push_back(host.name);
    }
    const auto close = nearest(name, names);
    throw Error("the document has no host `" + name + "`",
                close.empty() ? "its hosts: " + join(names, ", ") : "did you mean `" + close + "`?");
}

render::Inputs sealedInputs(const source::Loaded& loaded, const spec::Host& host) {
    render::Inputs out;
    out.files = loaded.files;
    for (const auto& secret : loaded.document->stack.secrets) {
        if (const auto it = secret.sealed.find(host.name); it != secret.sealed.end()) {
            out.secrets[secret.name] = {secrets::secretId(it->second), nullptr};
        }
    }
    out.wireguardPrivateKey = {"wireguard:" + host.publicKey, nullptr};
    if (const auto facts = loaded.facts.find(host.name); facts != loaded.facts.end()) {
        out.keepUser = spec::usersKept(loaded.document->stack, host, facts->second.users);
    }
    return out;
}

DesiredState targetFor(const source::Loaded& loaded, const spec::Host& host, const render::Inputs& inputs,
                       const plan::Options& options) {
    const auto& stack = loaded.document->stack;
    DesiredState out;
    out.options = options;
    out.stack = stack.name;
    out.host = host.name;
    out.desired = renderHost(stack, host, inputs);
    out.keptUsers = inputs.keepUser;
    out.joinedBy = spec::joinedBy(stack);
    addPolicy(stack, host, out);
    return out;
}

}  // namespace

DesiredState makeSealedDesiredState(const source::Loaded& loaded, const std::string& host) {
    const auto& found = hostOf(loaded.document->stack, host);
    return targetFor(loaded, found, sealedInputs(loaded, found), {});
}

DesiredState makeSealedDesiredState(const source::Loaded& loaded, const std::string& host,
                                    const std::vector<render::Resource>& before) {
    const auto& found = hostOf(loaded.document->stack, host);
    auto inputs = sealedInputs(loaded, found);
    auto out = targetFor(loaded, found, inputs, {});
    if (inputs.keepUser.empty()) {
        return out;
    }
    for (const auto& change : plan::compare(before, out.desired, out.options).changes) {
        if (change.action == plan::Action::create || change.action == plan::Action::recreate) {
            inputs.keepUser.erase(kinds::nameOf(change.id));
        }
    }
    return inputs.keepUser == out.keptUsers ? out : targetFor(loaded, found, inputs, {});
}

DesiredState makeDesiredState(const source::Loaded& loaded, const DesiredStateRequest& request,
                              const state::Inventory& inventory, const system::System& system) {
    const auto& stack = loaded.document->stack;
    const auto& host = hostOf(stack, request.host);
    auto here = request;
    here.keepUser = spec::usersKept(stack, host, usersWritten(inventory, system.files));
    auto out = makeDesiredState(loaded, here, system.files);
    std::vector<std::string> notes;
    if (!here.keepUser.empty()) {
        auto moving = movingUsers(out, spec::programsOn(stack, host), here.keepUser, inventory, system);
        for (const auto& program : moving.programs) {
            here.keepUser.erase(program);
        }
        if (!moving.programs.empty()) {
            out = makeDesiredState(loaded, here, system.files);
        }
        notes = std::move(moving.notes);
    }
    if (!here.keepUser.empty()) {
        notes.push_back(keptNote(here.keepUser));
    }
    out.options.notes.insert(out.options.notes.end(), notes.begin(), notes.end());
    return out;
}

DesiredState makeDesiredState(const source::Loaded& loaded, const DesiredStateRequest& request,
                              const system::Files& files) {
    const auto& stack = loaded.document->stack;
    const auto& host = hostOf(stack, request.host);
    const auto paths = keyPaths(request.stateDirectory, stack.wireguard.interface);
    auto inputs = sealedInputs(loaded, host);
    inputs.keepUser = request.keepUser;
    const bool masked = request.tryOut && !files.inspect(paths.identity).exists();
    if (!masked) {
        openKeys(stack, host, paths, files, inputs);
    }
    DesiredState out = targetFor(loaded, host, inputs, request.options);
    out.revision = request.revision;
    out.options.masked = masked;
    out.options.stateDirectory = request.stateDirectory;
    out.bundle = loaded.files;
    const auto& document = loaded.document->file;
    out.bundle[document.substr(document.rfind('/') + 1)] = loaded.sources.at(document);
    return out;
}

DesiredState withTunnelOf(const DesiredState& next, DesiredState applied) {
    applied.desired = render::onlyTheTunnel(next.desired, applied.desired);
    applied.healthChecks.clear();  // the tunnel may have to be there before anything can be healthy
    applied.options.ignored = next.options.ignored;  // the word of `next` on its own tunnel
    applied.options.allowRemoval = next.options.allowRemoval;
    return applied;
}

}  // namespace vigie::apply
