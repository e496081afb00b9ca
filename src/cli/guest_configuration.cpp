// What a guest of the tunnel needs to connect. libqrencode is seen here only.

#include "cli/guest_configuration.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "spec/guests.hpp"
#include "spec/topology.hpp"

#include <qrencode.h>

#include <cstddef>
#include <memory>
#include <vector>

namespace vigie::cli {
namespace {

/// The library's picture, wiped before it is given back.
struct FreeCode {
    void operator()(QRcode* code) const {
        wipe(code->data, static_cast<std::size_t>(code->width) * static_cast<std::size_t>(code->width));
        QRcode_free(code);
    }
};

/// The tunnel's networks, not only what the guest reaches: what that is may change, and hosts may ping it.
std::vector<std::string> tunnelNetworks(const spec::Stack& stack) {
    std::vector<std::string> out;
    for (const auto& text : {stack.wireguard.network, stack.wireguard.network6}) {
        if (const auto network = spec::parseNetwork(text)) {
            out.push_back(spec::toText(network->address) + "/" + std::to_string(network->prefix));
        }
    }
    return out;
}

}  // namespace

SecureBytes guestConfiguration(const spec::Stack& stack, const spec::Guest& guest,
                               std::string_view privateKey, std::string_view presharedKey) {
    constexpr int kKeepalive = 25;  // seconds: a router forgets after thirty at the earliest
    const auto* gateway = spec::gatewayOf(stack, guest);
    if (gateway == nullptr || gateway->endpoint.empty()) {
        throw Error("guest `" + guest.name + "` has no host to dial");
    }
    SecureBytes out = secureBytes("# " + guest.name + ", a guest of " + stack.name + "\n[Interface]\n");
    append(out, "PrivateKey = ");
    append(out, privateKey);
    append(out, "\nAddress = " + join(spec::networksOf(guest), ", ") + "\n");
    if (stack.wireguard.mtu != 0) {
        append(out, "MTU = " + std::to_string(stack.wireguard.mtu) + "\n");
    }
    append(out, "\n# " + gateway->name + "\n[Peer]\nPublicKey = " + gateway->publicKey + "\n");
    if (!presharedKey.empty()) {
        append(out, "PresharedKey = ");
        append(out, presharedKey);
        append(out, "\n");
    }
    append(out, "Endpoint = " + spec::hostPort(gateway->endpoint, spec::listenPortOf(stack, *gateway)) +
                    "\nAllowedIPs = " + join(tunnelNetworks(stack), ", ") +
                    "\nPersistentKeepalive = " + std::to_string(kKeepalive) + "\n");
    return out;
}

SecureBytes qrCode(std::string_view text) {
    constexpr int kMargin = 4;  // modules around it, which scanners demand
    SecureBytes bytes = secureBytes(text);
    const std::unique_ptr<QRcode, FreeCode> code(
        QRcode_encodeData(static_cast<int>(bytes.size()),
                          reinterpret_cast<const unsigned char*>(bytes.data()), 0, QR_ECLEVEL_L));
    if (!code) {
        throw Error("the configuration does not fit into a QR code", "write it to a file with -o");
    }
    const int width = code->width;
    const auto dark = [&](int x, int y) {
        const bool inside = x >= 0 && y >= 0 && x < width && y < width;
        return inside && (code->data[(y * width) + x] & 1U) != 0;
    };
    SecureBytes out;
    for (int y = -kMargin; y < width + kMargin; y += 2) {  // a character is two modules high
        append(out, "\033[30;107m");
        for (int x = -kMargin; x < width + kMargin; ++x) {
            const bool upper = dark(x, y);
            const bool lower = dark(x, y + 1);
            append(out, upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ");
        }
        append(out, "\033[0m\n");
    }
    return out;
}

}  // namespace vigie::cli
