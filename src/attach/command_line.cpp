// Reads the options of a program's command line as the program itself does.

#include "attach/command_line.hpp"

#include "base/text.hpp"
#include "spec/address.hpp"
#include "spec/flags.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

namespace vigie::attach {
namespace {

struct Parsed {
    std::map<std::string, std::vector<std::string>, std::less<>> values;
    std::map<std::string, bool, std::less<>> switches;
    std::string file;

    [[nodiscard]] std::string last(std::string_view name) const {
        const auto it = values.find(name);
        return it == values.end() ? std::string() : it->second.back();
    }
    [[nodiscard]] std::vector<std::string> all(std::string_view name) const {
        const auto it = values.find(name);
        return it == values.end() ? std::vector<std::string>() : it->second;
    }
};

Parsed parse(spec::Program program, std::span<const std::string> arguments) {
    Parsed out;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        std::string_view word = arguments[i];
        if (word == "--") {
            break;
        }
        if (word.starts_with('@') && out.file.empty()) {
            out.file = word.substr(1);
        }
        if (!word.starts_with('-')) {
            continue;
        }
        word.remove_prefix(word.starts_with("--") ? 2 : 1);
        const auto equals = word.find('=');
        const auto name = word.substr(0, equals);
        const auto* flag = spec::flagNamed(program, name);
        if (equals != std::string_view::npos) {
            const auto value = word.substr(equals + 1);
            out.values[std::string(name)].emplace_back(value);
            out.switches[std::string(name)] = value != "false";
        } else if (flag != nullptr && flag->kind == spec::Flag::Kind::boolean) {
            out.switches[std::string(flag->name)] = name == flag->name;
        } else if (i + 1 < arguments.size() && !arguments[i + 1].starts_with('-') &&
                   !arguments[i + 1].starts_with('@')) {
            out.values[std::string(name)].push_back(arguments[++i]);
        }
    }
    return out;
}

/// `/prom` of `prom/`; empty for the root.
std::string prefixOf(std::string_view path) {
    while (path.starts_with('/')) {
        path.remove_prefix(1);
    }
    while (path.ends_with('/')) {
        path.remove_suffix(1);
    }
    return path.empty() ? std::string() : "/" + std::string(path);
}

std::string_view pathOf(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme != std::string_view::npos) {
        url.remove_prefix(scheme + 3);
    } else if (!url.starts_with('/')) {
        return {};
    }
    url = url.substr(0, url.find_first_of("?#"));
    const auto slash = url.find('/');
    return slash == std::string_view::npos ? std::string_view() : url.substr(slash);
}

/// What to dial for `:9090`, `0.0.0.0:9090`, `[::1]:9090`, `localhost:9090`.
std::optional<Listen> listenIn(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    auto host = text.substr(0, colon);
    const auto digits = text.substr(colon + 1);
    Listen out;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
    if (error != std::errc() || end != digits.data() + digits.size() || out.port == 0) {
        return std::nullopt;
    }
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    }
    // Go listens on both families where none is said.
    if (host.empty() || host == "localhost" || host == "0.0.0.0" || host == "::") {
        out.address = "127.0.0.1";
        return out;
    }
    const auto address = spec::parseIp(host);
    if (!address) {
        return std::nullopt;
    }
    out.address = spec::toText(*address);
    return out;
}

}  // namespace

std::string_view programName(spec::Program program) {
    return program == spec::Program::prometheus ? "prometheus" : "alertmanager";
}

Options readOptions(spec::Program program, std::span<const std::string> arguments) {
    const bool prometheus = program == spec::Program::prometheus;
    const auto parsed = parse(program, arguments);
    Options out;
    out.configFile = parsed.last("config.file");
    if (out.configFile.empty()) {
        out.configFile = prometheus ? "prometheus.yml" : "alertmanager.yml";
    }
    out.listenText = parsed.all("web.listen-address");
    if (out.listenText.empty()) {
        out.listenText.emplace_back(prometheus ? "0.0.0.0:9090" : ":9093");
    }
    for (const auto& text : out.listenText) {
        if (auto listen = listenIn(text)) {
            out.listen.push_back(std::move(*listen));
        }
    }
    const auto prefix = parsed.last("web.route-prefix");
    out.routePrefix = prefixOf(prefix.empty() ? pathOf(parsed.last("web.external-url")) : prefix);
    out.webConfigFile = parsed.last("web.config.file");
    const auto lifecycle = parsed.switches.find("web.enable-lifecycle");
    out.lifecycle = !prometheus || (lifecycle != parsed.switches.end() && lifecycle->second);
    for (const auto& features : parsed.all("enable-feature")) {
        const auto each = split(features, ',');
        out.autoReload =
            out.autoReload || std::find(each.begin(), each.end(), "auto-reload-config") != each.end();
    }
    out.argumentsFile = parsed.file;
    return out;
}

}  // namespace vigie::attach
