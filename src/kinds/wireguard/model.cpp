// The desired live tunnel: digest, difference, removal.

#include "kinds/wireguard/model.hpp"

#include "base/hash.hpp"
#include "base/record.hpp"
#include "base/text.hpp"
#include "kinds/digest.hpp"
#include "kinds/models.hpp"
#include "kinds/wireguard/compare.hpp"

namespace vigie::kinds {

void WireguardModel::hash(const Desired& wireguard, Sha256& hash) {
    hash.field(wireguard.interface).field(wireguard.address).field(std::to_string(wireguard.listenPort));
    hash.field(std::to_string(wireguard.mtu)).field(wireguard.publicKey);
    for (const auto& peer : wireguard.peers) {
        hash.field(peer.publicKey)
            .field(peer.nextPublicKey)
            .field(peer.endpoint)
            .field(std::to_string(peer.persistentKeepalive));
        hashList(hash, peer.allowedIps);
        if (peer.hasPresharedKey()) {
            hash.field("preshared").field(peer.presharedKey.id);
        }
    }
    if (!wireguard.address6.empty()) {
        hash.field("address6").field(wireguard.address6);
    }
    if (!wireguard.dns.empty()) {
        hashList(hash.field("dns"), wireguard.dns);
    }
}

std::string WireguardModel::describe(const Desired& wireguard) {
    std::string out = "address " + join(wireguard.addresses(), ", ") + ", port " +
                      std::to_string(wireguard.listenPort) +
                      (wireguard.dns.empty() ? "" : ", dns " + join(wireguard.dns, ", ")) + "\n";
    for (const auto& peer : wireguard.peers) {
        out += "peer " + peer.name + " " + peer.publicKey +
               (peer.nextPublicKey.empty() ? "" : " next " + peer.nextPublicKey) + " allowed-ips " +
               join(peer.allowedIps, ", ") + (peer.endpoint.empty() ? "" : " endpoint " + peer.endpoint) +
               (peer.hasPresharedKey() ? " preshared-key ***" : "") + "\n";
    }
    return out;
}

void WireguardModel::difference(const plan::Context& context, const render::Resource& resource,
                                const Desired& wireguard, plan::Change& out) {
    plan::planTunnel(context, resource, wireguard, out);
}

/// One field, `config`: the path of the configuration with which it is taken down. Before, that path alone.
std::string WireguardModel::record(const Desired& wireguard) {
    return RecordWriter().add("config", wireguard.configPath).text();
}

std::string ownedConfig(std::string_view record) {
    return RecordReader::is(record) ? RecordReader(record).string("config") : std::string(record);
}

std::string WireguardModel::component(std::string_view /*interface*/, std::string_view /*record*/) {
    return "wireguard";
}

std::vector<std::string> WireguardModel::watched(const Desired& wireguard, plan::Activation /*activation*/) {
    return keyFiles(wireguard.interface);
}

std::vector<std::string> keyFiles(std::string_view interface) {
    const std::string tunnel = "/etc/wireguard/" + std::string(interface);
    return {tunnel + ".key", tunnel + ".next.key"};
}

void WireguardModel::notes(const std::vector<render::Resource>& interfaces, const plan::Observed& observed,
                           std::vector<std::string>& out) {
    for (const auto& resource : interfaces) {
        const auto* wireguard = tunnelOf(resource);
        const auto it = observed.wireguard.find(resource.id);
        if (wireguard != nullptr && it != observed.wireguard.end()) {
            if (auto problem = plan::keyFileProblem(*wireguard, it->second); !problem.empty()) {
                out.push_back(std::move(problem));
            }
        }
    }
}

}  // namespace vigie::kinds
