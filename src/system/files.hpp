// Files of a host, reached by path.
#pragma once

#include "base/error.hpp"
#include "base/file_info.hpp"
#include "base/secure.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::system {

/// The way to a path is not what it was, or leads over a symbolic link of others: nothing was done.
class WayChanged : public Error {
public:
    using Error::Error;
};

/// The host's files. Paths are absolute as the host sees them; the implementation knows under which root they
/// lie. All functions throw Error with the path and the system's reason.
class Files {
public:
    Files() = default;
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;
    Files(Files&&) = delete;
    Files& operator=(Files&&) = delete;
    virtual ~Files() = default;

    /// Of the thing itself, not of what a symbolic link points to.
    [[nodiscard]] virtual FileInfo inspect(const std::string& path) const = 0;

    /// Refuses anything but a regular file, and files larger than `limit` bytes.
    [[nodiscard]] virtual SecureBytes read(const std::string& path, std::uint64_t limit) const = 0;

    /// Names in a directory, sorted, without `.` and `..`.
    [[nodiscard]] virtual std::vector<std::string> list(const std::string& path) const = 0;

    /// The path on this machine, for programs that are started.
    [[nodiscard]] virtual std::string real(const std::string& path) const = 0;

    /// Whether owners can be set. Without, they are neither applied nor compared.
    [[nodiscard]] virtual bool canChown() const = 0;

    /// Replaces the file as a whole and durably: a sibling is written, synced and renamed, the directory is
    /// synced. The directory must exist. Nobody can ever read the new bytes under a wider mode than `mode`.
    virtual void write(const std::string& path, std::string_view bytes, unsigned mode,
                       std::optional<Owner> owner) = 0;

    /// The same for a file that was there before: below a directory of others only into the directory `inode`
    /// that it lay in. Throws WayChanged.
    virtual void restore(const std::string& path, std::string_view bytes, unsigned mode,
                         std::optional<Owner> owner, std::uint64_t inode);

    /// Writes into the file itself, for somebody who has this very file open or mounted: not whole at every
    /// moment. Only into the file `inode`, that has no other name. Throws WayChanged.
    virtual void overwrite(const std::string& path, std::string_view bytes, std::uint64_t inode) = 0;

    /// Makes one directory (its parent must exist) durably.
    virtual void makeDirectory(const std::string& path, unsigned mode, std::optional<Owner> owner) = 0;

    virtual void setAttributes(const std::string& path, unsigned mode, std::optional<Owner> owner) = 0;
    /// The same; below a directory of others only of the very thing `inode`. Throws WayChanged.
    virtual void restoreAttributes(const std::string& path, unsigned mode, std::optional<Owner> owner,
                                   std::uint64_t inode);

    /// Removes what a write of `path` left beside it when it was killed half way. Returns whether there was
    /// something.
    virtual bool cleanUp(const std::string& path) = 0;

    /// Removes a file or an empty directory, durably. Missing is fine.
    virtual void remove(const std::string& path) = 0;

    /// The same files, to which no symbolic link leads, whoever made it: for paths without links in
    /// directories that somebody may write as root, from a container in which they are mounted. All throw
    /// WayChanged at a link.
    [[nodiscard]] virtual Files& straight() { return *this; }
    [[nodiscard]] virtual const Files& straight() const { return *this; }
};

/// What the name of a file begins with that is not yet what it is to become.
constexpr std::string_view kUnfinished = ".vigie-";

/// The directory that `path` lies in.
std::string parentOf(const std::string& path);

/// Makes the missing directories above `path`, 0755, and returns those that it made, outermost first.
std::vector<std::string> makeParents(Files& files, const std::string& path);

/// Removes a file, or a directory with everything in it. Missing is fine.
void removeTree(Files& files, const std::string& path);

/// The largest configuration file that is read for comparing.
constexpr std::uint64_t kLargestFile = 64U << 20U;

}  // namespace vigie::system
