// Writes git trees into a directory, within limits.
#pragma once

#include "source/git_export.hpp"

#include <git2.h>

#include <cstdint>
#include <string>

namespace vigie::source {

/// Writes git trees into a directory. Names and sizes come from whoever may push, so neither is trusted.
class TreeWriter {
public:
    TreeWriter(git_repository& repository, Exported& result) : repository_(repository), result_(result) {}

    /// Makes the directory `to`. `shown` is its path relative to the beginning, empty or with a slash at its
    /// end.
    void write(const git_tree& tree, const std::string& to, const std::string& shown = {}, int depth = 0);

private:
    void writeEntry(const git_tree_entry& entry, const std::string& to, const std::string& shown, int depth);
    void writeFile(const git_tree_entry& entry, const std::string& to, const std::string& shown);
    [[nodiscard]] bool fewFiles() const;

    git_repository& repository_;
    Exported& result_;
    std::uint64_t bytes_ = 0;
    std::size_t others_ = 0;  ///< entries that are no files
};

}  // namespace vigie::source
