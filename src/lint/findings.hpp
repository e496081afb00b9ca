// Findings that several groups of rules share: the message of each code is in one place.
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

/// VG0433: there is no job `job`; `rules` is the subject and verb of the message: `the rule selects`.
void reportUnknownJob(const spec::FieldPath& at, std::string_view job, std::string_view rules,
                      const Jobs& jobs, const spec::Reporter& report);

/// VG0495: with the volume `source` a container reaches the Docker socket.
void reportDockerSocket(const spec::FieldPath& at, const std::string& source, const spec::Reporter& report);

/// VG0496: a container can do everything on its host.
void reportAllPowerful(const spec::FieldPath& at, const std::string& message, const std::string& hint,
                       const spec::Reporter& report);

/// VG0544: in `network` the name of `server` is also that of `other`.
void reportSharedName(const spec::FieldPath& at, const std::string& network, const std::string& server,
                      const std::string& other, const spec::Reporter& report);
/// VG0544: `network` is that of the server's own project.
void reportOwnNetwork(const spec::FieldPath& at, const std::string& network, const spec::Reporter& report);

}  // namespace vigie::lint
