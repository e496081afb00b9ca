// The ids, texts and hashes of resources.

#include "render/resource.hpp"

#include "base/hash.hpp"
#include "base/text.hpp"

namespace vigie::render {

std::vector<std::string> ComposeProject::paths() const {
    std::vector<std::string> out{directory};
    for (const auto* names : {&files, &envFiles}) {
        for (const auto& file : *names) {
            out.push_back(file.starts_with('/') ? file : directory + "/" + file);
        }
    }
    return out;
}

namespace {

void list(Sha256& hash, const std::vector<std::string>& values) {
    hash.field(std::to_string(values.size()));
    for (const auto& value : values) {
        hash.field(value);
    }
}

void owner(Sha256& hash, unsigned mode, const Owner& owner) {
    hash.field(std::to_string(mode)).field(std::to_string(owner.uid)).field(std::to_string(owner.gid));
}

struct HashInto {
    Sha256& hash;

    void operator()(const File& file) const {
        hash.field(file.path).field(file.content.digest());
        owner(hash, file.mode, file.owner);
    }
    void operator()(const Directory& directory) const {
        hash.field(directory.path).field(directory.exact ? "exact" : "exists");
        owner(hash, directory.mode, directory.owner);
    }
    void operator()(const WireguardInterface& wireguard) const {
        hash.field(wireguard.interface).field(wireguard.address).field(std::to_string(wireguard.listenPort));
        hash.field(std::to_string(wireguard.mtu)).field(wireguard.publicKey);
        for (const auto& peer : wireguard.peers) {
            hash.field(peer.publicKey)
                .field(peer.nextPublicKey)
                .field(peer.endpoint)
                .field(std::to_string(peer.persistentKeepalive));
            list(hash, peer.allowedIps);
            if (peer.hasPresharedKey()) {
                hash.field("preshared").field(peer.presharedKey.id);
            }
        }
        if (!wireguard.address6.empty()) {
            hash.field("address6").field(wireguard.address6);
        }
        if (!wireguard.dns.empty()) {
            list(hash.field("dns"), wireguard.dns);
        }
    }
    void operator()(const FirewallRule& rule) const { hash.field(rule.rule); }
    void operator()(const Sysctl& sysctl) const { hash.field(sysctl.key).field(sysctl.value); }
    void operator()(const Unit& unit) const { hash.field(unit.name); }
    void operator()(const ComposeService& compose) const {
        project(compose.project);
        hash.field(compose.service.digest());
    }
    void operator()(const Rebuild& rebuild) const {
        project(rebuild.project);
        hash.field(rebuild.service).field(rebuild.token);
    }
    void operator()(const Reload& reload) const {
        hash.field(reload.baseUrl).field(reload.digest).field(reload.configPath);
        list(hash, reload.jobs);
        if (reload.hosts != Reload::Hosts::no) {
            hash.field(reload.hosts == Reload::Hosts::directory ? "directory" : "single file");
        }
    }
    void operator()(const Silence& silence) const {
        hash.field(silence.baseUrl).field(silence.markedComment());
        hash.field(std::to_string(silence.startsAt)).field(std::to_string(silence.endsAt));
        for (const auto& matcher : silence.matchers) {
            hash.field(matcher.name).field(matcher.value);
            hash.field(matcher.isRegex ? "regex" : "text").field(matcher.isEqual ? "equal" : "not");
        }
    }

    void project(const ComposeProject& project) const {
        hash.field(project.name).field(project.directory);
        list(hash, project.files);
        list(hash, project.envFiles);
    }
};

struct Describe {
    std::string operator()(const File& file) const { return file.content.masked(); }
    std::string operator()(const FirewallRule& rule) const { return "ufw " + rule.rule + "\n"; }
    std::string operator()(const Sysctl& sysctl) const { return sysctl.key + " = " + sysctl.value + "\n"; }
    std::string operator()(const WireguardInterface& wireguard) const {
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
    std::string operator()(const Reload& reload) const { return "POST " + reload.baseUrl + "/-/reload\n"; }
    std::string operator()(const Silence& silence) const {
        std::string out;
        for (const auto& matcher : silence.matchers) {
            out += (out.empty() ? "" : ", ") + matcher.name + (matcher.isEqual ? "=" : "!") +
                   (matcher.isRegex ? "~" : (matcher.isEqual ? "" : "=")) + "\"" + matcher.value + "\"";
        }
        return out + "\n";
    }
    std::string operator()(const Directory& /*directory*/) const { return {}; }
    std::string operator()(const Unit& /*unit*/) const { return {}; }
    std::string operator()(const ComposeService& /*service*/) const { return {}; }
    std::string operator()(const Rebuild& rebuild) const { return "rebuild " + rebuild.token + "\n"; }
};

}  // namespace

std::string silenceMark(const std::string& stack, const std::string& name) {
    return "[vigie " + stack + "/" + name + "]";
}

std::string Silence::markedComment() const {
    return comment + " " + silenceMark(stack, name);
}

std::vector<std::string> WireguardInterface::addresses() const {
    std::vector<std::string> out{address};
    if (!address6.empty()) {
        out.push_back(address6);
    }
    return out;
}

std::string describe(const Resource& resource) {
    return std::visit(Describe{}, resource.what);
}

std::string_view kindOf(const Resource& resource) {
    return std::string_view(resource.id).substr(0, resource.id.find(':'));
}

std::string digestOf(const Resource& resource) {
    Sha256 hash;
    hash.field(resource.id);
    std::visit(HashInto{hash}, resource.what);
    return hash.hex();
}

std::string digestOf(const std::vector<Resource>& resources) {
    Sha256 hash;
    for (const auto& resource : resources) {
        hash.field(digestOf(resource));
    }
    return hash.hex();
}

}  // namespace vigie::render
