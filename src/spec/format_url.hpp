#pragma once

#include "spec/format.hpp"

/// The formats of what names repositories and servers of the web.
namespace vigie::spec {

std::optional<FormatProblem> checkGitUrl(std::string_view text);
std::optional<FormatProblem> checkGitCommit(std::string_view text);
std::optional<FormatProblem> checkHttpUrl(std::string_view text);

}  // namespace vigie::spec
