#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace vigie::source {

struct GitExport {
    std::string commit;  ///< 40 hexadecimal digits
    std::string tree;    ///< of the exported directory
    std::size_t files = 0;
    std::vector<std::string> skipped;  ///< symbolic links and submodules, relative to the exported directory
};

/// Writes the regular files below `path` (`.` is everything) of a commit into the directory `out`, which must
/// not exist yet, with mode 0644. No filter, attribute or hook is involved. At most 20,000 files, 256 MiB and
/// 50 levels. On failure `out` is removed again.
GitExport exportCommit(const std::string& repository, const std::string& commit, const std::string& path,
                       const std::string& out);

/// The same for the directory of a user's work tree at any revision that git understands. The repository is
/// found by looking upwards.
GitExport exportRevision(const std::string& directory, const std::string& revision, const std::string& out);

}  // namespace vigie::source
