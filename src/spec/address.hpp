// IP addresses and networks.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vigie::spec {

/// An IPv4 or IPv6 address in network byte order; IPv4 uses the first four bytes.
struct IpAddress {
    bool v6 = false;
    std::array<std::uint8_t, 16> bytes{};

    [[nodiscard]] unsigned bits() const { return v6 ? 128 : 32; }
    /// Bit `index`, counted from the most significant one.
    [[nodiscard]] bool bit(unsigned index) const;
    bool operator==(const IpAddress& other) const = default;
};

struct IpNetwork {
    IpAddress address;
    unsigned prefix = 0;

    [[nodiscard]] bool contains(const IpAddress& other) const;
    /// Whether the address part has bits set beyond the prefix (10.66.66.1/30 instead of 10.66.66.0/30).
    [[nodiscard]] bool hasHostBits() const;
};

std::optional<IpAddress> parseIp(std::string_view text);
std::optional<IpNetwork> parseNetwork(std::string_view text);

/// The canonical text form.
std::string toText(const IpAddress& address);

/// `host:port` as a URL or a target wants it: an IPv6 address in brackets.
std::string hostPort(std::string_view host, int port);

}  // namespace vigie::spec
