#include "lint/rules.hpp"
#include "spec/registry.hpp"

#include <algorithm>
#include <set>

namespace vigie::lint {
namespace {

using spec::FieldPath;

struct Use {
    std::string secret;
    const spec::Host* host;
    FieldPath at;
    bool pair = false;  ///< a preshared key, which the other host of the pair needs as well
};

std::vector<Use> usesOf(const spec::Stack& stack) {
    std::vector<Use> out;
    for (std::size_t i = 0; i < stack.exporters.size(); ++i) {
        const auto& exporter = stack.exporters[i];
        out.push_back({exporter.pgbouncer.passwordFrom.secret, stack.hostOf(exporter.project),
                       FieldPath{"spec", "exporters"}[i] / "pgbouncer" / "passwordFrom" / "secret"});
    }
    if (stack.alertmanager && stack.alertmanager->smtp && stack.alertmanager->smtp->passwordFrom) {
        out.push_back({stack.alertmanager->smtp->passwordFrom->secret,
                       stack.hostOf(stack.alertmanager->project),
                       {"spec", "alertmanager", "smtp", "passwordFrom", "secret"}});
    }
    for (std::size_t i = 0; i < stack.registries.size(); ++i) {
        const FieldPath at = FieldPath{"spec", "registries"}[i] / "passwordFrom" / "secret";
        out.push_back({stack.registries[i].passwordFrom.secret, nullptr, at});
        for (const auto& host : stack.hosts) {
            const auto needed = spec::registriesOf(stack, host);
            if (std::find(needed.begin(), needed.end(), &stack.registries[i]) != needed.end()) {
                out.push_back({stack.registries[i].passwordFrom.secret, &host, at});
            }
        }
    }
    for (std::size_t i = 0; i < stack.wireguard.presharedKeys.size(); ++i) {
        const auto& key = stack.wireguard.presharedKeys[i];
        for (const auto& name : key.hosts) {
            out.push_back({key.from.secret, stack.host(name),
                           FieldPath{"spec", "wireguard", "presharedKeys"}[i] / "from" / "secret", true});
        }
    }
    return out;
}

}  // namespace

void lintSecrets(const spec::Stack& stack, const spec::Reporter& report) {
    std::set<std::string> used;
    for (const auto& use : usesOf(stack)) {
        used.insert(use.secret);
        const auto* secret = stack.secret(use.secret);
        if (secret == nullptr || use.host == nullptr) {
            continue;
        }
        if (secret->sealed.count(use.host->name) == 0) {
            report.error(use.pair ? "VG0319" : "VG0403", use.at,
                         "secret `" + use.secret + "` is needed on host `" + use.host->name +
                             "`, but is not sealed for it",
                         "run `vigie seal " + use.secret + "` and add the line for `" + use.host->name + "`" +
                             (use.pair ? ": with the key on one side only no handshake ever comes" : ""));
        } else if (use.host->sealingKey.empty()) {
            report.warning("VG0404", use.at,
                           "host `" + use.host->name + "` needs the secret `" + use.secret +
                               "`, but has no `sealingKey`",
                           "add the key that `vigie keys show` prints on the host, so that the secret can be "
                           "sealed again");
        }
    }
    for (std::size_t i = 0; i < stack.secrets.size(); ++i) {
        if (!stack.secrets[i].name.empty() && used.count(stack.secrets[i].name) == 0) {
            report.warning("VG0410", FieldPath{"spec", "secrets"}[i] / "name",
                           "nothing uses the secret `" + stack.secrets[i].name + "`",
                           "remove it, or name it in a `passwordFrom`");
        }
    }
}

}  // namespace vigie::lint
