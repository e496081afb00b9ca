// Parses and writes IP addresses and networks.

#include "spec/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace vigie::spec {
bool IpAddress::bit(unsigned index) const {
    const auto byte = static_cast<unsigned>(bytes.at(index / 8));
    return (byte >> (7U - index % 8U) & 1U) != 0;
}

std::optional<IpAddress> parseIp(std::string_view text) {
    const std::string copy(text);
    IpAddress out;
    out.v6 = text.find(':') != std::string_view::npos;
    if (copy.find('\0') != std::string::npos ||
        inet_pton(out.v6 ? AF_INET6 : AF_INET, copy.c_str(), out.bytes.data()) != 1) {
        return std::nullopt;
    }
    return out;
}

std::optional<IpNetwork> parseNetwork(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) {
        return std::nullopt;
    }
    const auto address = parseIp(text.substr(0, slash));
    const auto digits = text.substr(slash + 1);
    unsigned prefix = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    const bool leadingZero = digits.size() > 1 && digits.front() == '0';
    if (!address || leadingZero || error != std::errc{} || end != digits.data() + digits.size() ||
        prefix > address->bits()) {
        return std::nullopt;
    }
    return IpNetwork{*address, prefix};
}

bool IpNetwork::contains(const IpAddress& other) const {
    if (other.v6 != address.v6) {
        return false;
    }
    for (unsigned i = 0; i < prefix; ++i) {
        if (address.bit(i) != other.bit(i)) {
            return false;
        }
    }
    return true;
}

bool IpNetwork::hasHostBits() const {
    for (unsigned i = prefix; i < address.bits(); ++i) {
        if (address.bit(i)) {
            return true;
        }
    }
    return false;
}

std::string toText(const IpAddress& address) {
    std::array<char, INET6_ADDRSTRLEN> out{};
    inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), out.data(), out.size());
    return out.data();
}

std::string hostPort(std::string_view host, int port) {
    const bool v6 = host.find(':') != std::string_view::npos;
    return (v6 ? "[" : "") + std::string(host) + (v6 ? "]:" : ":") + std::to_string(port);
}

}  // namespace vigie::spec
