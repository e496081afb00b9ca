#include "lint/rules.hpp"
#include "spec/settings.hpp"

#include <set>

namespace vigie::lint {
namespace {

using spec::FieldPath;

struct Use {
    std::string secret;
    const spec::Host* host;
    FieldPath at;
};

std::vector<Use> usesOf(const spec::Stack& stack) {
    std::vector<Use> out;
    for (std::size_t i = 0; i < stack.exporters.size(); ++i) {
        const auto& exporter = stack.exporters[i];
        out.push_back({exporter.pgbouncer.passwordFrom.secret, stack.hostOf(exporter.project),
                       FieldPath{"spec", "exporters"}[i] / "pgbouncer" / "passwordFrom" / "secret"});
    }
    const auto add = [&](spec::Program program, const std::string& project) {
        for (const auto& use : spec::secretsOf(stack, program)) {
            out.push_back({use.secret, stack.hostOf(project), use.at});
        }
    };
    if (stack.prometheus) {
        for (const auto& server : stack.prometheus->servers()) {
            add(spec::Program::prometheus, server.project);
        }
    }
    if (stack.alertmanager) {
        for (const auto& project : stack.alertmanager->projects()) {
            add(spec::Program::alertmanager, project);
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
            report.error("VG0403", use.at,
                         "secret `" + use.secret + "` is needed on host `" + use.host->name +
                             "`, but is not sealed for it",
                         "run `vigie seal " + use.secret + "` and add the line for `" + use.host->name + "`");
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
