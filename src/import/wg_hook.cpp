// Says what the hooks of a wg-quick file do.

#include "import/wg_hook.hpp"

#include "base/redact.hpp"
#include "base/text.hpp"
#include "compose/project.hpp"
#include "spec/format.hpp"

#include <algorithm>
#include <vector>

namespace vigie::imports {
namespace {

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// The commands of a hook: what `;`, `&&` and line ends part.
std::vector<std::string> commandsOf(std::string_view value) {
    std::string text(value);
    std::replace(text.begin(), text.end(), '&', ';');
    std::vector<std::string> out;
    for (const auto part : split(text, ';')) {
        if (!trim(part).empty()) {
            out.emplace_back(trim(part));
        }
    }
    return out;
}

/// The value of an option, if it is of that format: anything else may hold a secret.
std::string valueOf(const std::vector<std::string>& words, std::initializer_list<std::string_view> options,
                    const char* format) {
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        const bool negated = i > 0 && words[i - 1] == "!";
        if (!negated && std::find(options.begin(), options.end(), words[i]) != options.end() &&
            !spec::checkFormat(format, words[i + 1])) {
            return words[i + 1];
        }
    }
    return {};
}

std::string translation(const std::string& command, const std::string& interface) {
    std::string text = command;
    for (auto at = text.find("%i"); at != std::string::npos; at = text.find("%i")) {
        text.replace(at, 2, interface);
    }
    const auto words = compose::shellWords(text);
    const auto from = valueOf(words, {"-s", "--source", "--src", "saddr"}, "ip-or-cidr");
    const auto to = valueOf(words, {"-o", "--out-interface", "oifname", "oif"}, "interface");
    return "address translation (MASQUERADE" + (from.empty() ? "" : " of " + from) +
           (to.empty() ? "" : " to " + to) + ")";
}

void add(std::vector<std::string>& to, const std::string& what) {
    if (std::find(to.begin(), to.end(), what) == to.end()) {
        to.push_back(what);
    }
}

}  // namespace

Finding hookFinding(const WgLine& line, const std::string& file, const std::string& interface) {
    std::vector<std::string> does;
    std::vector<std::string> cures;
    for (const auto& command : commandsOf(line.value)) {
        const std::string lower = lowerCase(command);
        const bool packets =
            contains(lower, "tables") || contains(lower, "nft") || contains(lower, "firewall");
        if (contains(lower, "masquerade") || (packets && contains(lower, "snat"))) {
            add(does, translation(command, interface));
            add(cures, "vigie translates no addresses");
        } else if (contains(lower, "ip_forward") || contains(lower, ".forwarding")) {
            add(does, "forwarding by the kernel");
            add(cures, "vigie turns forwarding on for a hub, for `hosts[].routes` and for guests only");
        } else if ((packets || contains(lower, "ufw")) &&
                   (contains(lower, "forward") || contains(lower, "route"))) {
            add(does, "firewall rules for what is forwarded (FORWARD)");
            add(cures,
                "vigie lets through what a hub, `hosts[].routes` and guests need, and writes no other such "
                "rule");
        } else if (lower.starts_with("ip ") && (contains(lower, " route ") || contains(lower, " rule "))) {
            add(does, "routes of its own");
            add(cures, "`hosts[].routes` are the networks behind a host, and vigie writes no other route");
        } else if (packets) {
            add(does, "firewall rules");
            add(cures, "`firewall.allow` has rules of your own for ports, and vigie writes no others");
        }
    }
    const std::string what = "`" + printable(line.spelling) + "` of the tunnel";
    if (does.empty()) {
        return {"lost", file, line.number, what,
                "the document has no commands: run it elsewhere, such as in a systemd unit after wg-quick"};
    }
    const std::string cure =
        line.key.ends_with("down")
            ? "this undoes what another hook does: keep both in one unit"
            : vigie::join(cures, "; ") +
                  ". Keep what you need of this hook in a systemd unit that starts after wg-quick@" +
                  interface + ".service, such as the one in docs/import.md";
    return {"lost", file, line.number, what + ": " + vigie::join(does, ", "), cure};
}

}  // namespace vigie::imports
