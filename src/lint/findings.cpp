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

}  // namespace vigie::lint
