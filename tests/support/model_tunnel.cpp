// A model of WireGuard and its interface.

#include "tests/support/model_tunnel.hpp"

#include "base/text.hpp"
#include "secrets/identity.hpp"
#include "spec/address.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>

namespace vigie::tests {
namespace {

using nlohmann::json;
using system::ProcessResult;

constexpr int kDefaultMtu = 1420;
constexpr std::string_view kNoPresharedKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

bool v6(const std::string& address) {
    return address.find(':') != std::string::npos;
}

/// The network that an address with its prefix length lies in.
std::string networkOf(const std::string& address) {
    auto network = spec::parseNetwork(address);
    if (!network) {
        throw ToolFailed{"Error: any valid prefix is expected rather than \"" + address + "\"."};
    }
    for (unsigned i = network->prefix; i < network->address.bits(); ++i) {
        auto& byte = network->address.bytes.at(i / 8);
        byte = static_cast<std::uint8_t>(byte & ~(0x80U >> (i % 8)));
    }
    return spec::toText(network->address) + "/" + std::to_string(network->prefix);
}

bool covers(const std::string& outer, const std::string& inner) {
    const auto a = spec::parseNetwork(outer);
    const auto b = spec::parseNetwork(inner);
    return a && b && a->prefix <= b->prefix && a->contains(b->address);
}

bool hostPrefix(const std::string& network) {
    const auto slash = network.find('/');
    return network.substr(slash) == (v6(network) ? "/128" : "/32");
}

void eraseRoute(std::vector<ModelRoute>& routes, const ModelRoute& which) {
    routes.erase(std::remove(routes.begin(), routes.end(), which), routes.end());
}

json routesOf(const ModelInterface& interface, bool six) {
    json routes = json::array();
    for (const auto& route : interface.routes) {
        if (v6(route.to) == six) {
            json each{{"dst", hostPrefix(route.to) ? route.to.substr(0, route.to.find('/')) : route.to},
                      {"scope", "link"}};
            if (route.kernel) {
                each["protocol"] = "kernel";
            }
            routes.push_back(each);
        }
    }
    return routes;
}

}  // namespace

ProcessResult succeeded(const std::string& out) {
    return {0, false, out, {}};
}

ProcessResult refused(const ToolFailed& why) {
    return {why.exitCode, false, {}, why.err + "\n"};
}

ModelPeer* ModelInterface::peer(const std::string& key) {
    const auto it = std::find_if(peers.begin(), peers.end(),
                                 [&](const ModelPeer& each) { return each.publicKey == key; });
    return it == peers.end() ? nullptr : &*it;
}

const ModelPeer* ModelInterface::peer(const std::string& key) const {
    return const_cast<ModelInterface*>(this)->peer(key);  // NOLINT: the same search
}

/// As `wg` has it resolved: nothing is set when a name means nothing.
std::string ModelTunnel::resolved(const std::string& endpoint) {
    const auto colon = endpoint.rfind(':');
    std::string host = endpoint.substr(0, colon);
    if (host.size() > 1 && host.front() == '[') {
        host = host.substr(1, host.size() - 2);
    }
    if (spec::parseIp(host)) {
        return endpoint;
    }
    const auto answer = names_.resolve(host);
    if (answer.addresses.empty()) {
        throw ToolFailed{"Name or service not known: `" + endpoint + "'\nConfiguration parsing error"};
    }
    return answer.addresses.front() + endpoint.substr(colon);
}

struct ModelTunnel::Config {
    struct Peer {
        ModelPeer peer;
        bool keepaliveGiven = false;
        bool presharedGiven = false;
    };
    std::string privateKey;
    int listenPort = 0;
    int mtu = 0;
    std::vector<std::string> addresses;
    std::vector<std::string> up;
    std::vector<std::string> down;
    std::vector<Peer> peers;
};

ModelTunnel::Config ModelTunnel::parse(const std::string& text, bool quick) {
    Config out;
    for (auto line : splitLines(text)) {
        line = trim(line.substr(0, line.find('#')));
        if (line.empty() || line == "[Interface]") {
            continue;
        }
        if (line == "[Peer]") {
            out.peers.emplace_back();
            continue;
        }
        const auto equals = line.find('=');
        const std::string key(trim(line.substr(0, equals)));
        const std::string value(equals == std::string_view::npos ? "" : trim(line.substr(equals + 1)));
        auto* last = out.peers.empty() ? nullptr : &out.peers.back();
        if (key == "PrivateKey") {
            out.privateKey = value;
        } else if (key == "ListenPort") {
            out.listenPort = std::stoi(value);
        } else if (key == "Address" && quick) {
            out.addresses.push_back(value);
        } else if (key == "MTU" && quick) {
            out.mtu = std::stoi(value);
        } else if (key == "PostUp" && quick) {
            out.up.push_back(value);
        } else if (key == "PostDown" && quick) {
            out.down.push_back(value);
        } else if (key == "PublicKey" && last != nullptr) {
            last->peer.publicKey = value;
        } else if (key == "Endpoint" && last != nullptr) {
            last->peer.endpoint = resolved(value);
        } else if (key == "AllowedIPs" && last != nullptr) {
            for (const auto each : split(value, ',')) {
                last->peer.allowedIps.emplace_back(networkOf(std::string(trim(each))));
            }
        } else if (key == "PresharedKey" && last != nullptr) {
            last->peer.presharedKey = value == kNoPresharedKey ? "" : value;
            last->presharedGiven = true;
        } else if (key == "DNS" && quick) {
            continue;  // the model has no resolver
        } else if (key == "PersistentKeepalive" && last != nullptr) {
            last->peer.keepalive = value == "off" ? 0 : std::stoi(value);
            last->keepaliveGiven = true;
        } else {
            throw ToolFailed{"Line unrecognized: `" + key + "=" + value + "'\nConfiguration parsing error"};
        }
    }
    return out;
}

std::string ModelTunnel::absent() const {
    return std::string("Unable to access interface: ") +
           (kernelModule ? "No such device" : "Protocol not supported");
}

ProcessResult ModelTunnel::wg(const std::vector<std::string>& argv, const std::string& input) {
    if (argv.size() == 4 && argv[1] == "show") {
        return show(argv[2], argv[3]);
    }
    if (argv.size() == 3 && argv[1] == "showconf") {
        return showConfig(argv[2]);
    }
    if (argv.size() == 4 && argv[1] == "syncconf" && argv[3] == "/dev/stdin") {
        return sync(argv[2], input);
    }
    if (argv.size() > 5 && argv[1] == "set" && argv[3] == "peer") {
        return set(argv, input);
    }
    throw std::logic_error("the model does not know this wg command");
}

/// `wg set INTERFACE peer KEY …`: all of it in one step, in the order of the arguments.
ProcessResult ModelTunnel::set(const std::vector<std::string>& argv, const std::string& input) {
    const auto it = interfaces.find(argv[2]);
    if (it == interfaces.end()) {
        return refused({absent()});
    }
    fuse_.mutate("wg set " + argv[2]);
    ++version;
    auto& peers = it->second.peers;
    std::string key;
    const auto peer = [&]() -> ModelPeer& {
        if (it->second.peer(key) == nullptr) {
            peers.push_back({key, {}, {}, 0, 0, false});
        }
        return *it->second.peer(key);
    };
    for (std::size_t i = 3; i < argv.size(); ++i) {
        const auto& what = argv[i];
        if (what == "remove") {
            peers.erase(std::remove_if(peers.begin(), peers.end(),
                                       [&](const ModelPeer& each) { return each.publicKey == key; }),
                        peers.end());
            continue;
        }
        const std::string& value = argv.at(++i);
        if (what == "peer") {
            key = value;
        } else if (what == "endpoint") {
            peer().endpoint = resolved(value);
        } else if (what == "persistent-keepalive") {
            peer().keepalive = std::stoi(value);
        } else if (what == "preshared-key" && value == "/dev/stdin") {
            peer().presharedKey = input;
        } else if (what == "allowed-ips") {
            peer().allowedIps.clear();
            for (const auto each : split(value, ',')) {
                if (!each.empty()) {
                    peer().allowedIps.push_back(networkOf(std::string(each)));
                }
            }
        } else {
            throw std::logic_error("the model does not know `wg set … " + what + "`");
        }
    }
    return succeeded();
}

ProcessResult ModelTunnel::show(const std::string& name, const std::string& what) {
    const auto it = interfaces.find(name);
    if (it == interfaces.end()) {
        return refused({absent()});
    }
    const auto& interface = it->second;
    if (what == "public-key") {
        return succeeded((interface.publicKey.empty() ? "(none)" : interface.publicKey) + "\n");
    }
    if (what != "dump") {
        throw std::logic_error("the model does not know `wg show " + what + "`");
    }
    const auto orNone = [](const std::string& text) { return text.empty() ? std::string("(none)") : text; };
    std::string out = orNone(interface.privateKey) + "\t" + orNone(interface.publicKey) + "\t" +
                      std::to_string(interface.listenPort) + "\toff\n";
    for (const auto& peer : interface.peers) {
        out += peer.publicKey + "\t" + orNone(peer.presharedKey) + "\t" + orNone(peer.endpoint) + "\t" +
               orNone(join(peer.allowedIps, ",")) + "\t" + std::to_string(peer.handshake) + "\t0\t0\t" +
               (peer.keepalive == 0 ? "off" : std::to_string(peer.keepalive)) + "\n";
    }
    return succeeded(out);
}

ProcessResult ModelTunnel::showConfig(const std::string& name) {
    const auto it = interfaces.find(name);
    if (it == interfaces.end()) {
        return refused({absent()});
    }
    const auto& interface = it->second;
    std::string out = "[Interface]\n";
    if (interface.listenPort != 0) {
        out += "ListenPort = " + std::to_string(interface.listenPort) + "\n";
    }
    if (!interface.privateKey.empty()) {
        out += "PrivateKey = " + interface.privateKey + "\n";
    }
    for (const auto& peer : interface.peers) {
        out += "\n[Peer]\nPublicKey = " + peer.publicKey + "\n";
        if (!peer.presharedKey.empty()) {
            out += "PresharedKey = " + peer.presharedKey + "\n";
        }
        if (!peer.allowedIps.empty()) {
            out += "AllowedIPs = " + join(peer.allowedIps, ", ") + "\n";
        }
        if (!peer.endpoint.empty()) {
            out += "Endpoint = " + peer.endpoint + "\n";
        }
        if (peer.keepalive != 0) {
            out += "PersistentKeepalive = " + std::to_string(peer.keepalive) + "\n";
        }
    }
    return succeeded(out);
}

ProcessResult ModelTunnel::sync(const std::string& name, const std::string& input) {
    const auto config = parse(input, false);
    const auto it = interfaces.find(name);
    if (it == interfaces.end()) {
        return refused({absent()});
    }
    fuse_.mutate("wg syncconf " + name);
    apply(it->second, config, false);
    return succeeded();
}

/// `replace`: as setconf does it, peers are made anew; otherwise as syncconf does it: what a section does not
/// name of a peer that is there stays, but for its AllowedIPs. An interface's key and port are always set.
void ModelTunnel::apply(ModelInterface& interface, const Config& config, bool replace) {
    ++version;
    std::string publicKey;
    if (!config.privateKey.empty()) {
        publicKey = secrets::wireguardKeyFrom(config.privateKey).publicKey;
    }
    const bool otherKey = publicKey != interface.publicKey;
    interface.privateKey = config.privateKey;
    interface.publicKey = publicKey;
    constexpr int kRandomPort = 40'000;
    interface.listenPort = config.listenPort == 0 ? kRandomPort : config.listenPort;
    std::vector<ModelPeer> kept;
    for (const auto& peer : interface.peers) {
        const bool named =
            std::any_of(config.peers.begin(), config.peers.end(),
                        [&](const Config::Peer& each) { return each.peer.publicKey == peer.publicKey; });
        if (named && !replace) {
            kept.push_back(peer);
            kept.back().session = peer.session && !otherKey;
        }
    }
    interface.peers = std::move(kept);
    for (const auto& [wanted, keepaliveGiven, presharedGiven] : config.peers) {
        if (wanted.publicKey == publicKey) {
            continue;  // dropped without a word
        }
        auto* peer = interface.peer(wanted.publicKey);
        if (peer == nullptr) {
            interface.peers.push_back({wanted.publicKey, {}, {}, 0, 0, false});
            peer = &interface.peers.back();
        }
        peer->endpoint = wanted.endpoint.empty() ? peer->endpoint : wanted.endpoint;
        peer->keepalive = keepaliveGiven ? wanted.keepalive : peer->keepalive;
        peer->presharedKey = presharedGiven ? wanted.presharedKey : peer->presharedKey;
        peer->allowedIps.clear();
        for (const auto& allowed : wanted.allowedIps) {
            for (auto& other : interface.peers) {  // an address has one peer: the last one named
                auto& theirs = other.allowedIps;
                theirs.erase(std::remove(theirs.begin(), theirs.end(), allowed), theirs.end());
            }
            peer->allowedIps.push_back(allowed);
        }
    }
}

ProcessResult ModelTunnel::wgQuick(const std::vector<std::string>& argv) {
    if (argv.size() != 3 || (argv[1] != "up" && argv[1] != "down")) {
        throw std::logic_error("the model does not know this wg-quick command");
    }
    const std::string path =
        argv[2].find('/') == std::string::npos ? "/etc/wireguard/" + argv[2] + ".conf" : argv[2];
    const auto text = files_.text(path);
    if (!text) {
        return refused({"wg-quick: `" + path + "' does not exist"});
    }
    const auto start = path.rfind('/') + 1;
    const std::string name = path.substr(start, path.size() - start - std::string(".conf").size());
    const auto config = parse(*text, true);
    if (argv[1] == "up") {
        bringUp(name, config);
    } else {
        takeDown(name, config);
    }
    return succeeded();
}

void ModelTunnel::bringUp(const std::string& name, const Config& config) {
    if (interfaces.count(name) != 0) {
        throw ToolFailed{"wg-quick: `" + name + "' already exists"};
    }
    fuse_.mutate("wg-quick up " + name + ": link");
    ++version;
    auto& interface = interfaces[name];
    interface.mtu = kDefaultMtu;
    try {
        fuse_.mutate("wg-quick up " + name + ": keys and peers");
        apply(interface, config, true);
        for (const auto& address : config.addresses) {
            fuse_.mutate("wg-quick up " + name + ": address");
            ipAddress("replace", address, interface);
        }
        fuse_.mutate("wg-quick up " + name + ": up");
        interface.mtu = config.mtu == 0 ? kDefaultMtu : config.mtu;
        interface.up = true;
        for (const auto& peer : interface.peers) {
            for (const auto& allowed : peer.allowedIps) {
                const bool routed =
                    std::any_of(interface.routes.begin(), interface.routes.end(),
                                [&](const ModelRoute& route) { return covers(route.to, allowed); });
                if (!routed) {
                    fuse_.mutate("wg-quick up " + name + ": route");
                    interface.routes.push_back({allowed, false});
                }
            }
        }
        hooks.insert(hooks.end(), config.up.begin(), config.up.end());
    } catch (const Fault& fault) {
        if (!fault.hangs) {  // killed at its deadline it cleans nothing up
            interfaces.erase(name);
        }
        throw;
    }
}

void ModelTunnel::takeDown(const std::string& name, const Config& config) {
    if (interfaces.count(name) == 0) {
        throw ToolFailed{"wg-quick: `" + name + "' is not a WireGuard interface"};
    }
    fuse_.mutate("wg-quick down " + name);
    ++version;
    interfaces.erase(name);
    hooks.insert(hooks.end(), config.down.begin(), config.down.end());
}

ProcessResult ModelTunnel::ip(const std::vector<std::string>& argv) {
    std::vector<std::string> words(argv.begin() + 1, argv.end());
    const bool show = !words.empty() && words.front() == "-json";
    if (show) {
        return ipShow(words);
    }
    if (words.front() == "-4" || words.front() == "-6") {
        words.erase(words.begin());
    }
    const auto dev = std::find(words.begin(), words.end(), "dev");
    if (words.size() < 4 || dev == words.end() || dev + 1 == words.end()) {
        throw std::logic_error("the model does not know this ip command");
    }
    const auto it = interfaces.find(*(dev + 1));
    if (it == interfaces.end()) {
        return refused({"Cannot find device \"" + *(dev + 1) + "\""});
    }
    fuse_.mutate(join(argv, " "));
    ++version;
    auto& interface = it->second;
    if (words[0] == "address") {
        ipAddress(words[1], words[2], interface);
    } else if (words[0] == "route") {
        ipRoute(words[1], words[2], interface);
    } else if (words[0] == "link" && words[1] == "delete") {
        interfaces.erase(it);
    } else if (words[0] == "link" && words[1] == "set" && words.back() == "up") {
        interface.up = true;
    } else if (words[0] == "link" && words[1] == "set" && words[words.size() - 2] == "mtu") {
        interface.mtu = std::stoi(words.back());
    } else {
        throw std::logic_error("the model does not know this ip command");
    }
    return succeeded();
}

ProcessResult ModelTunnel::ipShow(const std::vector<std::string>& words) const {
    if (words.size() > 3 && words[2] == "route" && words[words.size() - 2] != "dev") {
        return routesShown(words);
    }
    const auto it = interfaces.find(words.back());
    if (it == interfaces.end()) {
        return refused({"Device \"" + words.back() + "\" does not exist."});
    }
    const auto& interface = it->second;
    if (words[1] == "address") {
        json addresses = json::array();
        for (const auto& address : interface.addresses) {
            const auto slash = address.find('/');
            addresses.push_back({{"family", v6(address) ? "inet6" : "inet"},
                                 {"local", address.substr(0, slash)},
                                 {"prefixlen", std::stoi(address.substr(slash + 1))},
                                 {"scope", "global"}});
        }
        json flags{"POINTOPOINT", "MULTICAST", "NOARP"};
        if (interface.up) {
            flags.insert(flags.end(), {"UP", "LOWER_UP"});
            addresses.push_back(
                {{"family", "inet6"}, {"local", "fe80::1"}, {"prefixlen", 64}, {"scope", "link"}});
        }
        return succeeded(json::array({{{"ifname", words.back()},
                                       {"flags", flags},
                                       {"mtu", interface.mtu},
                                       {"addr_info", addresses}}})
                             .dump());
    }
    if (words.size() < 3 || words[2] != "route") {
        throw std::logic_error("the model does not know this ip command");
    }
    return succeeded(routesOf(interface, words[1] == "-6").dump());
}

/// `ip -json -4 route show [default]`: of every device.
ProcessResult ModelTunnel::routesShown(const std::vector<std::string>& words) const {
    const bool six = words[1] == "-6";
    json all = json::parse(six ? otherRoutes6 : otherRoutes);
    for (const auto& [name, interface] : interfaces) {
        for (auto route : routesOf(interface, six)) {
            route["dev"] = name;
            all.push_back(route);
        }
    }
    json shown = json::array();
    for (const auto& route : all) {
        if (words.back() != "default" || route.value("dst", "") == "default") {
            shown.push_back(route);
        }
    }
    return succeeded(shown.dump());
}

/// As the kernel does it without `promote_secondaries`, its default: a second address of the same network is
/// a secondary one, and goes with the first. With the last address all routes go.
void ModelTunnel::ipAddress(const std::string& verb, const std::string& address, ModelInterface& interface) {
    auto& all = interface.addresses;
    const auto at = std::find(all.begin(), all.end(), address);
    if (verb == "replace") {
        if (at != all.end()) {
            return;
        }
        const ModelRoute route{networkOf(address), true};
        const bool secondary = std::any_of(all.begin(), all.end(),
                                           [&](const auto& each) { return networkOf(each) == route.to; });
        all.push_back(address);
        if (!secondary && !hostPrefix(route.to)) {
            interface.routes.push_back(route);
        }
        return;
    }
    if (verb != "delete") {
        throw std::logic_error("the model does not know `ip address " + verb + "`");
    }
    if (at == all.end()) {
        throw ToolFailed{"Error: ipv4: Address not found.", 2};
    }
    const std::string network = networkOf(address);
    const bool primary =
        std::none_of(all.begin(), at, [&](const std::string& each) { return networkOf(each) == network; });
    all.erase(at);
    if (primary) {
        all.erase(std::remove_if(all.begin(), all.end(),
                                 [&](const std::string& each) { return networkOf(each) == network; }),
                  all.end());
        eraseRoute(interface.routes, {network, true});
    }
    if (all.empty()) {
        interface.routes.clear();
    }
}

void ModelTunnel::ipRoute(const std::string& verb, const std::string& to, ModelInterface& interface) {
    const ModelRoute route{networkOf(to), false};
    const bool there =
        std::find(interface.routes.begin(), interface.routes.end(), route) != interface.routes.end();
    if (verb == "add" && there) {
        throw ToolFailed{"RTNETLINK answers: File exists", 2};
    }
    if ((verb == "replace" || verb == "add") && !there) {
        interface.routes.push_back(route);
    } else if (verb == "delete" && !there) {
        throw ToolFailed{"RTNETLINK answers: No such process", 2};
    } else if (verb == "delete") {
        eraseRoute(interface.routes, route);
    }
}

bool ModelTunnel::hasAddress(const std::string& address) const {
    if (address.empty() || address == "0.0.0.0" || address == "::" || address.substr(0, 4) == "127." ||
        address == otherAddress) {
        return true;
    }
    for (const auto& [name, interface] : interfaces) {
        for (const auto& each : interface.addresses) {
            if (each.substr(0, each.find('/')) == address) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace vigie::tests
