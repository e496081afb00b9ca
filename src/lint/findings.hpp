// Findings that several groups of rules have in common: one place for the words of each code.
#pragma once

#include "lint/jobs.hpp"
#include "spec/diagnostics.hpp"

#include <string>
#include <string_view>

namespace vigie::lint {

/// VG0444: `text` is no expression that RE2 takes.
void lintRegex(const spec::FieldPath& at, const std::string& text, const spec::Reporter& report);

/// VG0440: `address` is this machine's loopback, which means `container` itself: `its container`.
void reportLoopback(const spec::FieldPath& at, std::string_view container, std::string_view address,
                    const spec::Reporter& report);

/// VG0433: nothing is called `job`; `rules` says which rules see nothing: `the rule sees`.
void reportUnknownJob(const spec::FieldPath& at, std::string_view job, std::string_view rules,
                      const Jobs& jobs, const spec::Reporter& report);

}  // namespace vigie::lint
