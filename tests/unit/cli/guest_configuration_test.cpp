// Tests cli/guest_configuration: what a guest needs to connect.

#include "cli/guest_configuration.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <string>

namespace vigie::cli {
namespace {

spec::Stack stackOf(const std::string& endpoint) {
    spec::Stack out;
    out.name = "shop";
    out.wireguard = {"wg0", "10.0.0.0/24", 51820, 25, 0};
    out.wireguard.network6 = "fd00:0::/64";
    out.wireguard.topology = spec::TunnelTopology::automatic;
    out.hosts.push_back({"vps", endpoint, "10.0.0.1", "key-vps", ""});
    out.wireguard.guests.push_back(
        {.name = "phone", .address = "10.0.0.9", .address6 = "fd00::9", .publicKey = "key-phone"});
    return out;
}

TEST_CASE("a guest's configuration leads into the tunnel's networks, and nowhere else", "[cli][guests]") {
    auto stack = stackOf("2001:db8::1");
    const auto& guest = stack.wireguard.guests[0];
    CHECK(
        view(guestConfiguration(stack, guest, "PRIVATE", "")) ==
        "# phone, a guest of shop\n[Interface]\nPrivateKey = PRIVATE\nAddress = 10.0.0.9/32, fd00::9/128\n\n"
        "# vps\n[Peer]\nPublicKey = key-vps\nEndpoint = [2001:db8::1]:51820\nAllowedIPs = 10.0.0.0/24, "
        "fd00::/64\n"
        "PersistentKeepalive = 25\n");
    stack.wireguard.mtu = 1400;
    stack.hosts[0].listenPort = 5;
    const auto all = guestConfiguration(stack, guest, "PRIVATE", "SHARED");
    CHECK(tests::contains(std::string(view(all)), "MTU = 1400\n"));
    CHECK(tests::contains(std::string(view(all)), "PresharedKey = SHARED\nEndpoint = [2001:db8::1]:5\n"));
    stack.hosts[0].endpoint.clear();
    CHECK_THROWS_AS(guestConfiguration(stack, guest, "PRIVATE", ""), Error);
}

TEST_CASE("a QR code is a square with the three marks that scanners look for", "[cli][guests]") {
    const auto code = std::string(view(qrCode("a text")));  // version 1: 21 modules, and 4 around it
    std::vector<std::string> rows;
    for (const auto line : split(code, '\n')) {
        if (!line.empty()) {
            CHECK(line.starts_with("\033[30;107m"));
            CHECK(line.ends_with("\033[0m"));
            std::string row;
            for (std::size_t i = 9; i < line.size() - 4;) {
                const bool blank = line[i] == ' ';
                const auto block = blank ? std::string_view(" ") : line.substr(i, 3);
                row += blank ? ' ' : block == "█" ? '#' : block == "▀" ? '^' : 'v';
                i += block.size();
            }
            rows.push_back(row);
        }
    }
    REQUIRE(rows.size() == 15);
    for (const auto& row : rows) {
        CHECK(row.size() == 29);
    }
    CHECK(rows[0] == std::string(29, ' '));
    CHECK(rows[2].substr(4, 7) == "#^^^^^#");
    CHECK(rows[2].substr(18, 7) == "#^^^^^#");
    CHECK(rows[3].substr(4, 7) == "# ### #");
    CHECK_THROWS_AS(qrCode(std::string(5000, 'x')), Error);
}

}  // namespace
}  // namespace vigie::cli
