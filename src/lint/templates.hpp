// Templates of notifications: the texts of receivers, and the files that define more.

#pragma once

#include "spec/diagnostics.hpp"
#include "spec/stack.hpp"

#include <map>
#include <set>
#include <string>

namespace vigie::lint {

/// A mistake in a template loses the notification when the alert is there; no checker looks into the texts of
/// receivers. `files` are those that the document names, by path; `base` stands before their names in
/// messages, and mistakes in them are reported at their own lines. Returns the paths that have such.
std::set<std::string> lintTemplates(const spec::Stack& stack, const std::map<std::string, std::string>& files,
                                    const std::string& base, const spec::Reporter& report,
                                    spec::Diagnostics& diagnostics);

}  // namespace vigie::lint
