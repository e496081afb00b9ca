// The formats of what names repositories and servers of the web.
#pragma once

#include "spec/format.hpp"

namespace vigie::spec {

std::optional<FormatProblem> checkGitUrl(std::string_view text);
std::optional<FormatProblem> checkGitCommit(std::string_view text);

/// An address that a program written in Go asks (net/url, net/http): the scheme in any case, names in any
/// script.
std::optional<FormatProblem> checkHttpUrl(std::string_view text);
/// An address that vigie itself asks, or writes for others: as it stands, in ASCII.
std::optional<FormatProblem> checkPlainHttpUrl(std::string_view text);
/// Under which address a server is reached from outside: what is behind the host is the path below which it
/// answers.
std::optional<FormatProblem> checkExternalUrl(std::string_view text);
/// The path below which Prometheus or Alertmanager answers. Their router gives `:` and `*` a meaning.
std::optional<FormatProblem> checkRoutePrefix(std::string_view text);
/// A path that a program puts into an address, escaping whatever is none of a path's.
std::optional<FormatProblem> checkHttpPath(std::string_view text);
/// A path that may have parameters behind it.
std::optional<FormatProblem> checkHttpRequest(std::string_view text);
/// A proxy of a program written in Go (net/http).
std::optional<FormatProblem> checkClientProxy(std::string_view text);
/// Where a Docker daemon listens, as its client library has it.
std::optional<FormatProblem> checkDockerHost(std::string_view text);
/// The name of an HTTP header (RFC 9110, 5.6.2).
std::optional<FormatProblem> checkHeaderName(std::string_view text);

}  // namespace vigie::spec
