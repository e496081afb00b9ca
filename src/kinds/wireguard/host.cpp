// The live tunnel on the host: observe, capture, converge, undo, take down.

#include "kinds/wireguard/host.hpp"

#include "base/error.hpp"
#include "base/fields.hpp"
#include "base/record.hpp"
#include "base/text.hpp"
#include "kinds/wireguard/compare.hpp"
#include "kinds/wireguard/key_files.hpp"
#include "kinds/wireguard/live.hpp"
#include "kinds/wireguard/resolve.hpp"
#include "kinds/wireguard/routes.hpp"

#include <algorithm>

namespace vigie::kinds {
namespace {

using apply::TunnelImage;

/// The before-image of a tunnel.
struct Image {
    TunnelImage tunnel;
    bool restarted = false;  ///< the transaction takes it down and up, so that a rollback has to do the same
};

/// Fields: `way`, `restarted` or `in place`; `config`, the path of its file; `state`, `up` or `down`; and of
/// one that is up `live`, for `wg syncconf`; `mtu`, a number; `address` and `route`, one for each. Before,
/// the way was packed before the rest, which was packed on its own in this order, lists in one field with
/// blanks between.
SecureBytes pack(const Image& image) {
    const auto& tunnel = image.tunnel;
    RecordWriter out;
    out.add("way", image.restarted ? "restarted" : "in place")
        .add("config", tunnel.configPath)
        .add("state", tunnel.up ? "up" : "down");
    if (tunnel.up) {
        out.add("live", view(tunnel.live))
            .add("mtu", tunnel.mtu)
            .add("address", tunnel.addresses)
            .add("route", tunnel.routes);
    }
    return out.take();
}

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> out;
    for (const auto word : split(text, ' ')) {
        if (!word.empty()) {
            out.emplace_back(word);
        }
    }
    return out;
}

Image unpackOld(std::string_view data) {
    FieldReader fields(data);
    Image out;
    out.restarted = fields.next() == "restarted";
    FieldReader inside(fields.next());
    out.tunnel.configPath = inside.next();
    out.tunnel.up = inside.next() == "up";
    if (out.tunnel.up) {
        out.tunnel.live = secureBytes(inside.next());
        out.tunnel.mtu = static_cast<int>(inside.number());
        out.tunnel.addresses = words(inside.next());
        out.tunnel.routes = words(inside.next());
    }
    return out;
}

Image unpack(std::string_view data) {
    if (!RecordReader::is(data)) {
        return unpackOld(data);
    }
    const RecordReader fields(data);
    Image out;
    out.restarted = fields.text("way") == "restarted";
    out.tunnel.configPath = fields.string("config");
    out.tunnel.up = fields.text("state") == "up";
    if (out.tunnel.up) {
        out.tunnel.live = secureBytes(fields.text("live"));
        out.tunnel.mtu = static_cast<int>(fields.number("mtu"));
        out.tunnel.addresses = fields.list("address");
        out.tunnel.routes = fields.list("route");
    }
    return out;
}

void putBack(Undoing& undoing, const std::string& interface, const Image& image) {
    if (image.restarted) {
        apply::takeDownWireguard(interface, image.tunnel.configPath, undoing.system);
    }
    apply::restoreWireguard(interface, image.tunnel, undoing.system);
}

}  // namespace

void WireguardHost::observe(const Looking& looking, plan::Observed& out) {
    if (looking.options.activation < Model::traits.from) {
        return;
    }
    const auto& system = looking.system;
    each<Model>(looking.desired, [&](const render::Resource& resource, const Model::Desired& wireguard) {
        auto& tunnel = out.wireguard[resource.id] = apply::observeWireguard(wireguard.interface, system);
        if (tunnel.up) {  // else `wg-quick` asks for itself
            apply::resolveEndpoints(wireguard, system.names, tunnel);
        }
        tunnel.keyFiles = apply::observeKeyFiles(wireguard.interface, system.files);
    });
}

void WireguardHost::capture(const Capturing& capturing, const render::WireguardInterface* wireguard,
                            BeforeImages& images) {
    const std::string interface = nameOf(capturing.change.id);
    if (images.first("wireguard", interface)) {
        const auto config = wireguard == nullptr ? ownedConfig(capturing.record()) : wireguard->configPath;
        images.add("wireguard", interface,
                   pack({.tunnel = apply::snapshotWireguard(interface, config, images.system()),
                         .restarted = capturing.change.action == plan::Action::restart}));
    }
}

void WireguardHost::make(Transaction& transaction, const plan::Change& change,
                         const render::Resource& /*resource*/, const render::WireguardInterface& wireguard) {
    const auto& system = transaction.system;
    for (const auto& peer : apply::observeWireguard(wireguard.interface, system).peers) {
        transaction.newestHandshake = std::max(transaction.newestHandshake, peer.handshake);
    }
    apply::convergeWireguard(wireguard, change.dials, system);
    apply::renewSessions(wireguard, change.confirmingPeers, change.dials, system);
    apply::followKeys(wireguard, system);
}

/// Hooks of the file that is there run with that file, not with ours.
void WireguardHost::letGo(Transaction& transaction, const plan::Change& change,
                          const render::WireguardInterface& wireguard, const std::string& path, Touch touch) {
    if (touch == Touch::bytes && change.action == plan::Action::restart && wireguard.configPath == path) {
        apply::takeDownWireguard(wireguard.interface, wireguard.configPath, transaction.system);
    }
}

/// A peer used its next key or fell silent meanwhile.
bool WireguardHost::settle(const Transaction& transaction, const plan::Change& change,
                           const render::WireguardInterface& wireguard) {
    apply::convergeWireguard(wireguard, change.dials, transaction.system);
    return true;
}

void WireguardHost::remove(Transaction& transaction, const plan::Change& change, const state::Owned& owned) {
    apply::takeDownWireguard(nameOf(change.id), ownedConfig(owned.detail), transaction.system);
}

void WireguardHost::requireNameServers(const Preparing& preparing) {
    each<Model>(preparing.desired, [&](const render::Resource& resource, const Model::Desired& wireguard) {
        if (!wireguard.dns.empty() && preparing.acts(resource.id) &&
            !preparing.system.processes.find("resolvconf")) {
            throw Error("resolvconf is missing, by which wg-quick sets name servers",
                        "install the package `resolvconf` or `openresolv`, or remove `vpn.dns`");
        }
    });
}

void WireguardHost::keepWays(const Preparing& preparing) {
    each<Model>(preparing.desired, [&](const render::Resource& resource, const Model::Desired& wireguard) {
        if (preparing.acts(resource.id)) {
            apply::keepOwnNetworks(wireguard, preparing.system);
        }
    });
}

void WireguardHost::putBackUp(Undoing& undoing, const std::string& interface, std::string_view data) {
    if (const auto image = unpack(data); image.tunnel.up) {
        putBack(undoing, interface, image);
    }
}

void WireguardHost::putBackDown(Undoing& undoing, const std::string& interface, std::string_view data) {
    if (const auto image = unpack(data); !image.tunnel.up) {
        putBack(undoing, interface, image);
    }
}

}  // namespace vigie::kinds
