// The variables of containers: where each gets its value from.

#include "base/redact.hpp"
#include "lint/rules.hpp"

namespace vigie::lint {

using spec::FieldPath;

void lintVariables(const std::vector<spec::EnvVar>& env, const OwnVariables& own, const FieldPath& at,
                   const spec::Reporter& report) {
    for (std::size_t i = 0; i < env.size(); ++i) {
        const auto& variable = env[i];
        const int sources =
            (variable.value.empty() ? 0 : 1) + (variable.valueFrom ? 1 : 0) + (variable.fileFrom ? 1 : 0);
        if (sources > 1) {
            report.error(code::VG0488, at[i], "`" + variable.name + "` has several sources for its value",
                         "keep one of `value`, `valueFrom` and `fileFrom`");
        }
        if (variable.fileFrom && !own.file.empty() && variable.name == own.file) {
            report.error(
                code::VG0488, at[i] / "name",
                "the file for `" + own.file + "` would overwrite the one that vigie writes for the exporter",
                "choose another variable: the file is named after it");
        }
        if (own.names.count(variable.name) != 0) {
            report.error(code::VG0488, at[i] / "name", "vigie sets `" + variable.name + "` itself",
                         "remove it: vigie derives it from the fields beside `env`");
        }
        if (variable.valueFrom) {
            report.info(code::VG0487, at[i] / "valueFrom",
                        "everybody with access to Docker can read `" + variable.name + "` (`docker inspect`)",
                        "write `fileFrom` if the program can read the secret from a file, for example by `" +
                            variable.name + "_FILE`");
        }
        const std::string setting = variable.name + "=" + variable.value;
        if (!variable.value.empty() && redactLine(setting) != setting) {
            report.warning(code::VG0490, at[i] / "value", "this looks like a secret in plain text",
                           "seal it and write `fileFrom` or `valueFrom`");
        }
    }
}

void reportSetTwice(const FieldPath& at, const std::string& service, const std::string& variable,
                    const spec::Reporter& report) {
    report.error(code::VG0488, at,
                 "two applications of service `" + service + "` set `" + variable + "` differently",
                 "set it for one of them");
}

}  // namespace vigie::lint
