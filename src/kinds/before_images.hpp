// Collects what is there before a transaction changes it.
#pragma once

#include "state/journal.hpp"
#include "system/system.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vigie::kinds {

/// Each thing is captured once, in the order of the changes. The data are encrypted with the host's own key
/// as soon as they are read.
class BeforeImages {
public:
    BeforeImages(const SecureBytes& key, const system::System& system) : key_(key), system_(system) {}

    /// False when the thing was captured before. `what` tells it from others of the name.
    bool first(std::string_view image, const std::string& what);
    /// `image` is the name under which the steps of a restore ask for it (`kinds::UndoStep`).
    void add(std::string_view image, const std::string& id, const SecureBytes& data);
    /// One of those that come before all others, the lowest place first.
    void addAt(std::pair<bool, std::size_t> place, std::string_view image, const std::string& id,
               const SecureBytes& data);

    [[nodiscard]] const system::System& system() const { return system_; }
    std::vector<state::BeforeImage> take();

private:
    const SecureBytes& key_;
    const system::System& system_;
    std::set<std::string> seen_;
    std::multimap<std::pair<bool, std::size_t>, state::BeforeImage> placed_;
    std::vector<state::BeforeImage> images_;
};

}  // namespace vigie::kinds
