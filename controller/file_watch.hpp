// Watches paths for changes with inotify.
#pragma once

#include "system/descriptor.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace vigie::controller {

/// Tells when something happens to certain files and directories (inotify). What does not exist yet is seen
/// when it comes, what is replaced with a directory above it as well: every directory from `top` downwards is
/// watched for the next part of the path. Reading a file is no event. Not thread-safe.
class FileWatch {
public:
    /// Nothing above `top`, an existing directory of this machine, is watched. Throws Error.
    explicit FileWatch(std::string top);

    /// Exactly these paths from now on; absolute, on this machine, below `top`. Returns whether anything is
    /// watched that was not watched before: what happened to it earlier is unknown.
    bool watch(const std::set<std::string>& paths);

    /// Readable when `read` has something to do.
    [[nodiscard]] int fd() const { return inotify_.get(); }

    /// Takes what has happened. Returns whether any of it concerns the paths; also when events were lost.
    bool read();

    /// The directories that could not be watched, with the reason: the limit of the kernel.
    [[nodiscard]] const std::string& problem() const { return problem_; }

private:
    /// What matters in a directory: names, and whether it holds watched files or only leads to them.
    struct Interest {
        std::set<std::string> names;
        bool holds = false;
    };

    bool renew();
    void forget(int wd);

    std::string top_;
    system::Descriptor inotify_;
    std::map<std::string, Interest> wanted_;  ///< by directory
    std::map<int, std::string> watched_;      ///< directory by watch descriptor
    std::string problem_;
};

}  // namespace vigie::controller
