// Writes the files of a commit into a directory.
#pragma once

#include "source/git_check.hpp"
#include "source/git_protocol.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace vigie::source {

/// Writes the regular files below `path` (`.` is everything) of a commit into the directory `out`, which must
/// not exist yet, with mode 0644. No filter, attribute or hook is involved. At most 20,000 files, 256 MiB and
/// 50 levels. On failure `out` is removed again. Nothing is written for a commit that does not stand `check`,
/// and it is the object that was checked that is written. Throws trust::Untrusted as well.
Exported exportCommit(const std::string& repository, const std::string& commit, const std::string& path,
                      const std::string& out, const Check& check);

/// `check` alone; who signed it.
std::string verifyCommit(const std::string& repository, const std::string& commit, const Check& check);

Verified verifyRevision(const std::string& directory, const std::string& revision,
                        const std::string& allowedSigners);

/// The same for the directory of a user's work tree at any revision that git understands. The repository is
/// found by looking upwards, whoever owns it: no program runs for what lies in it, and the user named it.
/// Where the revision has nothing in the place of `directory`, `tree` is empty and nothing is written.
Exported exportRevision(const std::string& directory, const std::string& revision, const std::string& out);

}  // namespace vigie::source
