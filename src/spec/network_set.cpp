// Many networks, asked about in time that does not grow with their number.
#include "spec/network_set.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace vigie::spec {
namespace {

/// The address with the bits behind the prefix cleared.
IpAddress base(IpAddress address, unsigned prefix) {
    constexpr unsigned kByte = 8;
    for (unsigned i = 0; i < address.bytes.size(); ++i) {
        const unsigned kept = std::min(kByte, prefix - std::min(prefix, i * kByte));
        address.bytes.at(i) = static_cast<std::uint8_t>(address.bytes.at(i) & (0xFFU << (kByte - kept)));
    }
    return address;
}

std::vector<std::uint8_t> bytesOf(const IpAddress& address) {
    constexpr unsigned kByte = 8;
    return {address.bytes.begin(), address.bytes.begin() + address.bits() / kByte};
}

}  // namespace

void NetworkSet::add(const IpNetwork& network) {
    lengths_.insert({network.address.v6, network.prefix});
    first_.emplace(Key{network.prefix, bytesOf(base(network.address, network.prefix))}, size_++);
}

std::optional<std::size_t> NetworkSet::firstHolding(const IpAddress& address) const {
    std::optional<std::size_t> out;
    for (const auto& [v6, prefix] : lengths_) {
        if (v6 != address.v6) {
            continue;
        }
        const auto it = first_.find(Key{prefix, bytesOf(base(address, prefix))});
        if (it != first_.end() && (!out || it->second < *out)) {
            out = it->second;
        }
    }
    return out;
}

std::vector<std::optional<std::size_t>> firstOverlaps(const std::vector<IpNetwork>& networks) {
    // Two networks are disjoint, or one holds the other: in this order each is followed by those inside of
    // it.
    std::vector<std::size_t> order(networks.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::vector<IpAddress> bases;
    bases.reserve(networks.size());
    for (const auto& network : networks) {
        bases.push_back(base(network.address, network.prefix));
    }
    const auto rank = [&](std::size_t i) {
        return std::tie(bases[i].v6, bases[i].bytes, networks[i].prefix);
    };
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return rank(a) != rank(b) ? rank(a) < rank(b) : a < b; });
    std::vector<std::size_t> around(networks.size());  // the least place of the network and those around it
    std::vector<std::size_t> below(networks.size());   // … and those inside of it
    std::vector<std::size_t> open;
    const auto close = [&] {
        const auto inner = open.back();
        open.pop_back();
        if (!open.empty()) {
            below[open.back()] = std::min(below[open.back()], below[inner]);
        }
    };
    for (const auto at : order) {
        while (!open.empty() && !networks[open.back()].contains(bases[at])) {
            close();
        }
        around[at] = open.empty() ? at : std::min(at, around[open.back()]);
        below[at] = at;
        open.push_back(at);
    }
    while (!open.empty()) {
        close();
    }
    std::vector<std::optional<std::size_t>> out(networks.size());
    for (std::size_t i = 0; i < networks.size(); ++i) {
        const auto first = std::min(around[i], below[i]);
        out[i] = first < i ? std::optional(first) : std::nullopt;
    }
    return out;
}

}  // namespace vigie::spec
