// libgit2's lifetime and options.
#pragma once

#include <string>

namespace vigie::source {

/// libgit2's lifetime. Only one at a time. No configuration of the user or the system changes what is done.
class GitLibrary {
public:
    GitLibrary();
    GitLibrary(const GitLibrary&) = delete;
    GitLibrary& operator=(const GitLibrary&) = delete;
    GitLibrary(GitLibrary&&) = delete;
    GitLibrary& operator=(GitLibrary&&) = delete;
    ~GitLibrary();

    /// Web servers must have a certificate that an authority in this PEM file issued.
    void trust(const std::string& caFile);
};

}  // namespace vigie::source
