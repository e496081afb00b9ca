// Secrets, who can open them and whether anything uses them.

#include "lint/rules.hpp"
#include "spec/secret_uses.hpp"

#include <set>

namespace vigie::lint {

using spec::FieldPath;

namespace {

void lintUse(const spec::SecretUse& use, const spec::Secret& secret, const spec::Host& host,
             const spec::Reporter& report) {
    if (secret.sealed.count(host.name) == 0) {
        report.error(
            use.pair ? code::VG0319 : code::VG0403, use.at,
            "secret `" + use.secret + "` is needed on host `" + host.name + "`, but is not sealed for it",
            "run `vigie seal " + use.secret + "` and add the line for `" + host.name + "`" +
                (use.pair ? ": with the key on one side only, no handshake succeeds" : ""));
    } else if (host.sealingKey.empty()) {
        report.warning(
            code::VG0404, use.at,
            "host `" + host.name + "` needs the secret `" + use.secret + "`, but has no `sealingKey`",
            "add the key that `vigie keys show` prints on the host, so that the secret can be "
            "sealed again");
    }
}

void lintRecovery(const spec::Stack& stack, const spec::Reporter& report) {
    for (std::size_t i = 0; i < stack.secretsRecovery.size(); ++i) {
        const auto& name = stack.secretsRecovery[i].name;
        if (!name.empty() && stack.host(name) != nullptr) {
            report.error(code::VG0521, FieldPath{"spec", "secretsRecovery"}[i] / "name",
                         "the recovery key `" + name + "` has the name of a host",
                         "give it another name: `sealed` of a secret lists hosts and recovery keys by name");
            continue;
        }
        for (std::size_t j = 0; j < stack.secrets.size(); ++j) {
            const auto& secret = stack.secrets[j];
            if (!name.empty() && secret.sealed.count(name) == 0) {
                report.warning(
                    code::VG0520, FieldPath{"spec", "secrets"}[j] / "sealed",
                    "secret `" + secret.name + "` is not sealed for the recovery key `" + name + "`",
                    "run `vigie seal --rotate --for " + name + "` on a host that can open it");
            }
        }
    }
}

}  // namespace

void lintSecrets(const spec::Stack& stack, const spec::Reporter& report) {
    lintRecovery(stack, report);
    std::set<std::string> used;
    for (const auto& use : spec::secretUses(stack)) {
        used.insert(use.secret);
        const auto* secret = stack.secret(use.secret);
        // For whom it is sealed is not known of what the schema refused.
        if (secret != nullptr &&
            !report.refused(
                FieldPath{"spec", "secrets"}[static_cast<std::size_t>(secret - stack.secrets.data())] /
                "sealed")) {
            for (const auto* host : use.hosts) {
                lintUse(use, *secret, *host, report);
            }
        }
    }
    for (std::size_t i = 0; i < stack.secrets.size(); ++i) {
        if (!stack.secrets[i].name.empty() && used.count(stack.secrets[i].name) == 0) {
            report.warning(code::VG0410, FieldPath{"spec", "secrets"}[i] / "name",
                           "nothing uses the secret `" + stack.secrets[i].name + "`",
                           "remove it, or name it in a `passwordFrom`");
        }
    }
}

}  // namespace vigie::lint
