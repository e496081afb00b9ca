// Reads a host's keys and opens its secrets.

#include "apply/inputs/keys.hpp"

#include "base/error.hpp"
#include "kinds/wireguard/key_files.hpp"
#include "render/host.hpp"
#include "secrets/sealing.hpp"
#include "spec/secret_uses.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace vigie::apply {
namespace {

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
    for (const auto& guest : stack.wireguard.guests) {
        if (guest.presharedKeyFrom) {
            presharedKeys.insert(guest.presharedKeyFrom->secret);
        }
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

}  // namespace

KeyPaths keyPaths(const std::string& stateDirectory, const std::string& interface) {
    const std::string tunnel = "/etc/wireguard/" + interface;
    return {stateDirectory + "/identity", tunnel + ".key", tunnel + ".next.key", tunnel + ".conf"};
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

}  // namespace vigie::apply
