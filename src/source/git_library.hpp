#pragma once

#include <string>

namespace vigie::source {

/// libgit2's lifetime. Only one at a time.
class GitLibrary {
public:
    enum class Configuration {
        ignored,  ///< for our own repositories and for remotes: no file of the user or the system changes
                  ///< what is done
        users,    ///< for a work tree that was found by looking upwards: whose it is matters, and
                  ///< `safe.directory` holds
    };

    explicit GitLibrary(Configuration configuration);
    GitLibrary(const GitLibrary&) = delete;
    GitLibrary& operator=(const GitLibrary&) = delete;
    GitLibrary(GitLibrary&&) = delete;
    GitLibrary& operator=(GitLibrary&&) = delete;
    ~GitLibrary();

    /// Web servers must have a certificate that an authority in this PEM file issued.
    void trust(const std::string& caFile);
};

}  // namespace vigie::source
