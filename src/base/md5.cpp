// MD5 (RFC 1321).

#include "base/md5.hpp"

#include "base/secure.hpp"

#include <bit>
#include <cmath>

namespace vigie {
namespace {

constexpr std::size_t kBlock = 64;
constexpr std::size_t kLength = 8;

std::uint32_t word(const char* at) {
    std::uint32_t out = 0;
    for (unsigned i = 0; i < 4; ++i) {
        out |= static_cast<std::uint32_t>(static_cast<unsigned char>(at[i])) << (8 * i);
    }
    return out;
}

/// The constants of RFC 1321, section 3.4: the sines of 1 to 64.
std::array<std::uint32_t, 64> sines() {
    std::array<std::uint32_t, 64> out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = static_cast<std::uint32_t>(
            std::floor(std::fabs(std::sin(static_cast<double>(i + 1))) * 4294967296.0));
    }
    return out;
}

void block(std::array<std::uint32_t, 4>& state, const char* data) {
    static const auto kSines = sines();
    static constexpr std::array<std::array<int, 4>, 4> kShifts = {
        {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};
    auto [a, b, c, d] = state;
    for (std::size_t i = 0; i < 64; ++i) {
        std::uint32_t f = 0;
        std::size_t g = 0;
        switch (i / 16) {
            case 0:
                f = (b & c) | (~b & d);
                g = i;
                break;
            case 1:
                f = (d & b) | (~d & c);
                g = (5 * i + 1) % 16;
                break;
            case 2:
                f = b ^ c ^ d;
                g = (3 * i + 5) % 16;
                break;
            default:
                f = c ^ (b | ~d);
                g = (7 * i) % 16;
        }
        const std::uint32_t sum = a + f + kSines[i] + word(data + 4 * g);
        a = d;
        d = c;
        c = b;
        b += std::rotl(sum, kShifts[i / 16][i % 4]);
    }
    state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d};
}

}  // namespace

std::array<std::uint8_t, 16> md5(std::string_view bytes) {
    SecureBytes padded = secureBytes(bytes);  // it may be a password
    padded.push_back('\x80');
    padded.resize((padded.size() + kLength + kBlock - 1) / kBlock * kBlock - kLength);
    const std::uint64_t bits = bytes.size() * std::uint64_t{8};
    for (unsigned i = 0; i < kLength; ++i) {
        padded.push_back(static_cast<char>((bits >> (8 * i)) & 0xFFU));
    }
    std::array<std::uint32_t, 4> state = {0x67452301U, 0xefcdab89U, 0x98badcfeU, 0x10325476U};
    for (std::size_t at = 0; at < padded.size(); at += kBlock) {
        block(state, padded.data() + at);
    }
    std::array<std::uint8_t, 16> out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = static_cast<std::uint8_t>(state[i / 4] >> (8 * (i % 4)));
    }
    return out;
}

}  // namespace vigie
