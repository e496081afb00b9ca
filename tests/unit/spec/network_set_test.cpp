// Many networks at once, against looking at each pair.
#include "spec/network_set.hpp"

#include "tests/support/catch.hpp"

#include <random>
#include <string>

namespace vigie::spec {
namespace {

IpNetwork network(const std::string& text) {
    const auto parsed = parseNetwork(text);
    REQUIRE(parsed);
    return *parsed;
}

bool overlap(const IpNetwork& a, const IpNetwork& b) {
    return a.address.v6 == b.address.v6 &&
           (a.prefix <= b.prefix ? a.contains(b.address) : b.contains(a.address));
}

/// Networks of few different bits, so that many overlap; some have bits set behind their prefix.
std::vector<IpNetwork> someNetworks(std::mt19937& random, std::size_t number) {
    std::vector<IpNetwork> out;
    const auto any = [&](unsigned below) { return std::to_string(random() % below); };
    for (std::size_t i = 0; i < number; ++i) {
        out.push_back(random() % 4 == 0
                          ? network("fd00:" + any(3) + "::" + any(4) + "/" + any(129))
                          : network("10." + any(3) + "." + any(4) + "." + any(8) + "/" + any(33)));
    }
    return out;
}

TEST_CASE("the first network that overlaps is found", "[spec]") {
    std::mt19937 random(7);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same in each run
    for (int round = 0; round < 300; ++round) {
        const auto networks = someNetworks(random, random() % 12);
        const auto found = firstOverlaps(networks);
        REQUIRE(found.size() == networks.size());
        for (std::size_t i = 0; i < networks.size(); ++i) {
            std::optional<std::size_t> wanted;
            for (std::size_t j = 0; j < i && !wanted; ++j) {
                wanted = overlap(networks[j], networks[i]) ? std::optional(j) : std::nullopt;
            }
            CHECK(found[i] == wanted);
        }
    }
}

TEST_CASE("the first network that holds an address is found", "[spec]") {
    std::mt19937 random(8);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same in each run
    for (int round = 0; round < 300; ++round) {
        const auto networks = someNetworks(random, random() % 12);
        NetworkSet set;
        for (const auto& each : networks) {
            set.add(each);
        }
        for (const char* text :
             {"10.0.0.1", "10.1.2.7", "10.2.3.0", "192.0.2.1", "fd00:1::2", "fd00::", "::1"}) {
            const auto address = *parseIp(text);
            std::optional<std::size_t> wanted;
            for (std::size_t i = 0; i < networks.size() && !wanted; ++i) {
                wanted = networks[i].contains(address) ? std::optional(i) : std::nullopt;
            }
            CHECK(set.firstHolding(address) == wanted);
        }
    }
}

}  // namespace
}  // namespace vigie::spec
