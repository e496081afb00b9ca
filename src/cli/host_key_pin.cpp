// Asks an ssh server for its host keys and compares them with pinned ones.

#include "cli/host_key_pin.hpp"

#include "base/error.hpp"
#include "base/redact.hpp"
#include "base/text.hpp"
#include "cli/terminal.hpp"
#include "secrets/ssh_key.hpp"

#include <unistd.h>

#include <algorithm>

namespace vigie::cli {
namespace {

constexpr std::uint64_t kLargest = 1U << 20U;

struct PinnedKey {
    std::string line;
    std::string type;
    std::string fingerprint;
};

/// The keys of lines as ssh-keyscan prints them and known_hosts has them; other lines are passed over.
std::vector<PinnedKey> keysIn(std::string_view text) {
    std::vector<PinnedKey> out;
    for (const auto line : splitLines(text)) {
        const auto words = split(trim(line), ' ');
        constexpr std::size_t kWords = 3;
        if (words.size() < kWords || words[0].front() == '#' || words[0].front() == '@') {
            continue;
        }
        if (const auto fingerprint = secrets::sshFingerprint(words[2])) {
            out.push_back({std::string(trim(line)), std::string(words[1]), *fingerprint});
        }
    }
    return out;
}

std::string nameIn(const SshServer& server) {
    const bool usual = server.port.empty() || server.port == "22";
    return usual ? server.host : "[" + server.host + "]:" + server.port;
}

bool pins(std::string_view text, const SshServer& server) {
    for (const auto& key : keysIn(text)) {
        const auto hosts = key.line.substr(0, key.line.find(' '));
        for (const auto host : split(hosts, ',')) {
            if (host == nameIn(server) || host.starts_with("|1|")) {  // a hashed name may be this server
                return true;
            }
        }
    }
    return false;
}

std::string copied(const InitOptions& options, const SshServer& server) {
    const system::RealFiles files("", system::Links::asTyped);
    std::string text(view(files.read(options.knownHosts, kLargest)));
    if (!pins(text, server)) {
        throw Error(
            options.knownHosts + " has no host key of " + nameIn(server),
            "add a line of the form `" + nameIn(server) + " ssh-ed25519 BASE64`, as ssh-keyscan prints it");
    }
    return text;
}

std::vector<PinnedKey> scan(HostSystem& here, const SshServer& server) {
    if (!here.processes.find("ssh-keyscan")) {
        throw Error("ssh-keyscan is missing, so the host key of " + nameIn(server) + " cannot be fetched",
                    "install the package `openssh-client`, or write the line `" + nameIn(server) +
                        " ssh-ed25519 BASE64` into a file and add --known-hosts FILE");
    }
    system::Command command;
    command.argv = {"ssh-keyscan", "-T",       "10", "-p", server.port.empty() ? "22" : server.port,
                    "--",          server.host};
    const auto result = here.processes.run(command);
    auto keys = keysIn(result.out);
    if (keys.empty()) {
        throw Error("no ssh server answers at " + nameIn(server),
                    "check the URL, and that this host can reach the server");
    }
    return keys;
}

std::vector<PinnedKey> trusted(const std::vector<PinnedKey>& keys, const InitOptions& options,
                               const SshServer& server) {
    std::string shown;
    for (const auto& key : keys) {
        shown += "\n  " + key.type + " " + key.fingerprint;
    }
    if (!options.fingerprints.empty()) {
        std::vector<PinnedKey> out;
        for (const auto& key : keys) {
            if (std::find(options.fingerprints.begin(), options.fingerprints.end(), key.fingerprint) !=
                options.fingerprints.end()) {
                out.push_back(key);
            }
        }
        if (out.empty()) {
            throw Error("the host keys of " + nameIn(server) +
                            " do not match --fingerprint; the server presents:" + shown,
                        "the connection may be intercepted: compare with the fingerprints that the server's "
                        "operator publishes");
        }
        return out;
    }
    say("the host keys of " + nameIn(server) + ":" + shown);
    if (options.yes) {
        say("trusted because of --yes; compare them with the fingerprints that the server's operator "
            "publishes");
        return keys;
    }
    if (isatty(STDIN_FILENO) != 1) {
        throw Error(
            "standard input is not a terminal, so you cannot be asked whether these are the host keys of " +
                nameIn(server),
            "add --fingerprint SHA256:… as the server's operator publishes it, or --known-hosts FILE");
    }
    if (!cli::confirm("Are these the server's keys?")) {
        throw Error("the host keys of " + nameIn(server) + " were not confirmed", "nothing was pinned");
    }
    return keys;
}

}  // namespace

std::optional<SshServer> sshServerOf(const std::string& url) {
    constexpr std::string_view kScheme = "ssh://";
    std::string rest;
    bool short_ = false;
    if (lowerCase(url.substr(0, kScheme.size())) == kScheme) {
        rest = url.substr(kScheme.size());
        rest = rest.substr(0, rest.find('/'));
    } else if (url.find("://") == std::string::npos && url.find('@') != std::string::npos &&
               url.front() != '/') {
        const auto host = url.find('@') + 1;
        const auto after = url.substr(host, 1) == "[" ? url.find(']', host) : host;  // an IPv6 address
        rest = url.substr(0, url.find(':', after == std::string::npos ? host : after));
        short_ = true;
    } else {
        return std::nullopt;
    }
    rest = rest.substr(rest.rfind('@') + 1);
    SshServer out;
    const auto bracket = rest.find(']');
    const auto colon =
        short_ ? std::string::npos : rest.find(':', bracket == std::string::npos ? 0 : bracket);
    out.host = rest.substr(0, colon);
    out.port = colon == std::string::npos ? "" : rest.substr(colon + 1);
    if (out.host.size() > 2 && out.host.front() == '[') {
        out.host = out.host.substr(1, out.host.size() - 2);
    }
    return out;
}

void pinHostKeys(HostSystem& here, const InitOptions& options, const SshServer& server,
                 const std::string& path) {
    const bool there = here.files.inspect(path).exists();
    const std::string before = there ? std::string(view(here.files.read(path, kLargest))) : "";
    const bool pinned = pins(before, server);
    // Lines for other servers stay, unless --force rewrites the whole file.
    std::string text = options.force ? "" : before;
    if (!text.empty() && text.back() != '\n') {
        text += '\n';
    }
    if (!options.knownHosts.empty()) {
        const auto given = copied(options, server);
        text = pinned || before == given ? given : text + given;
        if (pinned && text != before && !options.force) {
            throw Error(here.files.real(path) + " pins other keys than " + options.knownHosts,
                        "add --force to replace it");
        }
    } else if (pinned && !options.force) {
        for (const auto& wanted : options.fingerprints) {
            const auto keys = keysIn(before);
            if (std::none_of(keys.begin(), keys.end(),
                             [&](const auto& key) { return key.fingerprint == wanted; })) {
                throw Error(here.files.real(path) + " pins other keys than " + wanted,
                            "add --force to fetch the keys from the server again");
            }
        }
        return;
    } else {
        for (const auto& key : trusted(scan(here, server), options, server)) {
            text += key.line + "\n";
        }
    }
    if (text != before) {
        here.files.write(path, text, 0644, std::nullopt);
        say("pinned the host key of " + nameIn(server) + " in " + here.files.real(path));
    }
}

}  // namespace vigie::cli
