// A home directory for libgit2 with the pinned host keys.
#pragma once

#include <string>

namespace vigie::source {

/// A home directory of this process alone whose `.ssh/known_hosts` are the pinned host keys: libgit2 looks
/// for them in `$HOME` and nowhere else. Removed at the end. Those of killed processes are removed by the
/// next one, so at most a few are ever left behind. Make it before libgit2 is initialised.
class PrivateHome {
public:
    explicit PrivateHome(const std::string& knownHosts);
    PrivateHome(const PrivateHome&) = delete;
    PrivateHome& operator=(const PrivateHome&) = delete;
    PrivateHome(PrivateHome&&) = delete;
    PrivateHome& operator=(PrivateHome&&) = delete;
    ~PrivateHome();

private:
    std::string path_;
};

}  // namespace vigie::source
