// Parses and compares rules of ufw.

#include "kinds/firewall/ufw_rules.hpp"

#include "base/redact.hpp"
#include "base/text.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>
#include <utility>

namespace vigie::plan {
namespace {

constexpr std::string_view kAny = "any";

template <std::size_t size>
bool oneOf(std::string_view word, const std::array<std::string_view, size>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::vector<std::string_view> words(std::string_view line) {
    constexpr std::string_view kSpace = " \t\r\n\v\f";
    std::vector<std::string_view> out;
    for (auto at = line.find_first_not_of(kSpace); at != std::string_view::npos;
         at = line.find_first_not_of(kSpace, at)) {
        const auto end = std::min(line.find_first_of(kSpace, at), line.size());
        out.push_back(line.substr(at, end - at));
        at = end;
    }
    return out;
}

/// A number without leading zeros: ufw writes `0022` as it stands, and iptables reads it as an octal number.
std::optional<int> number(std::string_view text, int largest) {
    int out = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, out);
    const bool plain = text.size() == 1 || (text.size() > 1 && text.front() != '0');
    if (!plain || error != std::errc{} || end != last || out < 0 || out > largest) {
        return std::nullopt;
    }
    return out;
}

/// First and last port; the same for a single one.
using Ports = std::pair<int, int>;

std::optional<Ports> portRange(std::string_view text) {
    constexpr int kLargest = 65535;
    const auto colon = text.find(':');
    const auto first = number(text.substr(0, colon), kLargest);
    const auto last = colon == std::string_view::npos ? first : number(text.substr(colon + 1), kLargest);
    if (!first || !last || *first == 0 || (colon != std::string_view::npos && *first >= *last)) {
        return std::nullopt;
    }
    return Ports{*first, *last};
}

/// In ufw's order. A port that is there twice stays: for ufw that is another rule.
std::optional<std::string> normalPorts(std::string_view text) {
    constexpr auto kMost = 14;  // commas and colons, a limit of iptables
    if (text == kAny) {
        return std::string(text);
    }
    if (std::count_if(text.begin(), text.end(), [](char c) { return c == ',' || c == ':'; }) > kMost) {
        return std::nullopt;
    }
    std::vector<Ports> all;
    for (const auto part : split(text, ',')) {
        const auto range = portRange(part);
        if (!range) {
            return std::nullopt;
        }
        all.push_back(*range);
    }
    std::sort(all.begin(), all.end());
    std::vector<std::string> parts;
    parts.reserve(all.size());
    for (const auto& [first, last] : all) {
        parts.push_back(std::to_string(first) + (first == last ? "" : ":" + std::to_string(last)));
    }
    return join(parts, ",");
}

bool severalPorts(const std::string& ports) {
    return ports.find_first_of(",:") != std::string::npos;
}

bool covers(const std::string& ports, int port) {
    if (ports == kAny) {
        return true;
    }
    const auto parts = split(ports, ',');
    return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) {
        const auto range = portRange(part);
        return range && range->first <= port && port <= range->second;
    });
}

/// The address or network in ufw's form. An IPv4 network loses its host bits, an IPv6 network keeps them.
/// Masks such as 255.0.255.0 are not understood; others ufw writes as a prefix.
std::optional<std::string> normalAddress(std::string_view text, bool v6) {
    if (text == kAny || text == "0.0.0.0/0" || text == "::/0") {
        return std::string(kAny);
    }
    const auto slash = text.find('/');
    const std::string address(text.substr(0, slash));
    const int bits = v6 ? 128 : 32;
    const auto prefix = slash == std::string_view::npos ? bits : number(text.substr(slash + 1), bits);
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    if (!prefix || address.find('\0') != std::string::npos ||
        inet_pton(v6 ? AF_INET6 : AF_INET, address.c_str(), bytes.data()) != 1) {
        return std::nullopt;
    }
    for (int bit = *prefix; !v6 && bit < bits; ++bit) {
        bytes.at(static_cast<std::size_t>(bit / 8)) &= static_cast<unsigned char>(~(0x80U >> (bit % 8)));
    }
    std::array<char, INET6_ADDRSTRLEN> out{};
    inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), out.data(), out.size());
    const std::string normal = out.data();
    if (!v6 && prefix == 0) {
        return std::string(kAny);
    }
    return prefix == bits ? normal : normal + "/" + std::to_string(*prefix);
}

bool interfaceName(std::string_view text) {
    constexpr std::size_t kLongest = 15;
    return !text.empty() && text.size() <= kLongest && text != "." && text != ".." &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.+,=%@") ==
               std::string_view::npos;
}

bool knownAction(std::string_view text) {
    constexpr std::array<std::string_view, 4> kActions = {"allow", "deny", "reject", "limit"};
    return oneOf(text, kActions);
}

bool knownLog(std::string_view text) {
    return text == "log" || text == "log-all";
}

bool knownProtocol(std::string_view text) {
    constexpr std::array<std::string_view, 9> kProtocols = {"any", "tcp",  "udp", "ipv6", "esp",
                                                            "ah",  "igmp", "gre", "vrrp"};
    return oneOf(text, kProtocols);
}

/// Whether the parts of a rule go together.
bool consistent(const UfwRule& rule) {
    const bool tcpOrUdp = rule.protocol == "tcp" || rule.protocol == "udp";
    const bool ports = rule.toPort != kAny || rule.fromPort != kAny;
    const bool chainHasNot = !rule.route && !(rule.outgoing ? rule.inInterface : rule.outInterface).empty();
    return !chainHasNot && (!ports || tcpOrUdp || rule.protocol == kAny) &&
           (tcpOrUdp || !(severalPorts(rule.toPort) || severalPorts(rule.fromPort)));
}

std::string hexDecode(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        unsigned byte = 0;
        const char* const last = text.data() + i + 2;
        const auto [end, error] = std::from_chars(text.data() + i, last, byte, 16);
        if (error != std::errc{} || end != last) {
            return {};
        }
        out += static_cast<char>(byte);
    }
    return out;
}

std::string applicationName(std::string_view text) {
    if (text == "-") {
        return {};
    }
    constexpr std::string_view kSpace = "%20";
    std::string out(text);
    for (auto at = out.find(kSpace); at != std::string::npos; at = out.find(kSpace, at + 1)) {
        out.replace(at, kSpace.size(), " ");
    }
    return out;
}

/// `in`, `out`, `in_wg0`, `out_eth0` or `in_wg0!out_eth0`.
bool readDirection(std::string_view text, UfwRule& rule) {
    const auto end = [&](std::string_view part) {
        const auto underscore = part.find('_');
        const auto name = underscore == std::string_view::npos ? "" : part.substr(underscore + 1);
        const bool in = part.substr(0, underscore) == "in";
        (in ? rule.inInterface : rule.outInterface) = name;
        return (in || part.substr(0, underscore) == "out") &&
               (underscore == std::string_view::npos || interfaceName(name));
    };
    if (const auto both = text.find('!'); both != std::string_view::npos) {
        return text.substr(0, 3) == "in_" && text.substr(both + 1, 4) == "out_" &&
               end(text.substr(0, both)) && end(text.substr(both + 1));
    }
    rule.outgoing = !rule.route && text.substr(0, 3) == "out";
    return end(text);
}

/// `[route:]ACTION[_LOG] PROTOCOL TOPORT TO FROMPORT FROM [TOAPPLICATION FROMAPPLICATION] [DIRECTION]`
bool readTuple(const std::vector<std::string_view>& fields, bool v6, UfwRule& rule) {
    constexpr std::string_view kRoute = "route:";
    constexpr std::size_t kFewest = 6;
    constexpr std::size_t kMost = 9;
    if (fields.size() < kFewest || fields.size() > kMost) {
        return false;
    }
    auto action = fields[0];
    rule.route = action.substr(0, kRoute.size()) == kRoute;
    action.remove_prefix(rule.route ? kRoute.size() : 0);
    if (const auto underscore = action.find('_'); underscore != std::string_view::npos) {
        rule.log = action.substr(underscore + 1);
        action = action.substr(0, underscore);
        if (!knownLog(rule.log)) {
            return false;
        }
    }
    rule.protocol = fields[1];
    const auto toPort = normalPorts(fields[2]);
    const auto to = normalAddress(fields[3], v6);
    const auto fromPort = normalPorts(fields[4]);
    const auto from = normalAddress(fields[5], v6);
    // ufw takes an action that it does not know for `deny`; the line of iptables below it may say something
    // else.
    if (!knownAction(action) || !knownProtocol(rule.protocol) || !toPort || !to || !fromPort || !from) {
        return false;
    }
    rule.action = action;
    rule.toPort = *toPort;
    rule.to = *to;
    rule.fromPort = *fromPort;
    rule.from = *from;
    if (fields.size() >= 8) {
        rule.toApplication = applicationName(fields[6]);
        rule.fromApplication = applicationName(fields[7]);
    }
    // Old versions wrote no direction.
    const bool hasDirection = fields.size() % 2 == 1;
    return (!hasDirection || readDirection(fields.back(), rule)) && consistent(rule);
}

/// The words of a command, taken one by one.
class Words {
public:
    explicit Words(std::string_view text) : words_(words(text)) {}

    [[nodiscard]] std::size_t left() const { return words_.size() - at_; }
    std::string_view next() { return left() == 0 ? std::string_view{} : words_[at_++]; }
    bool take(std::string_view word) {
        const bool there = left() != 0 && words_[at_] == word;
        at_ += there ? 1U : 0U;
        return there;
    }

private:
    std::vector<std::string_view> words_;
    std::size_t at_ = 0;
};

/// `in`, `out`, `in on wg0`, for a route also `in on wg0 out on eth0`.
bool parseDirection(Words& command, UfwRule& rule) {
    constexpr std::array<std::string_view, 10> kReserved = {"in",      "out",  "log", "log-all", "proto",
                                                            "comment", "from", "to",  "port",    "app"};
    for (int i = 0; i < 2; ++i) {
        const bool in = command.take("in");
        if (!in && !command.take("out")) {
            return true;
        }
        auto& interface = in ? rule.inInterface : rule.outInterface;
        if (!command.take("on")) {
            rule.outgoing = !in;
            return i == 0 && !rule.route;
        }
        const auto name = command.next();
        if (!interface.empty() || !interfaceName(name) || oneOf(name, kReserved)) {
            return false;
        }
        interface = name;
    }
    return true;
}

/// `51820/udp` or `80`.
bool parsePort(std::string_view text, UfwRule& rule) {
    const auto slash = text.find('/');
    const auto ports = normalPorts(text.substr(0, slash));
    rule.protocol = slash == std::string_view::npos ? kAny : text.substr(slash + 1);
    rule.toPort = ports.value_or("");
    return ports && *ports != kAny;
}

/// The address decides which files the rule is written to.
bool parseAddress(std::string_view text, UfwRule& rule, std::string& out) {
    const bool v6 = text.find(':') != std::string_view::npos;
    const auto address = normalAddress(text, v6);
    if (text != kAny) {
        (v6 ? rule.v4 : rule.v6) = false;
    }
    out = address.value_or("");
    return address.has_value();
}

/// `from 10.0.0.0/8 port 67 to any port 68 proto udp`, in any order.
bool parseClauses(Words& command, UfwRule& rule) {
    std::string from;
    std::string to;
    std::string protocol;
    std::string* port = nullptr;  // of the address that was named last
    while (command.left() != 0) {
        if (protocol.empty() && command.take("proto")) {
            protocol = command.next();
            rule.protocol = protocol;
        } else if (from.empty() && command.take("from")) {
            if (!parseAddress(command.next(), rule, from)) {
                return false;
            }
            rule.from = from;
            port = &rule.fromPort;
        } else if (to.empty() && command.take("to")) {
            if (!parseAddress(command.next(), rule, to)) {
                return false;
            }
            rule.to = to;
            port = &rule.toPort;
        } else if (port != nullptr && *port == kAny && command.take("port")) {
            const auto ports = normalPorts(command.next());
            if (!ports || *ports == kAny) {
                return false;
            }
            *port = *ports;
        } else {
            return false;
        }
    }
    return !from.empty() || !to.empty() || !rule.inInterface.empty() || !rule.outInterface.empty();
}

/// An interface of a rule, as iptables compares it.
bool arrivesOn(const std::string& wanted, std::string_view interface) {
    if (!wanted.empty() && wanted.back() == '+') {
        return interface.substr(0, wanted.size() - 1) ==
               std::string_view(wanted).substr(0, wanted.size() - 1);
    }
    return wanted.empty() || wanted == interface;
}

/// The value of the last `KEY=value`, without quotes. Both files are read by a shell as well as by ufw.
std::string_view setting(std::string_view file, std::string_view key) {
    std::string_view out;
    for (auto line : splitLines(file)) {
        line = trim(line);
        if (line.substr(0, key.size()) != key || line.substr(key.size(), 1) != "=") {
            continue;
        }
        out = line.substr(key.size() + 1);
        const auto quote = out.substr(0, 1);
        const bool quoted = quote == "\"" || quote == "'";
        out.remove_prefix(quoted ? 1 : 0);
        out = out.substr(0, out.find_first_of(quoted ? quote : " \t;"));
    }
    return out;
}

}  // namespace

bool sameRule(const UfwRule& a, const UfwRule& b) {
    const auto identity = [](const UfwRule& rule) {
        return std::tie(rule.action, rule.log, rule.route, rule.outgoing, rule.protocol, rule.toPort, rule.to,
                        rule.fromPort, rule.from, rule.toApplication, rule.fromApplication, rule.inInterface,
                        rule.outInterface);
    };
    return !a.action.empty() && identity(a) == identity(b);
}

std::vector<UfwRule> readUfwRules(std::string_view file, bool v6) {
    constexpr std::string_view kTuple = "### tuple ###";
    constexpr std::string_view kComment = " comment=";
    std::vector<UfwRule> out;
    for (auto line : splitLines(file)) {
        if (line.substr(0, kTuple.size()) != kTuple) {
            continue;
        }
        line.remove_prefix(kTuple.size());
        const auto comment = line.find(kComment);
        UfwRule rule;
        if (!readTuple(words(line.substr(0, comment)), v6, rule)) {
            rule = {};
        }
        rule.v4 = !v6;
        rule.v6 = v6;
        if (comment != std::string_view::npos) {
            rule.comment = hexDecode(trim(line.substr(comment + kComment.size())));
        }
        out.push_back(std::move(rule));
    }
    return out;
}

std::optional<UfwRule> parseUfwRule(std::string_view rule) {
    UfwRule out;
    out.protocol = out.toPort = out.to = out.fromPort = out.from = kAny;
    out.v4 = out.v6 = true;
    Words command(rule);
    out.route = command.take("route");
    out.action = command.next();
    if (!knownAction(out.action) || !parseDirection(command, out)) {
        return std::nullopt;
    }
    out.log = command.take("log") ? "log" : command.take("log-all") ? "log-all" : "";
    const bool shortForm = command.left() == 1 && out.inInterface.empty() && out.outInterface.empty();
    if (!(shortForm ? parsePort(command.next(), out) : parseClauses(command, out))) {
        return std::nullopt;
    }
    if (out.protocol == "igmp" || out.protocol == "ipv6") {
        out.v6 = false;  // exist in IPv4 only
    }
    // `ufw allow out on eth0` belongs to the chain of what goes out.
    out.outgoing = out.outgoing || (!out.route && !out.outInterface.empty());
    if (!knownProtocol(out.protocol) || !consistent(out) || (!out.v4 && !out.v6)) {
        return std::nullopt;
    }
    return out;
}

Verdict inbound(const std::vector<UfwRule>& rules, int port, std::string_view protocol,
                std::string_view interface, Verdict fallback, bool v6) {
    // A rule for some sources matters only where the others get another answer.
    std::vector<Verdict> forSome;
    Verdict forAll = fallback;
    for (const auto& rule : rules) {
        if (!(v6 ? rule.v6 : rule.v4)) {
            continue;
        }
        if (rule.action.empty()) {
            forSome.push_back(Verdict::unknown);
            continue;
        }
        if (rule.route || rule.outgoing || !arrivesOn(rule.inInterface, interface) ||
            (rule.protocol != kAny && rule.protocol != protocol) || !covers(rule.toPort, port)) {
            continue;
        }
        const bool accepts = rule.action == "allow" || rule.action == "limit";
        const Verdict verdict = accepts ? Verdict::accepted : Verdict::refused;
        if (rule.from == kAny && rule.fromPort == kAny && rule.to == kAny) {
            forAll = verdict;
            break;
        }
        forSome.push_back(verdict);
    }
    const bool agreed =
        std::all_of(forSome.begin(), forSome.end(), [&](Verdict verdict) { return verdict == forAll; });
    return agreed ? forAll : Verdict::unknown;
}

bool ufwEnabled(std::string_view ufwConf) {
    return lowerCase(setting(ufwConf, "ENABLED")) == "yes";
}

bool ufwIpv6(std::string_view defaults) {
    return lowerCase(setting(defaults, "IPV6")) == "yes";
}

Verdict ufwDefaultInput(std::string_view defaults) {
    const auto policy = setting(defaults, "DEFAULT_INPUT_POLICY");
    if (policy == "ACCEPT") {
        return Verdict::accepted;
    }
    return policy == "DROP" || policy == "REJECT" ? Verdict::refused : Verdict::unknown;
}

std::string ufwWords(const render::FirewallRule& rule) {
    using Direction = render::FirewallRule::Direction;
    std::string out = rule.direction == Direction::forward ? "route allow" : "allow";
    const std::string port = rule.port == 0 ? std::string() : std::to_string(rule.port);
    if (rule.interface.empty() && rule.outInterface.empty() && rule.from.empty() && rule.to.empty()) {
        return out + " " + port + "/" + rule.protocol;
    }
    out += rule.interface.empty() ? "" : " in on " + rule.interface;
    out += rule.outInterface.empty() ? "" : " out on " + rule.outInterface;
    out += rule.from.empty() ? "" : " from " + rule.from;
    if (!rule.to.empty() || !port.empty()) {
        out += " to " + (rule.to.empty() ? "any" : rule.to);
    }
    out += port.empty() ? "" : " port " + port;
    out += rule.protocol.empty() ? "" : " proto " + rule.protocol;
    return out;
}

std::optional<UfwRule> ufwRuleOf(const render::FirewallRule& rule) {
    return parseUfwRule(ufwWords(rule));
}

std::vector<std::string> ufwFiles() {
    return {"/etc/ufw/user.rules", "/etc/ufw/user6.rules", "/etc/ufw/ufw.conf"};
}

}  // namespace vigie::plan
