#pragma once

#include "render/resource.hpp"
#include "state/journal.hpp"
#include "system/system.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace vigie::apply {

/// Collects what is there before a transaction changes it. Each thing is captured once, in the order of the
/// changes. The data are encrypted with the host's own key as soon as they are read.
class BeforeImages {
public:
    BeforeImages(const SecureBytes& key, const system::System& system) : key_(key), system_(system) {}

    /// Inodes of files are those of this very tree: a copy of the host has others, which its `stateDirectory`
    /// tells.
    void origin(const std::string& stateDirectory);
    /// A file or directory, and the directories above it that do not exist yet.
    void path(const std::string& path);
    /// What lies below a directory and changes its owner from `from` to `to`.
    void tree(const std::string& path, const Owner& from, const Owner& to);
    /// `restarted`: the transaction takes it down and up, so that a rollback has to do the same.
    void wireguard(const std::string& interface, const std::string& configPath, bool restarted);
    void firewall(const std::string& rule);
    void sysctl(const std::string& key);
    void unit(const std::string& name);
    void container(const render::ComposeProject& project, const std::string& service);
    /// A container of somebody else's, `compose:PROJECT/SERVICE`, that is started again because it mounts a
    /// single file that changes: a rename is not seen in there, neither ours nor that of a rollback.
    void mount(const std::string& id);
    /// `reloaded`: the transaction does that, too.
    void program(const render::Reload& reload, bool reloaded);

    void silence(const std::string& baseUrl, const std::string& mark);

    std::vector<state::BeforeImage> take();

private:
    void add(const std::string& kind, const std::string& id, const SecureBytes& data);
    /// False when it was captured before.
    bool first(const std::string& kind, const std::string& id);

    const SecureBytes& key_;
    const system::System& system_;
    std::set<std::string> seen_;
    [[nodiscard]] std::pair<bool, std::size_t> orderOf(const std::string& rule) const;

    /// Of firewall rules, among those of IPv4 and of IPv6; 0: not there.
    std::map<std::string, std::pair<std::size_t, std::size_t>> places_;
    std::vector<state::BeforeImage> images_;
};

/// How a restore ended.
struct Restored {
    std::vector<std::string> problems;  ///< what could not be put back
    /// Paths that somebody else has directed elsewhere meanwhile: nothing is written there, now or later.
    std::vector<std::string> abandoned;
    std::vector<std::string> notes;  ///< what could not be proven, and mends itself
};

/// Puts everything back: files and attributes byte for byte, then what runs. What is as it was is not
/// touched, so that it can be done again after it was interrupted.
Restored restore(const std::vector<state::BeforeImage>& images, const SecureBytes& key,
                 std::chrono::milliseconds reloadTimeout, const system::System& system);

}  // namespace vigie::apply
