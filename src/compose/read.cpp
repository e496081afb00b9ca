// Reads a compose file.

#include "base/text.hpp"
#include "compose/project.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace vigie::compose {
namespace {

using spec::Node;

bool nameCharacter(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

int numberOf(std::string_view text) {
    int out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size() ? out : 0;
}

std::string scalarOf(const Node& map, std::string_view key, const Variables& variables) {
    const Node* value = map.find(key);
    return value == nullptr ? "" : interpolate(value->scalar, variables);
}

/// `8000` or `8000-8010`.
std::vector<int> portNumbers(std::string_view text) {
    constexpr int kMost = 100;
    const auto dash = text.find('-');
    const int first = numberOf(text.substr(0, dash));
    const int last = dash == std::string_view::npos ? first : numberOf(text.substr(dash + 1));
    std::vector<int> out;
    for (int port = first; port != 0 && port <= last && port < first + kMost; ++port) {
        out.push_back(port);
    }
    return out;
}

void readPorts(const Node& list, const Variables& variables, std::vector<Port>& out) {
    for (const auto& item : list.items) {
        if (item.kind == Node::Kind::scalar) {
            const auto ports = shortPorts(interpolate(item.scalar, variables));
            out.insert(out.end(), ports.begin(), ports.end());
            continue;
        }
        Port port;
        port.address = scalarOf(item, "host_ip", variables);
        port.hostPort = numberOf(scalarOf(item, "published", variables));
        port.containerPort = numberOf(scalarOf(item, "target", variables));
        if (const auto protocol = scalarOf(item, "protocol", variables); !protocol.empty()) {
            port.protocol = protocol;
        }
        out.push_back(std::move(port));
    }
}

void readMounts(const Node& list, const Variables& variables, std::vector<Mount>& out) {
    for (const auto& item : list.items) {
        Mount mount;
        if (item.kind == Node::Kind::scalar) {
            const std::string text = interpolate(item.scalar, variables);
            const auto parts = split(text, ':');
            if (parts.size() < 2) {
                continue;  // an anonymous volume
            }
            mount.source = parts[0];
            mount.target = parts[1];
            mount.readOnly = parts.size() > 2 && parts[2].find("ro") != std::string_view::npos;
            mount.bind = !mount.source.empty() &&
                         std::string_view("./~").find(mount.source[0]) != std::string_view::npos;
        } else {
            mount.source = scalarOf(item, "source", variables);
            mount.target = scalarOf(item, "target", variables);
            mount.readOnly = scalarOf(item, "read_only", variables) == "true";
            mount.bind = scalarOf(item, "type", variables) == "bind";
        }
        out.push_back(std::move(mount));
    }
}

void readEnvironment(const Node& node, const Variables& variables, std::map<std::string, std::string>& out) {
    for (const auto& entry : node.entries) {
        out[entry.key] = interpolate(entry.value.scalar, variables);
    }
    for (const auto& item : node.items) {
        const auto equals = item.scalar.find('=');
        if (equals != std::string::npos) {
            out[item.scalar.substr(0, equals)] = interpolate(item.scalar.substr(equals + 1), variables);
        }
    }
}

/// `NAME:ADDRESS` or `NAME=ADDRESS`, in which an IPv6 address may have brackets; or a map.
void readExtraHosts(const Node& node, const Variables& variables, std::map<std::string, std::string>& out) {
    for (const auto& entry : node.entries) {
        out[entry.key] = interpolate(entry.value.scalar, variables);
    }
    for (const auto& item : node.items) {
        const std::string text = interpolate(item.scalar, variables);
        if (const auto end = text.find_first_of("=:"); end != std::string::npos) {
            out[text.substr(0, end)] = text.substr(end + 1);
        }
    }
    for (auto& [name, address] : out) {
        if (address.size() > 2 && address.front() == '[') {
            address = address.substr(1, address.size() - 2);
        }
    }
}

std::vector<std::string> readCommand(const Node& node, const Variables& variables) {
    if (node.kind == Node::Kind::scalar) {
        return shellWords(interpolate(node.scalar, variables));
    }
    std::vector<std::string> out;
    for (const auto& item : node.items) {
        out.push_back(interpolate(item.scalar, variables));
    }
    return out;
}

Service readService(const spec::Entry& entry, const Variables& variables) {
    Service out;
    out.name = entry.key;
    out.at = entry.keyAt.line != 0 ? entry.keyAt : entry.value.at;
    out.image = scalarOf(entry.value, "image", variables);
    for (const auto& field : entry.value.entries) {
        out.keys.push_back(field.key);
        if (field.key == "ports") {
            readPorts(field.value, variables, out.ports);
        } else if (field.key == "volumes") {
            readMounts(field.value, variables, out.mounts);
        } else if (field.key == "environment") {
            readEnvironment(field.value, variables, out.environment);
        } else if (field.key == "command") {
            out.command = readCommand(field.value, variables);
        } else if (field.key == "extra_hosts") {
            readExtraHosts(field.value, variables, out.extraHosts);
        } else if (field.key == "build") {
            out.builds = true;
        }
    }
    return out;
}

/// What stands behind the name in `${NAME:-default}`.
std::string substitute(std::string_view inside, const Variables& variables) {
    std::size_t end = 0;
    while (end < inside.size() && nameCharacter(inside[end])) {
        ++end;
    }
    const auto it = variables.find(std::string(inside.substr(0, end)));
    auto rest = inside.substr(end);
    const bool colon = !rest.empty() && rest.front() == ':';
    rest.remove_prefix(colon ? 1 : 0);
    const bool absent = it == variables.end() || (colon && it->second.empty());
    if (!rest.empty() && rest.front() == '-' && absent) {
        return interpolate(rest.substr(1), variables);
    }
    if (!rest.empty() && rest.front() == '+') {
        return absent ? "" : interpolate(rest.substr(1), variables);
    }
    return it == variables.end() ? "" : it->second;
}

}  // namespace

std::vector<Port> shortPorts(std::string_view text) {
    std::vector<Port> out;
    Port port;
    if (const auto slash = text.rfind('/'); slash != std::string_view::npos) {
        port.protocol = text.substr(slash + 1);
        text = text.substr(0, slash);
    }
    const auto last = text.rfind(':');
    const auto inside = portNumbers(last == std::string_view::npos ? text : text.substr(last + 1));
    std::vector<int> outside;
    if (last != std::string_view::npos) {
        const auto rest = text.substr(0, last);
        const auto colon = rest.rfind(':');
        port.address = colon == std::string_view::npos ? std::string_view() : rest.substr(0, colon);
        if (port.address.size() > 2 && port.address.front() == '[') {
            port.address = port.address.substr(1, port.address.size() - 2);
        }
        outside = portNumbers(colon == std::string_view::npos ? rest : rest.substr(colon + 1));
    }
    for (std::size_t i = 0; i < inside.size(); ++i) {
        port.containerPort = inside[i];
        port.hostPort = i < outside.size() ? outside[i] : 0;
        out.push_back(port);
    }
    return out;
}

Variables readEnvFile(std::string_view text) {
    Variables out;
    for (const auto whole : splitLines(text)) {
        auto line = trim(whole);
        constexpr std::string_view kExport = "export ";
        if (line.starts_with(kExport)) {
            line = trim(line.substr(kExport.size()));
        }
        const auto equals = line.find('=');
        if (line.empty() || line.front() == '#' || equals == std::string_view::npos) {
            continue;
        }
        auto value = trim(line.substr(equals + 1));
        const bool quoted = value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
                            value.find(value.front(), 1) != std::string_view::npos;
        if (quoted) {
            value = value.substr(1, value.find(value.front(), 1) - 1);
        } else {
            value = trim(value.substr(0, value.find(" #")));
        }
        out[std::string(trim(line.substr(0, equals)))] = value;
    }
    return out;
}

std::string interpolate(std::string_view text, const Variables& variables) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '$' || i + 1 == text.size()) {
            out += text[i];
        } else if (text[i + 1] == '$') {
            out += '$';
            ++i;
        } else if (text[i + 1] == '{') {
            std::size_t end = i + 2;
            for (int depth = 1; end < text.size(); ++end) {
                depth += text[end] == '{' ? 1 : text[end] == '}' ? -1 : 0;
                if (depth == 0) {
                    break;
                }
            }
            out += substitute(text.substr(i + 2, end - i - 2), variables);
            i = end;
        } else {
            std::size_t end = i + 1;
            while (end < text.size() && nameCharacter(text[end])) {
                ++end;
            }
            out += end == i + 1 ? "$" : substitute(text.substr(i + 1, end - i - 1), variables);
            i = end - 1;
        }
    }
    return out;
}

std::vector<std::string> shellWords(std::string_view text) {
    std::vector<std::string> out;
    bool inside = false;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote == 0 && std::isspace(static_cast<unsigned char>(c)) != 0) {
            inside = false;
            continue;
        }
        if (!inside) {
            out.emplace_back();
            inside = true;
        }
        if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
        } else if (quote == c) {
            quote = 0;
        } else if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
            out.back() += text[++i];
        } else {
            out.back() += c;
        }
    }
    return out;
}

File readFile(const Node& root, const Variables& variables) {
    File out;
    out.name = scalarOf(root, "name", variables);
    if (const Node* services = root.find("services")) {
        for (const auto& entry : services->entries) {
            out.services.push_back(readService(entry, variables));
        }
    }
    return out;
}

void merge(File& into, const File& later) {
    if (!later.name.empty()) {
        into.name = later.name;
    }
    for (const auto& service : later.services) {
        const auto it = std::find_if(into.services.begin(), into.services.end(),
                                     [&](const auto& each) { return each.name == service.name; });
        if (it == into.services.end()) {
            into.services.push_back(service);
            continue;
        }
        it->image = service.image.empty() ? it->image : service.image;
        it->builds = it->builds || service.builds;
        it->command = service.command.empty() ? it->command : service.command;
        it->ports.insert(it->ports.end(), service.ports.begin(), service.ports.end());
        for (const auto& mount : service.mounts) {
            const auto same = std::find_if(it->mounts.begin(), it->mounts.end(),
                                           [&](const auto& each) { return each.target == mount.target; });
            if (same == it->mounts.end()) {
                it->mounts.push_back(mount);
            } else {
                *same = mount;
            }
        }
        for (const auto& [name, value] : service.environment) {
            it->environment[name] = value;
        }
        for (const auto& [name, address] : service.extraHosts) {
            it->extraHosts[name] = address;
        }
    }
}

}  // namespace vigie::compose
