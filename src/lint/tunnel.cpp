#include "lint/rules.hpp"
#include "spec/address.hpp"

#include <algorithm>
#include <map>

namespace vigie::lint {
namespace {

using spec::FieldPath;

const FieldPath kHosts{"spec", "hosts"};

/// The first host with each value; reports the later ones.
class Unique {
public:
    Unique(const spec::Reporter& report, const char* code, std::string what, std::string hint)
        : report_(report), code_(code), what_(std::move(what)), hint_(std::move(hint)) {}

    void see(const FieldPath& at, const std::string& value, const std::string& host) {
        if (value.empty()) {
            return;
        }
        const auto [first, inserted] = seen_.emplace(value, host);
        if (!inserted) {
            report_.error(code_, at,
                          "hosts `" + first->second + "` and `" + host + "` have the same " + what_, hint_);
        }
    }

private:
    const spec::Reporter& report_;
    const char* code_;
    std::string what_;
    std::string hint_;
    std::map<std::string, std::string> seen_;
};

bool isFirstOrLast(const spec::IpNetwork& network, const spec::IpAddress& address) {
    const unsigned bits = address.bits();
    const unsigned hostBits = bits - network.prefix;
    constexpr unsigned kPointToPoint = 1;  // in a /31 both addresses are hosts (RFC 3021)
    if (address.v6 || hostBits <= kPointToPoint) {
        return false;
    }
    bool zeros = true;
    bool ones = true;
    for (unsigned i = network.prefix; i < bits; ++i) {
        const bool set = address.bit(i);
        zeros = zeros && !set;
        ones = ones && set;
    }
    return zeros || ones;
}

void lintAddress(const spec::Stack& stack, const spec::Host& host, const FieldPath& at,
                 const spec::Reporter& report) {
    const auto network = spec::parseNetwork(stack.wireguard.network);
    const auto address = spec::parseIp(host.vpnAddress);
    if (!network || !address) {
        return;
    }
    if (!network->contains(*address)) {
        report.error("VG0301", at,
                     "`" + host.vpnAddress + "` lies outside the tunnel's network " + stack.wireguard.network,
                     "choose an address inside it, or a wider `wireguard.network`");
    } else if (isFirstOrLast(*network, *address)) {
        report.error("VG0305", at,
                     "`" + host.vpnAddress + "` is the first or last address of " + stack.wireguard.network,
                     "these are the network's own and the broadcast address: choose one between them");
    }
}

/// With one endpoint its host forwards between the others; with several, nobody does.
void lintPairs(const spec::Stack& stack, const spec::Reporter& report) {
    std::vector<const spec::Host*> behindNat;
    for (const auto& host : stack.hosts) {
        if (host.endpoint.empty()) {
            behindNat.push_back(&host);
        }
    }
    constexpr std::size_t kTwo = 2;
    if (behindNat.size() >= kTwo && stack.hosts.size() - behindNat.size() >= kTwo) {
        report.error("VG0308", kHosts,
                     "hosts `" + behindNat[0]->name + "` and `" + behindNat[1]->name +
                         "` are both behind NAT, and with several endpoints no host forwards between them",
                     "leave `endpoint` to one hub, or give one of the two an endpoint");
    }
}

}  // namespace

void lintTunnel(const spec::Stack& stack, const spec::Reporter& report) {
    Unique addresses(report, "VG0302", "VPN address", "each end of the tunnel has an address of its own");
    Unique keys(report, "VG0303", "public key",
                "WireGuard drops a peer with its own key without a word: copy each key from `vigie keys "
                "show` on its host");
    Unique endpoints(report, "VG0306", "endpoint", "each host is dialled at an address of its own");
    const auto network = spec::parseNetwork(stack.wireguard.network);
    for (std::size_t i = 0; i < stack.hosts.size(); ++i) {
        const auto& host = stack.hosts[i];
        endpoints.see(kHosts[i] / "endpoint", host.endpoint, host.name);
        const auto endpoint = spec::parseIp(host.endpoint);
        if (network && endpoint && network->contains(*endpoint)) {
            report.error("VG0307", kHosts[i] / "endpoint",
                         "the endpoint `" + host.endpoint + "` lies inside the tunnel itself",
                         "write the host's public address: the tunnel cannot be dialled through itself");
        }
        const FieldPath vpn = kHosts[i] / "vpn";
        addresses.see(vpn / "address", host.vpnAddress, host.name);
        keys.see(vpn / "publicKey", host.publicKey, host.name);
        lintAddress(stack, host, vpn / "address", report);
    }
    const bool nobody = std::none_of(stack.hosts.begin(), stack.hosts.end(),
                                     [](const spec::Host& host) { return !host.endpoint.empty(); });
    lintPairs(stack, report);
    if (stack.hosts.size() > 1 && nobody) {
        report.error("VG0304", kHosts,
                     "no host has an `endpoint`: all are behind NAT, and none can dial another",
                     "give the host with a public address its `endpoint`");
    }
}

}  // namespace vigie::lint
