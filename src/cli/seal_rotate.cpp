// `vigie seal --rotate`: seals secrets again for other keys.

#include "apply/inputs/desired_state.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/host_system.hpp"
#include "cli/sealed_document.hpp"
#include "cli/terminal.hpp"
#include "secrets/sealing.hpp"
#include "spec/secret_uses.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

namespace vigie::cli {
namespace {

bool has(const std::vector<std::string>& all, const std::string& each) {
    return std::find(all.begin(), all.end(), each) != all.end();
}

secrets::Identity identityOf(const SealOptions& options) {
    if (!options.recoveryIdentity.empty()) {
        const system::RealFiles files("", system::Links::asTyped);
        return secrets::decodeIdentity(
            view(apply::readPrivate(files, std::filesystem::absolute(options.recoveryIdentity).string())));
    }
    const HostSystem here(options.root);
    const auto path = apply::keyPaths(options.root.state, "").identity;
    if (!here.files.inspect(path).exists()) {
        throw Error("this host has no identity: " + here.files.real(path) + " is missing",
                    "run it on a host that can decrypt the secrets, or add --recovery-identity FILE");
    }
    return secrets::decodeIdentity(view(apply::readPrivate(here.files, path)));
}

/// The names of --for and --only must exist: a misspelt one would silently do nothing.
void requireNames(const spec::Stack& stack, const SealOptions& options) {
    for (const auto& name : options.recipients) {
        const bool recovery = std::any_of(stack.secretsRecovery.begin(), stack.secretsRecovery.end(),
                                          [&](const auto& key) { return key.name == name; });
        if (stack.host(name) == nullptr && !recovery) {
            throw Error("the document has neither a host nor a recovery key `" + name + "`");
        }
    }
    for (const auto& name : options.only) {
        if (stack.secret(name) == nullptr) {
            throw Error("the document has no secret `" + name + "`");
        }
    }
}

/// The value, from whichever of the ciphertexts this identity opens.
std::optional<SecureBytes> openAny(const spec::Stack& stack, const spec::Secret& secret,
                                   const secrets::Identity& identity) {
    for (const auto& [name, ciphertext] : secret.sealed) {
        try {
            return secrets::open(ciphertext, {stack.name, secret.name, name}, identity);
        } catch (const Error&) {
            continue;  // sealed to another key
        }
    }
    return std::nullopt;
}

/// The edits, and their description secret by secret.
struct Rotation {
    spec::SealedEdits edits;
    std::string description;
    std::vector<std::string> closed;      ///< secrets that the identity cannot open
    std::vector<std::string> withoutKey;  ///< hosts
};

Rotation rotate(const spec::Stack& stack, const SealOptions& options, const secrets::Identity& identity) {
    Rotation out;
    for (std::size_t i = 0; i < stack.secrets.size(); ++i) {
        const auto& secret = stack.secrets[i];
        if (!options.only.empty() && !has(options.only, secret.name)) {
            continue;
        }
        std::vector<spec::Recipient> recipients;
        for (auto& each : spec::recipientsOf(stack, secret.name)) {
            if (options.recipients.empty() || has(options.recipients, each.name)) {
                recipients.push_back(std::move(each));
            }
        }
        if (recipients.empty()) {
            continue;
        }
        const auto value = openAny(stack, secret, identity);
        if (!value) {
            out.closed.push_back(secret.name);
            continue;
        }
        out.description += secret.name + "\n";
        for (const auto& each : recipients) {
            if (each.sealingKey.empty()) {
                if (!has(out.withoutKey, each.name)) {
                    out.withoutKey.push_back(each.name);
                }
                continue;
            }
            out.edits[i][each.name] =
                secrets::seal(view(*value), {stack.name, secret.name, each.name}, each.sealingKey);
            out.description +=
                std::string(secret.sealed.count(each.name) == 0 ? "  + " : "  ~ ") + each.name +
                (each.recovery ? " (recovery)" : "") +
                (secret.sealed.count(each.name) == 0 ? ": sealed for the first time\n" : ": sealed again\n");
        }
        for (const auto& [name, ciphertext] : secret.sealed) {
            const bool needs = std::any_of(recipients.begin(), recipients.end(),
                                           [&, each = name](const auto& to) { return to.name == each; });
            if (!needs) {
                out.description += "    " + name + ": unchanged\n";
            }
        }
    }
    return out;
}

void requireAll(const Rotation& rotation) {
    if (!rotation.withoutKey.empty()) {
        throw Error("no `sealingKey` in the document: " + join(rotation.withoutKey, ", "),
                    "run `vigie keys show` on each of these hosts, and add the line");
    }
    if (!rotation.closed.empty()) {
        throw Error("this identity cannot decrypt: " + join(rotation.closed, ", "),
                    "run it on a host that can decrypt them, or add --recovery-identity FILE; --only NAME "
                    "rotates one secret only");
    }
}

}  // namespace

int sealRotate(const SealOptions& options) {
    const auto loaded = loadForSealing(options.directory);
    const auto& stack = loaded.document->stack;
    requireNames(stack, options);
    const auto rotation = rotate(stack, options, identityOf(options));
    requireAll(rotation);
    if (rotation.edits.empty()) {
        print("nothing to seal\n");
        return kOk;
    }
    if (options.dryRun) {
        // A dry run also reports what cannot be edited.
        static_cast<void>(spec::withSealed(loaded.sources.at(loaded.document->file), loaded.document->root,
                                           rotation.edits));
        print(rotation.description);
        return kOk;
    }
    writeSealed(loaded, rotation.edits);
    print(rotation.description);
    say("wrote " + loaded.document->file + "; push it, and the hosts use the newly sealed values");
    return kOk;
}

}  // namespace vigie::cli
