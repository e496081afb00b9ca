#include "apply/target.hpp"

#include "apply/users.hpp"
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

void mustExist(const system::Files& files, const std::string& path, const std::string& what) {
    if (!files.inspect(path).exists()) {
        throw Error("this host has no " + what + ": " + files.real(path) + " is missing",
                    "run `vigie keys init` on this host, and put what it prints into the document");
    }
}

/// What a program cannot read is refused before it is written anywhere.
void requireFit(const std::vector<spec::SecretUse>& uses, const spec::Host& host, const std::string& name,
                std::string_view value) {
    for (const auto& use : uses) {
        const bool here =
            use.secret == name && std::find(use.hosts.begin(), use.hosts.end(), &host) != use.hosts.end();
        if (const auto problem = here ? spec::unfit(use.form, value) : std::nullopt) {
            throw Error("the value of the secret `" + name + "` " + *problem + ", which " + use.at.text() +
                            " cannot hold",
                        "seal it again without: printf %s 'value' | vigie seal " + name);
        }
    }
}

void openSecrets(const spec::Stack& stack, const spec::Host& host, const secrets::Identity& identity,
                 render::Inputs& inputs) {
    std::set<std::string> presharedKeys;
    for (const auto& key : stack.wireguard.presharedKeys) {
        presharedKeys.insert(key.from.secret);
    }
    const auto uses = spec::secretUses(stack);
    for (const auto& name : render::secretsNeededBy(stack, host)) {
        const auto& ciphertext = stack.secret(name)->sealed.at(host.name);
        inputs.secrets[name].value = std::make_shared<const SecureBytes>(
            secrets::open(ciphertext, {stack.name, name, host.name}, identity));
        requireFit(uses, host, name, view(*inputs.secrets[name].value));
        if (presharedKeys.count(name) != 0 && !secrets::isWireguardKey(view(*inputs.secrets[name].value))) {
            throw Error("the secret `" + name + "` is no preshared key of WireGuard",
                        "seal what `wg genpsk` prints: wg genpsk | vigie seal " + name);
        }
    }
}

/// The host's key that the document names; while it changes over, the next one, if it is here. A key file
/// that somebody replaced does not count as long as the tunnel's configuration has the document's key: it is
/// told of, see `plan::keyFileProblem`.
secrets::WireguardKey tunnelKey(const spec::Host& host, const KeyPaths& paths, const system::Files& files) {
    auto key = keyInFile(paths.wireguard, files);
    if (files.inspect(paths.next).exists()) {
        auto next = keyInFile(paths.next, files);
        const bool changedOver =
            next && next->publicKey == host.publicKey && !(key && key->publicKey == host.publicKey);
        if (next && (next->publicKey == host.nextPublicKey || changedOver)) {
            return std::move(*next);
        }
    }
    if (key && (key->publicKey == host.publicKey ||
                (!host.nextPublicKey.empty() && key->publicKey == host.nextPublicKey))) {
        return std::move(*key);
    }
    auto used = keyInConfig(paths.config, files);
    if (used && used->publicKey == host.publicKey) {
        return std::move(*used);
    }
    const std::string file = files.real(paths.wireguard);
    if (!key) {
        throw Error(file + " holds no WireGuard key",
                    "`vigie keys init` makes one where that file is missing");
    }
    // The tunnel bears the file out, or there is no tunnel yet.
    const bool borneOut = !used || used->publicKey == key->publicKey;
    throw Error("the WireGuard public key of host `" + host.name + "` in the document, " + host.publicKey +
                    ", is not that of the key in " + file + ", " + key->publicKey,
                borneOut
                    ? "write `publicKey: \"" + key->publicKey +
                          "\"`, unless that file was replaced: with crossed keys no handshake ever comes"
                    : "the tunnel was set up with a third key, " + used->publicKey +
                          ": put the host's own key into that file, and its public half into the document");
}

void openKeys(const spec::Stack& stack, const spec::Host& host, const KeyPaths& paths,
              const system::Files& files, render::Inputs& inputs) {
    mustExist(files, paths.identity, "identity");
    if (stack.wireguard.exists()) {
        mustExist(files, paths.wireguard, "WireGuard key");
    }
    const auto identity = secrets::decodeIdentity(view(readPrivate(files, paths.identity)));
    if (!host.sealingKey.empty() && host.sealingKey != identity.publicKey) {
        throw Error("the sealing key of host `" + host.name + "` in the document is not this host's",
                    "is this really host `" + host.name + "`? Its key is " + identity.publicKey);
    }
    openSecrets(stack, host, identity, inputs);
    if (!stack.wireguard.exists()) {
        return;
    }
    auto key = tunnelKey(host, paths, files);
    inputs.wireguardPrivateKey = {"wireguard:" + key.publicKey,
                                  std::make_shared<const SecureBytes>(std::move(key.privateKey))};
    inputs.wireguardPublicKey = key.publicKey;
}

plan::DriftPolicy driftPolicy(const std::string& text) {
    if (text == "report") {
        return plan::DriftPolicy::report;
    }
    return text == "ignore" ? plan::DriftPolicy::ignore : plan::DriftPolicy::repair;
}

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
            if (kinds::isA(kinds::Kind::file, id) && program->loads(kinds::nameOf(id)) && leftAsItIs(options, id)) {
                unproven.push_back(resource.id);
            }
        }
    }
    for (const auto& id : unproven) {
        options.ignored[id].clear();
    }
}

/// What the document says about how this host is brought to it.
void heedDocument(const spec::Stack& stack, const spec::Host& host, Target& out) {
    out.options.adopt.insert(stack.adopt.begin(), stack.adopt.end());
    out.options.allowRemoval.insert(stack.allowRemoval.begin(), stack.allowRemoval.end());
    out.options.prune = stack.prunedOn(host);
    out.options.drift = driftPolicy(stack.driftPolicyOn(host));
    for (const auto& exception : stack.driftPolicies) {
        out.options.driftOf[exception.resource] = driftPolicy(exception.policy);
    }
    for (const auto& rule : stack.ignore) {
        out.options.ignored[rule.resource].insert(rule.fields.begin(), rule.fields.end());
    }
    leaveProofs(out.desired, out.options);
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

Target targetFor(const source::Loaded& loaded, const spec::Host& host, const render::Inputs& inputs,
                 const plan::Options& options) {
    const auto& stack = loaded.document->stack;
    Target out;
    out.options = options;
    out.stack = stack.name;
    out.host = host.name;
    out.desired = renderHost(stack, host, inputs);
    out.keptUsers = inputs.keepUser;
    heedDocument(stack, host, out);
    return out;
}

}  // namespace

KeyPaths keyPaths(const std::string& stateDirectory, const std::string& interface) {
    const std::string tunnel = "/etc/wireguard/" + interface;
    return {stateDirectory + "/identity", tunnel + ".key", tunnel + ".next.key", tunnel + ".conf"};
}

Target makeSealedTarget(const source::Loaded& loaded, const std::string& host) {
    const auto& found = hostOf(loaded.document->stack, host);
    return targetFor(loaded, found, sealedInputs(loaded, found), {});
}

Target makeSealedTarget(const source::Loaded& loaded, const std::string& host,
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

Target makeTarget(const source::Loaded& loaded, const TargetRequest& request,
                  const state::Inventory& inventory, const system::System& system) {
    const auto& stack = loaded.document->stack;
    const auto& host = hostOf(stack, request.host);
    auto here = request;
    here.keepUser = spec::usersKept(stack, host, usersWritten(inventory, system.files));
    auto out = makeTarget(loaded, here, system.files);
    std::vector<std::string> notes;
    if (!here.keepUser.empty()) {
        auto moving = movingUsers(out, spec::programsOn(stack, host), here.keepUser, inventory, system);
        for (const auto& program : moving.programs) {
            here.keepUser.erase(program);
        }
        if (!moving.programs.empty()) {
            out = makeTarget(loaded, here, system.files);
        }
        notes = std::move(moving.notes);
    }
    if (!here.keepUser.empty()) {
        notes.push_back(keptNote(here.keepUser));
    }
    out.options.notes.insert(out.options.notes.end(), notes.begin(), notes.end());
    return out;
}

Target makeTarget(const source::Loaded& loaded, const TargetRequest& request, const system::Files& files) {
    const auto& stack = loaded.document->stack;
    const auto& host = hostOf(stack, request.host);
    const auto paths = keyPaths(request.stateDirectory, stack.wireguard.interface);
    auto inputs = sealedInputs(loaded, host);
    inputs.keepUser = request.keepUser;
    const bool masked = request.tryOut && !files.inspect(paths.identity).exists();
    if (!masked) {
        openKeys(stack, host, paths, files, inputs);
    }
    Target out = targetFor(loaded, host, inputs, request.options);
    out.revision = request.revision;
    out.options.masked = masked;
    out.options.stateDirectory = request.stateDirectory;
    out.bundle = loaded.files;
    const auto& document = loaded.document->file;
    out.bundle[document.substr(document.rfind('/') + 1)] = loaded.sources.at(document);
    return out;
}

Target withTunnelOf(const Target& next, Target applied) {
    applied.desired = render::onlyTheTunnel(next.desired, applied.desired);
    applied.healthChecks.clear();  // the tunnel may have to be there before anything can be healthy
    applied.options.ignored = next.options.ignored;  // the word of `next` on its own tunnel
    applied.options.allowRemoval = next.options.allowRemoval;
    return applied;
}

}  // namespace vigie::apply
