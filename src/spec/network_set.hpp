// Many networks, asked about in time that does not grow with their number.
#pragma once

#include "spec/address.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace vigie::spec {

/// Networks in the order in which they were added, found by what is inside of them.
class NetworkSet {
public:
    void add(const IpNetwork& network);
    /// The place in the order of the first network that holds `address`.
    [[nodiscard]] std::optional<std::size_t> firstHolding(const IpAddress& address) const;

private:
    using Key = std::pair<unsigned, std::vector<std::uint8_t>>;  ///< prefix, and the address without the rest

    std::size_t size_ = 0;
    std::set<std::pair<bool, unsigned>> lengths_;  ///< of the prefixes, by family
    std::map<Key, std::size_t> first_;
};

/// For each network the place of the first one before it that overlaps it. n log n.
std::vector<std::optional<std::size_t>> firstOverlaps(const std::vector<IpNetwork>& networks);

}  // namespace vigie::spec
