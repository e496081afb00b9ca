// Sets peers and keys of the live interface through wg.

#include "kinds/wireguard/sync.hpp"

#include "apply/tools.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <vector>

namespace vigie::apply {

void syncPeers(const std::string& interface, std::string_view config, const system::System& system) {
    system::Command command;
    command.argv = {"wg", "syncconf", interface, "/dev/stdin"};
    command.input = std::string(config);
    mustRunAndWipe(command, system.processes);
}

SecureBytes showConfig(const std::string& interface, const system::System& system) {
    constexpr std::string_view kPeer = "[Peer]";
    constexpr std::string_view kKeepalive = "PersistentKeepalive";
    const Wiped shown(mustRun({"wg", "showconf", interface}, system.processes).out);
    constexpr std::string_view kPreshared = "PresharedKey";
    std::vector<SecureBytes> sections(1);
    bool keepalive = true;
    bool preshared = true;
    const auto finish = [&] {
        if (!preshared) {
            append(sections.back(), std::string(kPreshared) + " = " + std::string(kNoPresharedKey) + "\n");
        }
        if (!keepalive) {
            append(sections.back(), std::string(kKeepalive) + " = off\n");
        }
    };
    for (const auto line : splitLines(shown.text())) {
        if (line == kPeer) {
            finish();
            sections.emplace_back();
            keepalive = false;
            preshared = false;
        }
        preshared = preshared || line.substr(0, kPreshared.size()) == kPreshared;
        keepalive = keepalive || line.substr(0, kKeepalive.size()) == kKeepalive;
        if (!line.empty()) {
            append(sections.back(), line);
            append(sections.back(), "\n");
        }
    }
    finish();
    std::sort(sections.begin() + 1, sections.end());
    SecureBytes out;
    for (const auto& section : sections) {
        append(out, view(section));
    }
    return out;
}

/// One call, so that nobody who is killed meanwhile leaves the interface without the peer: `wg set` does what
/// its arguments say in their order. Source: wg(8), `set`; tried with wireguard-tools 1.0.20210914.
void dialAnew(const std::string& interface, const plan::ObservedPeer& peer, const std::string& place,
              const system::System& system) {
    const bool silent = peer.persistentKeepalive == 0;
    system::Command command;
    command.argv = {"wg", "set", interface, "peer", peer.publicKey, "remove", "peer", peer.publicKey};
    const auto add = [&](const char* what, const std::string& value) {
        command.argv.insert(command.argv.end(), {what, value});
    };
    if (!peer.presharedKey.empty()) {
        add("preshared-key", "/dev/stdin");
        command.input = std::string(view(peer.presharedKey));
    }
    add("endpoint", place);
    add("allowed-ips", join(peer.allowedIps, ","));
    add("persistent-keepalive", std::to_string(silent ? 1 : peer.persistentKeepalive));  // sends one
    mustRunAndWipe(command, system.processes);
    if (silent) {
        mustRun({"wg", "set", interface, "peer", peer.publicKey, "persistent-keepalive", "0"},
                system.processes);
    }
}

}  // namespace vigie::apply
