// `vigie keys`: makes and shows the keys of a host.
#include "apply/inputs/desired_state.hpp"
#include "apply/transaction/lock.hpp"
#include "base/error.hpp"
#include "base/redact.hpp"
#include "base/wg_lines.hpp"
#include "cli/commands.hpp"
#include "cli/host_keys.hpp"
#include "cli/host_system.hpp"
#include "cli/terminal.hpp"
#include "secrets/identity.hpp"
#include "spec/format.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

namespace vigie::cli {
namespace {

void printKeys(const PublicKeys& keys) {
    print(
        "# for this host in `spec.hosts`; both keys are public\n"
        "vpn: { publicKey: \"" +
        keys.wireguard +
        "\" }   # and its address\n"
        "sealingKey: \"" +
        keys.sealing + "\"\n");
}

/// A command of the file that hands the interface a key from elsewhere: `wg set %i private-key FILE`.
bool setsKey(const WgLine& line) {
    return (line.key == "preup" || line.key == "postup") &&
           line.value.find("private-key") != std::string_view::npos;
}

/// The private key of a hand-made tunnel, so that its peers need not change; nothing when there is none. One
/// that is there and cannot be taken throws Error: a new one would cut off every peer that was made by hand.
std::optional<secrets::WireguardKey> existingWireguardKey(const system::Files& files,
                                                          const std::string& interface) {
    const std::string path = "/etc/wireguard/" + interface + ".conf";
    const std::string file = files.real(path);
    const std::string cure = "put the current private key of the tunnel into " +
                             files.real("/etc/wireguard/" + interface + ".key") +
                             " (mode 0600), or move that file away to create a new key";
    const auto info = files.inspect(path);
    if (!info.exists()) {
        return std::nullopt;
    }
    if (info.type != FileInfo::Type::regular) {
        throw Error(file + " is not a regular file, so the tunnel's key cannot be read from it", cure);
    }
    const auto text = files.read(path, system::kLargestFile);
    std::optional<secrets::WireguardKey> out;
    for (const auto& line : wgLines(view(text))) {
        if (line.isSetting("interface", "privatekey")) {  // of several, wg takes the last
            // `***` is our own rendering of a root without keys.
            out = line.value == kSecretMask
                      ? std::nullopt
                      : std::optional(secrets::wireguardKeyAt(line.value, file, line.number));
        } else if (line.section == "interface" && setsKey(line)) {
            throw Error(file + ":" + std::to_string(line.number) +
                            ": the tunnel's key comes from a command, which vigie does not run",
                        cure);
        }
    }
    return out;
}

}  // namespace

PublicKeys publicKeys(const HostSystem& here, const KeysOptions& options) {
    const auto paths = apply::keyPaths(options.root.state, options.interface);
    for (const auto& path : {paths.identity, paths.wireguard}) {
        if (!here.files.inspect(path).exists()) {
            throw Error("this host has no keys: " + here.files.real(path) + " is missing",
                        "run `vigie keys init`");
        }
    }
    return {secrets::decodeIdentity(view(apply::readPrivate(here.files, paths.identity))).publicKey,
            secrets::wireguardKeyFrom(view(apply::readPrivate(here.files, paths.wireguard))).publicKey};
}

int keysShow(const KeysOptions& options) {
    const HostSystem here(options.root);
    const auto keys = publicKeys(here, options);
    printKeys(keys);
    const auto paths = apply::keyPaths(options.root.state, options.interface);
    const auto used = apply::keyInConfig(paths.config, here.files);
    const auto files = apply::observeKeyFiles(options.interface, here.files);
    const bool known = !used || std::any_of(files.begin(), files.end(),
                                            [&](const auto& each) { return each.second == used->publicKey; });
    if (!known) {  // publishing another key would disconnect the peers
        say("the tunnel was set up with another key; its public key is " + used->publicKey + ": if " +
            here.files.real(paths.wireguard) +
            " was replaced, remove it and run `vigie keys init`, which takes the key from " +
            here.files.real(paths.config));
    }
    return kOk;
}

PublicKeys ensureKeys(HostSystem& here, const KeysOptions& options) {
    here.makeStateDirectory();
    const apply::Lock lock(here.statePath("lock"), "this root");
    const auto paths = apply::keyPaths(options.root.state, options.interface);
    const bool makesKey = !here.files.inspect(paths.wireguard).exists();
    // Read first: an error in the existing configuration is reported before anything is changed.
    auto existing = makesKey ? existingWireguardKey(here.files, options.interface) : std::nullopt;
    if (!here.files.inspect(paths.identity).exists()) {
        here.files.write(paths.identity, view(secrets::encodeIdentity(secrets::generateIdentity())), 0600,
                         std::nullopt);
        say("created the host's identity " + here.files.real(paths.identity));
    }
    if (makesKey) {
        auto key = existing ? std::move(*existing) : secrets::generateWireguardKey();
        key.privateKey.push_back('\n');
        const std::string directory = "/etc/wireguard";
        if (!here.files.inspect(directory).exists()) {
            system::makeParents(here.files, directory);
            here.files.makeDirectory(directory, 0700, std::nullopt);
        }
        here.files.write(paths.wireguard, view(key.privateKey), 0600, std::nullopt);
        say((existing ? "copied the existing WireGuard key to " : "created the WireGuard key ") +
            here.files.real(paths.wireguard));
    }
    return publicKeys(here, options);
}

int keysInit(const KeysOptions& options) {
    HostSystem here(options.root);
    printKeys(ensureKeys(here, options));
    return kOk;
}

int keysRotate(const KeysOptions& options) {
    HostSystem here(options.root);
    here.makeStateDirectory();
    const apply::Lock lock(here.statePath("lock"), "this root");
    const auto paths = apply::keyPaths(options.root.state, options.interface);
    if (!here.files.inspect(paths.wireguard).exists()) {
        throw Error(
            "this host has no WireGuard key to rotate: " + here.files.real(paths.wireguard) + " is missing",
            "run `vigie keys init`");
    }
    const bool there = here.files.inspect(paths.next).exists();
    if (options.finish) {
        if (!there) {
            throw Error("no key rotation is in progress on this host", "start one with `vigie keys rotate`");
        }
        here.files.write(paths.wireguard, view(apply::readPrivate(here.files, paths.next)), 0600,
                         std::nullopt);
        here.files.remove(paths.next);
        say("erased the old WireGuard key");
        return keysShow(options);
    }
    if (!there) {
        auto key = secrets::generateWireguardKey();
        key.privateKey.push_back('\n');
        here.files.write(paths.next, view(key.privateKey), 0600, std::nullopt);
        say("created the next WireGuard key " + here.files.real(paths.next));
    }
    const auto next = secrets::wireguardKeyFrom(view(apply::readPrivate(here.files, paths.next)));
    print(
        "# 1. add this to the host's `vpn:`, push, and wait until every host has applied it\n"
        "nextPublicKey: \"" +
        next.publicKey +
        "\"\n"
        "# 2. write it as `publicKey:` instead, push, and wait\n"
        "# 3. `vigie keys rotate --finish` erases the old key\n");
    return kOk;
}

int keysRecovery(const KeysOptions& options) {
    if (spec::checkFormat("name", options.recoveryName)) {
        throw Error("`" + options.recoveryName + "` is not a valid name for a key",
                    "use letters, digits and `-`");
    }
    system::RealFiles files("", system::Links::asTyped);
    const auto path = std::filesystem::absolute(options.recoveryFile).lexically_normal().string();
    if (!files.inspect(path).exists()) {
        files.write(path, view(secrets::encodeIdentity(secrets::generateIdentity())), 0600, std::nullopt);
        say("made " + path +
            ": keep it offline, with a copy in another place; it decrypts every secret that is sealed to it");
    }
    print(
        "# for `spec.secretsRecovery`; this key is public\n"
        "- name: " +
        options.recoveryName + "\n  sealingKey: \"" +
        secrets::decodeIdentity(view(apply::readPrivate(files, path))).publicKey + "\"\n");
    return kOk;
}

}  // namespace vigie::cli
