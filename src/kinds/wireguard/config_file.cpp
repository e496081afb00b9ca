// Reads wg0.conf files that were found on the host.

#include "kinds/wireguard/config_file.hpp"

#include "base/redact.hpp"
#include "base/text.hpp"
#include "base/wg_lines.hpp"

#include <algorithm>
#include <set>

namespace vigie::plan {

std::map<std::string, std::string> endpointsIn(std::string_view config) {
    std::map<std::string, std::string> out;
    std::string key;
    std::string endpoint;  // it may stand before the key
    const auto add = [&] {
        if (!key.empty()) {
            out[key] = endpoint;
        }
        key.clear();
        endpoint.clear();
    };
    for (const auto& line : wgLines(config)) {
        if (line.kind == WgLine::Kind::section) {
            add();
        } else if (line.isSetting("peer", "publickey")) {
            key = line.value;
        } else if (line.isSetting("peer", "endpoint")) {
            endpoint = line.value;
        }
    }
    add();
    return out;
}

std::vector<std::string> nameServersIn(std::string_view config) {
    std::vector<std::string> out;
    for (const auto& line : wgLines(config)) {
        if (line.isSetting("interface", "dns")) {
            for (const auto server : split(line.value, ',')) {
                out.emplace_back(trim(server));
            }
        }
    }
    return out;
}

bool needsDownWithOldFile(std::string_view config, const std::vector<std::string>& dns) {
    static const std::set<std::string> kTakenBack = {"preup", "postup", "predown", "postdown", "table"};
    const auto lines = wgLines(config);
    return nameServersIn(config) != dns || std::any_of(lines.begin(), lines.end(), [](const WgLine& line) {
               return line.section == "interface" && kTakenBack.count(line.key) != 0;
           });
}

bool savesConfig(std::string_view config) {
    const auto lines = wgLines(config);
    return std::any_of(lines.begin(), lines.end(), [](const WgLine& line) {
        return line.isSetting("interface", "saveconfig") && lowerCase(line.value) == "true";
    });
}

}  // namespace vigie::plan
