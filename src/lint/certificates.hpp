// Certificates that a document names as files of its directory.
#pragma once

#include "spec/diagnostics.hpp"
#include "spec/stack.hpp"

#include <map>
#include <string>

namespace vigie::lint {

/// Checks that each `caFile` and `certFile` holds a certificate. `files` are the files of the document's
/// directory, by path; what is not among them was reported before.
void lintCertificates(const spec::Stack& stack, const std::map<std::string, std::string>& files,
                      const spec::Reporter& report);

}  // namespace vigie::lint
