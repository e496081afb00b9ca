// Reads a wg-quick file.

#include "import/wg_conf.hpp"

#include "base/error.hpp"
#include "base/hash.hpp"
#include "base/redact.hpp"
#include "base/text.hpp"
#include "base/wg_lines.hpp"
#include "import/wg_hook.hpp"
#include "secrets/identity.hpp"
#include "spec/address.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

namespace vigie::imports {
namespace {

/// Throws Error for a line that wg-quick would refuse.
std::vector<WgLine> linesOf(std::string_view text, const std::string& file) {
    auto out = wgLines(text);
    for (const auto& line : out) {
        const std::string at = file + ":" + std::to_string(line.number);
        if (line.kind == WgLine::Kind::section && line.section != "interface" && line.section != "peer") {
            throw Error(at + ": wg-quick does not know the section `[" + printable(line.spelling) + "]`",
                        "write [Interface] or [Peer]");
        }
        if (line.kind == WgLine::Kind::malformed ||
            (line.kind == WgLine::Kind::setting && line.section.empty())) {
            throw Error(at + ": this is not a line of a wg-quick file",
                        "write lines of the form `Key = value`, below [Interface] or [Peer]");
        }
    }
    return out;
}

int numberOf(std::string_view text) {
    int out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

void addList(std::vector<std::string>& to, std::string_view value) {
    for (const auto part : split(value, ',')) {
        if (!trim(part).empty()) {
            to.emplace_back(trim(part));
        }
    }
}

Finding lost(const WgLine& line, const std::string& file, const std::string& cure) {
    return {"lost", file, line.number, "`" + printable(line.spelling) + "` of the tunnel", cure};
}

void readInterface(const WgLine& line, const std::string& file, Tunnel& out, std::vector<Finding>& findings) {
    if (line.key == "address") {
        addList(out.addresses, line.value);
    } else if (line.key == "listenport") {
        out.listenPort = numberOf(line.value);
    } else if (line.key == "dns") {
        std::vector<std::string> words;
        addList(words, line.value);
        for (auto& word : words) {
            if (spec::parseIp(word)) {
                out.dns.push_back(std::move(word));
            } else {
                findings.push_back(
                    lost(line, file,
                         "`" + printable(word) + "` is a search domain: `vpn.dns` takes addresses only"));
            }
        }
    } else if (line.key == "mtu") {
        out.mtu = numberOf(line.value);
    } else if (line.key == "privatekey") {
        out.publicKey = secrets::wireguardKeyAt(line.value, file, line.number).publicKey;
    } else if (line.key == "saveconfig") {
        out.saveConfig = lowerCase(line.value) == "true";
    } else if (line.key == "postup" || line.key == "predown" || line.key == "preup" ||
               line.key == "postdown") {
        findings.push_back(hookFinding(line, file, out.interface));
    } else {
        findings.push_back(lost(line, file, "vigie does not write this setting; see docs/import.md"));
    }
}

void readPeer(const WgLine& line, const std::string& file, Tunnel& out, std::vector<Finding>& findings,
              std::vector<SecureBytes>& presharedKeys) {
    auto& peer = out.peers.back();
    if (line.key == "publickey") {
        peer.publicKey = line.value;
    } else if (line.key == "endpoint") {
        peer.endpoint = line.value;
    } else if (line.key == "allowedips") {
        addList(peer.allowedIps, line.value);
    } else if (line.key == "persistentkeepalive") {
        peer.keepalive = lowerCase(line.value) == "off" ? 0 : numberOf(line.value);
    } else if (line.key == "presharedkey") {
        peer.presharedKey = true;
        presharedKeys.push_back(secureBytes(line.value));
    } else {
        findings.push_back(lost(line, file, "vigie does not write this setting; see docs/import.md"));
    }
}

template <std::size_t N>
bool isOneOf(const std::array<std::string_view, N>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// The letters of a word that a name may have.
std::string cleaned(std::string_view word) {
    std::string out;
    for (const char c : word) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0 ||
            std::string_view("_.-").find(c) != std::string_view::npos) {
            out += c;
        }
    }
    const auto first = out.find_first_not_of("_.-");
    const auto last = out.find_last_not_of("_.-");
    return first == std::string::npos ? "" : out.substr(first, last - first + 1);
}

}  // namespace

std::string nameInComment(std::string_view comment) {
    // Words that tools which write such files put before a name.
    static constexpr std::array<std::string_view, 7> kBefore = {"begin", "begin_peer", "client", "peer",
                                                                "name",  "user",       "device"};
    static constexpr std::array<std::string_view, 2> kNames = {"friendly_name", "name"};
    constexpr std::size_t kLongest = 32;
    const auto first = std::min(comment.find_first_not_of("# \t"), comment.size());
    auto text = trim(comment.substr(first));
    if (redactLine(text) != text) {
        return {};
    }
    if (const auto equals = text.find('='); equals != std::string_view::npos) {
        if (!isOneOf(kNames, lowerCase(trim(text.substr(0, equals))))) {
            return {};  // a setting that somebody switched off, or a key
        }
        text = trim(text.substr(equals + 1));
    }
    std::string out;
    bool aside = false;
    bool begins = true;
    for (const auto whole : split(text, ' ')) {
        aside = aside || whole.starts_with("(");
        const bool skipped = std::exchange(aside, aside && !whole.ends_with(")"));
        const std::string word = skipped ? "" : cleaned(whole);
        const std::string lower = lowerCase(word);
        if (word.empty() || (begins && isOneOf(kBefore, lower))) {
            continue;
        }
        if (word.size() > kLongest || (begins && (lower == "end" || lower == "end_peer"))) {
            return {};
        }
        begins = false;
        if (out.size() + 1 + word.size() > kLongest) {
            break;
        }
        out += (out.empty() ? "" : "-") + word;
    }
    return out;
}

std::string presharedKeyName(const std::string& onePublicKey, const std::string& otherPublicKey) {
    constexpr std::size_t kShort = 12;
    const auto [first, second] = std::minmax(onePublicKey, otherPublicKey);
    return "psk-" + sha256Hex(first + " " + second).substr(0, kShort);
}

Tunnel readWgConf(std::string_view text, const std::string& file, std::vector<Finding>& findings,
                  std::vector<SecureBytes>& presharedKeys) {
    Tunnel out;
    out.file = file;
    const auto slash = file.rfind('/');
    out.interface = file.substr(slash + 1, file.rfind('.') - slash - 1);
    for (const auto& line : linesOf(text, file)) {
        if (line.kind == WgLine::Kind::section) {
            if (line.section == "peer") {
                out.peers.emplace_back().line = line.number;
                out.peers.back().name = nameInComment(line.comment);
            }
        } else if (line.section == "interface") {
            readInterface(line, file, out, findings);
        } else {
            readPeer(line, file, out, findings, presharedKeys);
        }
    }
    const bool both = out.addresses.size() > 1 && out.addresses[0].find(':') == std::string::npos &&
                      out.addresses[1].find(':') != std::string::npos;
    for (std::size_t i = both ? 2 : 1; i < out.addresses.size(); ++i) {
        findings.push_back({"lost", file, 0, "the tunnel's additional address " + printable(out.addresses[i]),
                            "a host has one IPv4 and one IPv6 address in the tunnel"});
    }
    return out;
}

MeaningSeen wgMeaning(std::string_view text, const std::string& file) {
    MeaningSeen out{file, file, {}};
    // The key that names a peer may stand anywhere in its section.
    std::vector<std::string> names;
    for (const auto& line : linesOf(text, file)) {
        if (line.kind == WgLine::Kind::section) {
            names.emplace_back(line.section == "peer" ? "[Peer]" : "[Interface]");
        } else if (line.section == "peer" && line.key == "publickey") {
            names.back() = "[Peer " + std::string(line.value) + "]";
        }
    }
    std::size_t index = 0;
    for (const auto& line : linesOf(text, file)) {
        if (line.kind == WgLine::Kind::section) {
            ++index;
            continue;
        }
        const bool shown = line.key != "privatekey" && line.key != "presharedkey" &&
                           !line.key.starts_with("post") && !line.key.starts_with("pre");
        auto& value = out.values[names[index - 1] + "." + line.spelling];
        value += (value.empty() ? "" : ", ") + (shown ? std::string(line.value) : std::string(kSecretMask));
    }
    return out;
}

}  // namespace vigie::imports
