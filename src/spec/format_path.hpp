// The formats of paths, of the host and of the repository.
#pragma once

#include "spec/format.hpp"

namespace vigie::spec {

std::optional<FormatProblem> checkAbsolutePath(std::string_view text);
/// A file of the host, or one that systemd hands to the service under a name (systemd.exec(5),
/// LoadCredential=).
std::optional<FormatProblem> checkCredentialPath(std::string_view text);
/// A file below the directory of the document or of a project.
std::optional<FormatProblem> checkRelativePath(std::string_view text);
/// A directory that may be written with a leading `./`, as compose files do.
std::optional<FormatProblem> checkProjectPath(std::string_view text);
/// A directory of a repository, as `plainDirectory` takes it.
std::optional<FormatProblem> checkSourcePath(std::string_view text);

/// A directory of a repository in its shortest form: `./mon/` is `mon`, and `./` is `.`.
std::string plainDirectory(std::string_view text);

}  // namespace vigie::spec
