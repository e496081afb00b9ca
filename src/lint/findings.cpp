// Findings that several groups of rules have in common.

#include "lint/findings.hpp"

#include "base/text.hpp"
#include "spec/regex.hpp"

namespace vigie::lint {

using spec::FieldPath;

void lintRegex(const FieldPath& at, const std::string& text, const spec::Reporter& report) {
    if (const auto problem = spec::regexProblem(text)) {
        report.error(code::VG0444, at, "the expression `" + text + "` " + *problem,
                     "write it in RE2 syntax: github.com/google/re2/wiki/Syntax");
    }
}

void reportLoopback(const FieldPath& at, std::string_view container, std::string_view address,
                    const spec::Reporter& report) {
    report.warning(
        code::VG0440, at,
        "inside " + std::string(container) + ", `" + std::string(address) + "` is the container itself",
        "write the host's VPN address, or the service's name in the same project");
}

void reportUnknownJob(const FieldPath& at, std::string_view job, std::string_view rules, const Jobs& jobs,
                      const spec::Reporter& report) {
    report.warning(code::VG0433, at,
                   "no scrape job is called `" + printable(job) + "`: " + std::string(rules) + " no series",
                   "jobs: " + joinSome(jobs.names(), ", "));
}

void reportDockerSocket(const spec::FieldPath& at, const std::string& source, const spec::Reporter& report) {
    report.warning(code::VG0495, at,
                   "the volume `" + source + "` gives the container access to the Docker socket",
                   "mount less: access to the Docker socket is root access to the host, even if read-only");
}

void reportAllPowerful(const spec::FieldPath& at, const std::string& message, const std::string& hint,
                       const spec::Reporter& report) {
    report.info(code::VG0496, at, message, hint);
}

void reportSharedName(const spec::FieldPath& at, const std::string& network, const std::string& server,
                      const std::string& other, const spec::Reporter& report) {
    report.warning(
        code::VG0544, at,
        "in `" + network + "` the name `" + server + "` means this server and " + other + ", in turn",
        "attach one of them, or rename its service; Docker answers with both addresses");
}

void reportOwnNetwork(const spec::FieldPath& at, const std::string& network, const spec::Reporter& report) {
    report.error(code::VG0544, at,
                 "`" + network + "` is the network of its own project, in which it is already",
                 "remove it from `networks`");
}

}  // namespace vigie::lint
