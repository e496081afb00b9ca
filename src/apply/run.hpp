#pragma once

#include "apply/apply.hpp"
#include "state/journal.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vigie::apply {

/// One apply in progress.
class Run {
public:
    Run(const Target& target, const plan::Plan& plan, state::Store& store, const Settings& settings,
        const system::System& system);

    Applied run();

private:
    void progress(const std::string& line) const;
    [[nodiscard]] std::optional<Owner> ownerOf(Owner owner) const;

    void refuse() const;
    [[nodiscard]] bool removesEverything() const;
    void begin();
    std::vector<state::BeforeImage> captureAll();

    void makeAll();
    void make(const plan::Change& change, const render::Resource& resource);
    void keepBackup(const std::string& id, const std::string& path);
    void makeFile(const plan::Change& change, const render::File& file);
    void stopWriters(const std::string& directory);
    void makeDirectory(const plan::Change& change, const render::Directory& directory);
    void makeContainer(const plan::Change& change, const render::ComposeService& compose);
    void makeReload(const render::Resource& resource, const render::Reload& reload);
    void restartByMount(const plan::Change& change);
    void own(const plan::Change& change);

    void removeAll();
    void giveBack(const std::string& id, const std::string& path);
    void removePath(const std::string& id, const std::string& path);

    void requireHealth();
    void verify();
    bool settle(const plan::Plan& after);
    Applied finish();
    [[nodiscard]] state::Applied applied() const;
    [[nodiscard]] std::string planText() const;
    [[nodiscard]] bool isAppliedCommit() const;
    [[nodiscard]] bool nothingHappened() const;
    [[nodiscard]] bool waitedJustNow() const;
    [[nodiscard]] std::vector<std::string> everyPeer() const;
    [[nodiscard]] std::string causeOnHost() const;
    [[noreturn]] void fail(const std::exception& error, const std::string& hint, bool rejected);

    const Target& target_;
    const plan::Plan& plan_;
    state::Store& store_;
    Settings settings_;
    const system::System& system_;
    state::Inventory before_;
    state::Inventory inventory_;
    std::string renderDigest_;
    std::map<std::string_view, const render::Resource*> byId_;
    std::set<std::pair<std::string, std::string>> started_;  ///< project and service
    std::vector<const render::Reload*> fresh_;               ///< of programs whose containers were started
    bool unitsChanged_ = false;
    std::int64_t newestHandshake_ = 0;  ///< Unix seconds, before the tunnel was changed
};

}  // namespace vigie::apply
