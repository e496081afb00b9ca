// The way to a directory: one component after the other, by descriptors.
#pragma once

#include "system/descriptor.hpp"

#include <sys/stat.h>

#include <cstdint>
#include <string>

namespace vigie::system {

/// Which symbolic links of the directories above a file are followed.
enum class Links : std::uint8_t {
    /// Those that only root, or whoever started this program, can have put there.
    trusted,
    /// All, as the kernel does: for paths that the person at the terminal has typed.
    asTyped,
    /// None: for paths that had none when they were looked at.
    none,
};

/// A directory that was walked to, or why it was not.
struct Walk {
    Descriptor directory;  ///< for the `…at` functions (`O_PATH`); invalid: see `error`
    bool shared = false;   ///< somebody else may write in it, or put another one in its place
    int error = 0;         ///< errno: `ENOENT`, `ENOTDIR`, `EACCES`, …
};

/// Walks from `root` (followed as it is; empty: `/`) to the directory `path` below it. No component is looked
/// up twice: whoever moves a directory, or puts a link in its place, moves what we do with it and cannot
/// direct it elsewhere. An absolute link begins at `root` again. Throws WayChanged at a link
/// that is not followed.
Walk walk(const std::string& root, const std::string& path, Links links);

/// `path`, which may be relative to where this program was started.
std::string absolutePath(const std::string& path);

/// Opens a file of this machine as open(2) does, after such a walk; `errno` tells when it is invalid. A
/// symbolic link in its place is followed when only root can have put it there, and never with `O_NOFOLLOW`.
/// Throws WayChanged.
Descriptor openFile(const std::string& path, int flags, unsigned mode = 0);

/// Whether that user is root, or whoever started this program.
bool isOwn(unsigned uid);

/// Whether somebody else than root, and than whoever started this program, may write it: its owner, its group
/// or everybody. An access list shows in the group's bits.
bool othersMayWrite(const struct stat& file);

}  // namespace vigie::system
