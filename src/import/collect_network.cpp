// Reads what joins a host with others beside a tunnel of ours: its interfaces, what it calls them, programs.

#include "base/parse_json.hpp"
#include "base/text.hpp"
#include "import/own_networks.hpp"
#include "import/reader.hpp"
#include "spec/format.hpp"

#include <algorithm>
#include <array>

namespace vigie::imports {
namespace {

constexpr const char* kHostsFile = "/etc/hosts";
constexpr const char* kInterfacesFile = "/ip-address.json";

/// Interfaces of the engine and the loopback join no hosts.
bool joinsNothing(const std::string& interface) {
    static constexpr std::array<std::string_view, 4> kOthers = {"br-", "docker", "veth", "virbr"};
    return interface == "lo" || std::any_of(kOthers.begin(), kOthers.end(),
                                            [&](auto begin) { return interface.starts_with(begin); });
}

void collectInterfaces(Reader& reader, const CollectOptions& options, HostSeen& out) {
    std::string text = options.ipAddress;
    const std::string file = text.empty() ? kInterfacesFile : "`ip -json address`";
    if (text.empty()) {
        const auto copy = reader.text(kInterfacesFile);
        if (!copy) {
            return;
        }
        text = view(*copy);
    }
    const auto interfaces = parseJson(text);
    if (!interfaces.is_array()) {
        reader.mistake(file + ": this is not what `ip -json address` prints (write it anew)");
        return;
    }
    for (const auto& interface : interfaces) {
        const std::string name = memberOr(interface, "ifname", "");
        if (joinsNothing(name) || name == options.interface || spec::checkFormat("interface", name)) {
            continue;
        }
        for (const auto& each : memberOr(interface, "addr_info", nlohmann::json::array())) {
            const std::string address = memberOr(each, "local", "");
            if (memberOr(each, "scope", "") != "global") {
                continue;
            }
            if (isOwnNetwork(address)) {
                out.interfaces.push_back({name, address, memberOr(each, "prefixlen", 0), file});
            } else if (isPublicAddress(address)) {
                out.publicAddresses.push_back(address);
            }
        }
    }
}

/// Lines of /etc/hosts, as far as they are of networks of one's own; lists of blocked names are not.
void collectNames(Reader& reader, HostSeen& out) {
    const auto text = reader.textIfAny(kHostsFile);
    if (!text) {
        return;
    }
    int number = 0;
    for (const auto whole : splitLines(view(*text))) {
        ++number;
        std::string line(whole.substr(0, whole.find('#')));
        std::replace(line.begin(), line.end(), '\t', ' ');
        std::string address;
        for (const auto word : split(line, ' ')) {
            if (trim(word).empty()) {
                continue;
            }
            if (address.empty()) {
                address = trim(word);
                if (!isOwnNetwork(address)) {
                    break;
                }
            } else {
                out.names.push_back({printable(trim(word)), address, kHostsFile, number});
            }
        }
    }
}

/// `FLAGS="--tun=NAME"` of Tailscale's daemon; empty: it has no interface.
std::string tailscaleInterface(Reader& reader) {
    constexpr std::string_view kOption = "-tun=";
    const auto text = reader.textIfAny("/etc/default/tailscaled");
    for (const auto line : text ? splitLines(view(*text)) : std::vector<std::string_view>{}) {
        const auto at = line.find(kOption);
        if (trim(line).starts_with("FLAGS") && at != std::string_view::npos) {
            const auto rest = line.substr(at + kOption.size());
            const std::string name(rest.substr(0, rest.find_first_of("\"' \t")));
            return name == "userspace-networking" ? "" : name;
        }
    }
    return "tailscale0";
}

/// `tun: { dev: NAME }` of Nebula's configuration, which may hold keys: no more of it is read.
std::string nebulaInterface(Reader& reader, const std::string& file) {
    bool inside = false;
    const auto text = reader.textIfAny(file);
    for (const auto line : text ? splitLines(view(*text)) : std::vector<std::string_view>{}) {
        if (!line.empty() && line.front() != ' ' && line.front() != '#') {
            inside = line.starts_with("tun:");
        } else if (inside && trim(line).starts_with("dev:")) {
            const auto value = trim(trim(line).substr(4));
            return std::string(value.substr(0, value.find_first_of(" #")));
        }
    }
    return {};
}

void collectOverlays(Reader& reader, const CollectOptions& options, HostSeen& out) {
    const auto has = [&](const std::string& directory, const std::string& name) {
        const auto all = reader.listIfAny(directory);
        return name.empty() ? !all.empty() : std::find(all.begin(), all.end(), name) != all.end();
    };
    const auto add = [&](const std::string& program, const std::string& interface, const std::string& file) {
        if (!interface.empty() && !spec::checkFormat("interface", interface)) {
            out.overlays.push_back({program, interface, file});
        }
    };
    if (has("/etc/default", "tailscaled")) {
        add("Tailscale", tailscaleInterface(reader), "/etc/default/tailscaled");
    } else if (has("/var/lib/tailscale", "")) {
        add("Tailscale", tailscaleInterface(reader), "/var/lib/tailscale");
    }
    for (const char* directory : {"/etc/netbird", "/var/lib/netbird"}) {
        if (has(directory, "")) {
            add("NetBird", "wt0", directory);
            break;
        }
    }
    const std::string devices = "/var/lib/zerotier-one/devicemap";
    const auto map = has("/var/lib/zerotier-one", "devicemap") ? reader.textIfAny(devices) : std::nullopt;
    for (const auto line : map ? splitLines(view(*map)) : std::vector<std::string_view>{}) {
        if (const auto equals = line.find('='); equals != std::string_view::npos) {
            add("ZeroTier", std::string(trim(line.substr(equals + 1))), devices);
        }
    }
    for (const char* name : {"config.yml", "config.yaml"}) {
        if (has("/etc/nebula", name)) {
            const std::string file = std::string("/etc/nebula/") + name;
            add("Nebula", nebulaInterface(reader, file), file);
        }
    }
    for (const auto& name : reader.listIfAny("/etc/wireguard")) {
        const std::string interface = name.substr(0, name.rfind('.'));
        if (name.ends_with(".conf") && interface != options.interface) {
            add("WireGuard", interface, "/etc/wireguard/" + name);
        }
    }
}

}  // namespace

void collectNetwork(Reader& reader, const CollectOptions& options, HostSeen& out) {
    collectInterfaces(reader, options, out);
    collectNames(reader, out);
    collectOverlays(reader, options, out);
}

}  // namespace vigie::imports
