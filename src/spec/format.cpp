// What a text has to look like, by the `format` of its field.
#include "spec/format.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "spec/address.hpp"
#include "spec/characters.hpp"
#include "spec/format_path.hpp"
#include "spec/format_quantity.hpp"
#include "spec/format_url.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace vigie::spec {
namespace {

using Problem = std::optional<FormatProblem>;

Problem name(std::string_view text) {
    if (text.empty() || text.size() > 63 || !alnum(text.front()) || !alnum(text.back()) ||
        !all(text, [](char c) { return alnum(c) || oneOf(c, "_.-"); })) {
        return FormatProblem{
            "is not a name",
            "use at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends"};
    }
    return {};
}

Problem composeName(std::string_view text) {
    const auto ok = [](char c) { return digit(c) || (c >= 'a' && c <= 'z') || oneOf(c, "_-"); };
    if (text.empty() || text.size() > 63 || oneOf(text.front(), "_-") || !all(text, ok)) {
        return FormatProblem{"is not a compose project name", "use lower-case letters, digits, `-` and `_`"};
    }
    return {};
}

Problem serviceName(std::string_view text) {
    if (text.empty() || text.size() > 63 || !alnum(text.front()) ||
        !all(text, [](char c) { return alnum(c) || oneOf(c, "_.-"); })) {
        return FormatProblem{"is not a service name", "write the key under `services:` in the compose file"};
    }
    return {};
}

Problem host(std::string_view text) {
    if (parseIp(text)) {
        return {};
    }
    if (text.find("://") != std::string_view::npos || text.find('/') != std::string_view::npos) {
        return FormatProblem{"is not an address or a host name", "remove the scheme and the path"};
    }
    if (text.find(':') != std::string_view::npos) {
        return FormatProblem{"is not an address or a host name",
                             "remove the port: `wireguard.listenPort` sets it"};
    }
    const bool looksNumeric = all(text, [](char c) { return digit(c) || c == '.'; });
    if (text.empty() || text.size() > 253 || !alnum(text.front()) || !alnum(text.back()) || looksNumeric ||
        !all(text, [](char c) { return alnum(c) || oneOf(c, "._-"); })) {
        return FormatProblem{"is not an address or a host name",
                             "write it like `203.0.113.10` or `vps.example.org`"};
    }
    return {};
}

Problem ip(std::string_view text) {
    if (parseIp(text)) {
        return {};
    }
    if (parseNetwork(text)) {
        return FormatProblem{"is not an address", "remove the prefix length: `" +
                                                      std::string(text.substr(0, text.find('/'))) + "`"};
    }
    return FormatProblem{"is not an address", "write it like `10.66.66.1`"};
}

Problem cidr(std::string_view text) {
    const auto network = parseNetwork(text);
    if (!network) {
        return FormatProblem{"is not a network", parseIp(text)
                                                     ? "add the prefix length, as in `10.66.66.0/30`"
                                                     : "write it like `10.66.66.0/30`"};
    }
    if (network->hasHostBits()) {
        IpNetwork fixed = *network;
        for (unsigned i = fixed.prefix; i < fixed.address.bits(); ++i) {
            auto& byte = fixed.address.bytes.at(i / 8);
            byte = static_cast<std::uint8_t>(byte & ~(1U << (7U - i % 8U)));
        }
        return FormatProblem{"is an address in a network, not the network address",
                             "write `" + toText(fixed.address) + "/" + std::to_string(fixed.prefix) + "`"};
    }
    return {};
}

/// A 32-byte key in base64, as both WireGuard and libsodium print their public keys.
Problem key(std::string_view text, const char* what) {
    const auto bytes = base64Decode(text);
    if (bytes && bytes->size() == 32) {
        return {};
    }
    return FormatProblem{std::string("is not a ") + what,
                         "copy the line that `vigie keys show` prints on the host"};
}

Problem wireguardKey(std::string_view text) {
    return key(text, "WireGuard public key (32 bytes in base64)");
}
Problem sealingKey(std::string_view text) {
    return key(text, "sealing key (32 bytes in base64)");
}

Problem sealed(std::string_view text) {
    // crypto_box_SEALBYTES, and our own version byte and length prefixes
    constexpr std::size_t kShortest = 48;
    const auto bytes = base64Decode(text);
    if (bytes && bytes->size() >= kShortest) {
        return {};
    }
    return FormatProblem{"is not a sealed value",
                         "paste the output of `vigie seal`; never write the plain value", true};
}

Problem interfaceName(std::string_view text) {
    if (text.empty() || text.size() > 15 || !letter(text.front()) ||
        !all(text, [](char c) { return alnum(c) || oneOf(c, "_=+.-"); })) {
        return FormatProblem{"is not an interface name",
                             "use a letter and then up to 14 letters, digits, `-` and `_`, like `wg0`"};
    }
    return {};
}

/// A text that becomes a line, or a field of one, in a file that has no escapes for the end of a line.
Problem line(std::string_view text) {
    const auto ends = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::any_of(text.begin(), text.end(), ends)) {
        return FormatProblem{"contains a line feed or another control character", "write a single line"};
    }
    return {};
}

Problem envName(std::string_view text) {
    if (text.empty() || text.size() > 100 || digit(text.front()) ||
        !all(text, [](char c) { return alnum(c) || c == '_'; })) {
        return FormatProblem{"is not a name of an environment variable",
                             "use letters, digits and `_`, like `OTEL_ENDPOINT`"};
    }
    return {};
}

Problem image(std::string_view text) {
    const bool start = !text.empty() && (digit(text.front()) || (text.front() >= 'a' && text.front() <= 'z'));
    if (!start || text.size() > 251 || !all(text, [](char c) { return alnum(c) || oneOf(c, "_./:@-"); })) {
        return FormatProblem{"is not an image reference", "write it like `prom/prometheus:v3.5.0`"};
    }
    return {};
}

Problem diagnosticCode(std::string_view text) {
    constexpr std::size_t kLength = 6;
    if (text.size() == kLength && text.starts_with("VG") && all(text.substr(2), digit)) {
        return {};
    }
    return FormatProblem{"is not a finding's code", "write it like `VG0406`"};
}

Problem versionConstraint(std::string_view text) {
    const auto bad = FormatProblem{"is not a version constraint", "write it like `>=0.1`"};
    if (!text.starts_with(">=")) {
        return bad;
    }
    const auto parts = split(text.substr(2), '.');
    if (parts.size() < 2 || parts.size() > 3) {
        return bad;
    }
    for (const auto part : parts) {
        if (part.empty() || part.size() > 9 || !all(part, digit)) {
            return bad;
        }
    }
    return {};
}

bool port(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && value >= 1 && value <= 65535 &&
           text.front() != '0';
}

Problem hostPortText(std::string_view text) {
    const auto colon = text.rfind(':');
    auto hostPart = text.substr(0, colon);
    const bool brackets = hostPart.size() > 2 && hostPart.front() == '[' && hostPart.back() == ']';
    if (brackets) {
        hostPart = hostPart.substr(1, hostPart.size() - 2);
    }
    const bool bare =
        !brackets && hostPart.find(':') != std::string_view::npos;  // which colon is the port's?
    if (colon == std::string_view::npos || !port(text.substr(colon + 1)) || bare || host(hostPart)) {
        return FormatProblem{"is not `host:port`", "write it like `smtp.example.org:587`"};
    }
    return {};
}

Problem listenAddress(std::string_view text) {
    const auto colon = text.rfind(':');
    const auto address = text.substr(0, colon);
    const bool brackets = address.size() > 2 && address.front() == '[' && address.back() == ']';
    const auto parsed = parseIp(brackets ? address.substr(1, address.size() - 2) : address);
    if (colon == std::string_view::npos || !port(text.substr(colon + 1)) || !parsed ||
        parsed->v6 != brackets) {
        return FormatProblem{"is not an address to listen on",
                             "write a numeric address and a port, as in `127.0.0.1:9469` or `[::1]:9469`"};
    }
    return {};
}

/// As image names begin with it: a name or an IPv4 address, perhaps with a port.
Problem registry(std::string_view text) {
    const auto colon = text.find(':');
    const auto name = text.substr(0, colon);
    if (name.empty() || name.size() > 253 || !alnum(name.front()) || !alnum(name.back()) ||
        !all(name, [](char c) { return alnum(c) || oneOf(c, ".-"); }) ||
        (colon != std::string_view::npos && !port(text.substr(colon + 1)))) {
        return FormatProblem{"is not a registry",
                             "write it as in image names, like `registry.example.org:5000`"};
    }
    return {};
}

Problem target(std::string_view text) {
    if (text.find("://") != std::string_view::npos) {
        return FormatProblem{"is not a target",
                             "remove the scheme: write `host:port`, and `scheme: https` in the job"};
    }
    if (text.find('/') != std::string_view::npos) {
        return FormatProblem{"is not a target", "remove the path: `metricsPath` sets it"};
    }
    if (text.empty() || text.size() > 300 || !all(text, [](char c) { return c > ' ' && c < 0x7f; })) {
        return FormatProblem{"is not a target", "write it like `10.66.66.1:9100`"};
    }
    return {};
}

/// What the blackbox exporter is asked to probe. Logins have fields of their own.
Problem probeTarget(std::string_view text) {
    if (text.empty() || text.size() > 500 || !all(text, [](char c) { return c > ' ' && c < 0x7f; })) {
        return FormatProblem{"is not a target", "write it like `https://example.org/` or `10.66.66.1:22`"};
    }
    const auto scheme = text.find("://");
    const auto authority = scheme == std::string_view::npos ? std::string_view() : text.substr(scheme + 3);
    if (authority.substr(0, authority.find_first_of("/?#")).find('@') != std::string_view::npos) {
        return FormatProblem{"contains a login", "write it as `http.basicAuth`, with a secret", true};
    }
    return {};
}

Problem userId(std::string_view text) {
    constexpr std::size_t kDigits = 9;
    const auto parts = split(text, ':');
    if (parts.size() > 2 || std::any_of(parts.begin(), parts.end(), [](std::string_view part) {
            return part.empty() || part.size() > kDigits || !all(part, digit);
        })) {
        return FormatProblem{"is not a user id", "write numbers, like `65534:65534`"};
    }
    return {};
}

/// What stands behind the kind is checked by kind, so that an id that nothing can have is not taken for one.
Problem resourceId(std::string_view text) {
    struct Kind {
        std::string_view name;
        bool (*named)(std::string_view);
        std::string_view example;
    };
    static constexpr auto kWord = [](std::string_view part) {
        return !part.empty() && all(part, [](char c) { return alnum(c) || oneOf(c, "_.@:/-"); });
    };
    static constexpr auto kPath = [](std::string_view part) { return !checkAbsolutePath(part); };
    static constexpr auto kService = [](std::string_view part) {
        const auto slash = part.find('/');
        return slash != std::string_view::npos && !composeName(part.substr(0, slash)) &&
               !serviceName(part.substr(slash + 1));
    };
    /// A file of an attached program: project, service, and the path beside its configuration.
    static constexpr auto kAttached = [](std::string_view part) {
        const auto service = part.find('/');
        const auto path = service == std::string_view::npos ? service : part.find('/', service + 1);
        return path != std::string_view::npos && kService(part.substr(0, path)) &&
               !checkRelativePath(part.substr(path + 1));
    };
    static constexpr auto kSignal = [](std::string_view part) {
        const auto slash = part.rfind('/');
        return slash != std::string_view::npos && kService(part.substr(0, slash)) && slash + 1 < part.size();
    };
    static constexpr std::array<Kind, 13> kKinds = {
        {{"file", kPath, "/etc/wireguard/wg0.conf"},
         {"directory", kPath, "/opt/monitoring"},
         {"wireguard", [](std::string_view part) { return !interfaceName(part); }, "wg0"},
         {"firewall", kWord, "udp/51820"},
         {"sysctl", kWord, "net.ipv4.ip_forward"},
         {"guests", [](std::string_view part) { return !interfaceName(part); }, "wg0"},
         {"unit", kWord, "wg-quick@wg0.service"},
         {"compose", kService, "PROJECT/SERVICE"},
         {"attached", kAttached, "PROJECT/SERVICE/prometheus.yml"},
         {"rebuild", kService, "PROJECT/SERVICE"},
         {"reload", kWord, "prometheus"},
         {"silence", [](std::string_view part) { return !name(part); }, "NAME"},
         {"signal", kSignal, "PROJECT/SERVICE/HUP"}}};
    const auto colon = text.find(':');
    const auto kind = std::find_if(kKinds.begin(), kKinds.end(),
                                   [&](const Kind& known) { return known.name == text.substr(0, colon); });
    if (kind == kKinds.end() || colon == std::string_view::npos || colon + 1 == text.size()) {
        return FormatProblem{"is not the id of a resource",
                             "copy the id from `vigie plan`, like `file:/etc/wireguard/wg0.conf`"};
    }
    if (!kind->named(text.substr(colon + 1))) {
        return FormatProblem{"is not the id of a resource: no " + std::string(kind->name) + " has this name",
                             "copy the id from `vigie plan`, like `" + std::string(kind->name) + ":" +
                                 std::string(kind->example) + "`"};
    }
    return {};
}

Problem labelName(std::string_view text) {
    if (text.empty() || text.size() > 200 || digit(text.front()) ||
        !all(text, [](char c) { return alnum(c) || c == '_'; })) {
        return FormatProblem{"is not a label name", "use letters, digits and `_`, like `alertname`"};
    }
    return {};
}

Problem timestamp(std::string_view text) {
    if (!parseTimestamp(text)) {
        return FormatProblem{"is not a time", "write it like `2026-12-24T08:00:00Z`"};
    }
    return {};
}

Problem proxyUrl(std::string_view text) {
    constexpr std::string_view kScheme = "http://";
    if (!text.starts_with(kScheme)) {
        return FormatProblem{"is not a proxy", "write it like `http://proxy.example.org:3128`"};
    }
    const auto authority = text.substr(kScheme.size());
    if (authority.find('@') != std::string_view::npos) {
        return FormatProblem{"contains a login", "a proxy that requires a login is not supported", true};
    }
    if (hostPortText(authority)) {
        return FormatProblem{"is not a proxy", "write it like `http://proxy.example.org:3128`"};
    }
    return {};
}

Problem ipOrCidr(std::string_view text) {
    return text.find('/') == std::string_view::npos ? ip(text) : cidr(text);
}

bool nameOf(std::string_view text, std::size_t longest, std::string_view more) {
    return !text.empty() && text.size() <= longest && alnum(text.front()) &&
           all(text, [&](char c) { return alnum(c) || oneOf(c, more); });
}

Problem fileName(std::string_view text) {
    constexpr std::size_t kLongest = 101;
    if (nameOf(text, kLongest, "_.-")) {
        return {};
    }
    return FormatProblem{"is not the name of a file", "write it without a directory, like `prometheus`"};
}

Problem networkName(std::string_view text) {
    constexpr std::size_t kLongest = 251;
    if (nameOf(text, kLongest, "_.-")) {
        return {};
    }
    return FormatProblem{"is not the name of a network of Docker", "`docker network ls` lists them"};
}

Problem dataPlace(std::string_view text) {
    constexpr std::size_t kLongest = 251;
    if (text.starts_with("/") ? text.size() > 1 && !checkAbsolutePath(text) : nameOf(text, kLongest, "_.-")) {
        return {};
    }
    return FormatProblem{
        "is neither an absolute path nor the name of a volume",
        "write the directory like `/srv/prometheus`, or the volume as `docker volume ls` lists it"};
}

Problem fileMode(std::string_view text) {
    constexpr std::size_t kLength = 4;
    if (text.size() != kLength || text.front() != '0' ||
        !all(text, [](char c) { return c >= '0' && c <= '7'; })) {
        return FormatProblem{"is not the mode of a file", "write it like `\"0644\"`"};
    }
    const auto more = [&](std::size_t at, char bits) { return ((text[at] - '0') & bits) != 0; };
    if (more(2, 2) || more(3, 2)) {
        return FormatProblem{"lets others write the file", "write at most `\"0755\"`"};
    }
    return {};
}

/// What ufw keeps beside a rule: it takes no quotes there.
Problem ruleComment(std::string_view text) {
    constexpr std::size_t kLongest = 60;
    if (text.empty() || text.size() > kLongest ||
        !all(text, [](char c) { return alnum(c) || oneOf(c, " _.,:;/()+-"); })) {
        return FormatProblem{"is no comment of a firewall rule",
                             "write up to 60 letters, digits, spaces and `_.,:;/()+-`"};
    }
    return {};
}

Problem dateTime(std::string_view /*text*/) {
    return {};
}  // only in the status, which vigie writes itself

struct Format {
    std::string_view name;
    Problem (*check)(std::string_view);
};

constexpr std::array kFormats = {
    Format{"name", name},
    Format{"compose-name", composeName},
    Format{"service-name", serviceName},
    Format{"host", host},
    Format{"ip", ip},
    Format{"cidr", cidr},
    Format{"ip-or-cidr", ipOrCidr},
    Format{"rule-comment", ruleComment},
    Format{"file-name", fileName},
    Format{"network-name", networkName},
    Format{"data-place", dataPlace},
    Format{"file-mode", fileMode},
    Format{"wireguard-key", wireguardKey},
    Format{"sealing-key", sealingKey},
    Format{"sealed", sealed},
    Format{"prometheus-duration", checkDuration},
    Format{"positive-duration", checkPositiveDuration},
    Format{"go-duration", checkGoDuration},
    Format{"positive-go-duration", checkPositiveGoDuration},
    Format{"interface", interfaceName},
    Format{"absolute-path", checkAbsolutePath},
    Format{"credential-path", checkCredentialPath},
    Format{"relative-path", checkRelativePath},
    Format{"project-path", checkProjectPath},
    Format{"source-path", checkSourcePath},
    Format{"http-path", checkHttpPath},
    Format{"http-request", checkHttpRequest},
    Format{"route-prefix", checkRoutePrefix},
    Format{"header-name", checkHeaderName},
    Format{"line", line},
    Format{"env-name", envName},
    Format{"image", image},
    Format{"version-constraint", versionConstraint},
    Format{"registry", registry},
    Format{"host-port", hostPortText},
    Format{"listen-address", listenAddress},
    Format{"target", target},
    Format{"probe-target", probeTarget},
    Format{"user-id", userId},
    Format{"resource-id", resourceId},
    Format{"diagnostic-code", diagnosticCode},
    Format{"git-url", checkGitUrl},
    Format{"byte-size", checkByteSize},
    Format{"positive-byte-size", checkPositiveByteSize},
    Format{"http-url", checkHttpUrl},
    Format{"plain-http-url", checkPlainHttpUrl},
    Format{"external-url", checkExternalUrl},
    Format{"client-proxy", checkClientProxy},
    Format{"docker-host", checkDockerHost},
    Format{"label-name", labelName},
    Format{"timestamp", timestamp},
    Format{"git-commit", checkGitCommit},
    Format{"proxy-url", proxyUrl},
    Format{"binary-size", checkBinarySize},
    Format{"date-time", dateTime},
};

}  // namespace

std::optional<FormatProblem> checkFormat(std::string_view format, std::string_view text) {
    for (const auto& known : kFormats) {
        if (known.name == format) {
            return known.check(text);
        }
    }
    throw std::logic_error("unknown format " + std::string(format));
}

std::vector<std::string> formatNames() {
    std::vector<std::string> out;
    out.reserve(kFormats.size());
    for (const auto& known : kFormats) {
        out.emplace_back(known.name);
    }
    return out;
}

}  // namespace vigie::spec
