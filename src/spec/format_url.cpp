// The formats of what names repositories and servers of the web.
#include "spec/format_url.hpp"

#include "spec/address.hpp"
#include "spec/characters.hpp"

#include <charconv>

namespace vigie::spec {
namespace {

/// The parts of an address as Go's net/url takes them apart.
struct Url {
    std::string_view scheme;
    std::string_view login;  ///< before the `@`
    std::string_view host;   ///< without brackets and port
    std::string_view path;   ///< with its slash
    std::string_view rest;   ///< parameters and fragment, with `?` or `#`
};

/// True if each `%` begins a percent-encoded byte.
bool escapesRight(std::string_view text) {
    for (auto at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
        if (at + 2 >= text.size() || !hexadecimal(text[at + 1]) || !hexadecimal(text[at + 2])) {
            return false;
        }
    }
    return true;
}

bool portRight(std::string_view text) {
    constexpr unsigned kMost = 65535;
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && value <= kMost;
}

/// Takes the host out of `authority`. Whether it is one, with a port behind it or without.
bool takeHost(std::string_view authority, Url& out) {
    const bool brackets = authority.starts_with("[");
    const auto end = brackets ? authority.find(']') : authority.find(':');
    out.host = authority.substr(brackets ? 1 : 0, brackets ? end - 1 : end);
    const auto behind = end == std::string_view::npos ? "" : authority.substr(brackets ? end + 1 : end);
    if (brackets) {
        const auto address = end == std::string_view::npos ? std::nullopt : parseIp(out.host);
        if (!address || !address->v6) {
            return false;
        }
    }
    const char first = out.host.empty() ? '.' : out.host.front();
    const bool begins =
        alnum(first) || first == '_' || first == ':' || static_cast<unsigned char>(first) > 0x7f;
    return begins && !all(out.host, [](char c) { return c == ':'; }) &&
           all(out.host, [](char c) { return !oneOf(c, "\"<>\\^`{|}%"); }) &&
           (behind.empty() || behind == ":" || (behind.front() == ':' && portRight(behind.substr(1))));
}

/// Nothing for what net/url refuses, and for what has no host.
std::optional<Url> parseUrl(std::string_view text) {
    const auto visible = [](char c) { return static_cast<unsigned char>(c) > ' ' && c != 0x7f; };
    const auto scheme = text.find("://");
    if (scheme == std::string_view::npos || !all(text, visible)) {
        return std::nullopt;
    }
    Url out;
    out.scheme = text.substr(0, scheme);
    const auto behind = text.substr(scheme + 3);
    auto authority = behind.substr(0, behind.find_first_of("/?#"));
    out.path = behind.substr(authority.size());
    out.rest = out.path.substr(std::min(out.path.size(), out.path.find_first_of("?#")));
    out.path.remove_suffix(out.rest.size());
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        out.login = authority.substr(0, at);
        authority.remove_prefix(at + 1);
    }
    const auto fragment = out.rest.substr(std::min(out.rest.size(), out.rest.find('#')));
    if (!escapesRight(out.login) || !escapesRight(out.path) || !escapesRight(fragment) ||
        !takeHost(authority, out)) {
        return std::nullopt;
    }
    return out;
}

/// Whether `text` begins with `wanted`, which is in small letters, in any case (RFC 3986, 3.1).
bool hasScheme(std::string_view text, std::string_view wanted) {
    return text.size() >= wanted.size() &&
           std::equal(wanted.begin(), wanted.end(), text.begin(),
                      [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b); });
}

bool schemeIs(const Url& url, std::string_view wanted) {
    return url.scheme.size() == wanted.size() && hasScheme(url.scheme, wanted);
}

bool visible(char c) {
    return c > ' ' && c < 0x7f;
}

/// A password may stand before the `@`.
bool hasLogin(std::string_view text) {
    return text.find('@') != std::string_view::npos;
}

/// A dot segment, or an empty one before the last, which a server takes for another path.
bool unclean(std::string_view path) {
    const std::string closed = std::string(path) + "/";
    return path.find("//") != std::string_view::npos || closed.find("/./") != std::string::npos ||
           closed.find("/../") != std::string::npos;
}

}  // namespace

std::optional<FormatProblem> checkGitUrl(std::string_view text) {
    if (hasScheme(text, "http://")) {
        return FormatProblem{"is not encrypted", "use https or ssh", true};
    }
    if (text.starts_with("/") || hasScheme(text, "file:///")) {
        // A path is whatever the file system has.
        return all(text,
                   [](char c) { return visible(c) || c == ' ' || static_cast<unsigned char>(c) >= 0x80; })
                   ? std::nullopt
                   : std::optional(
                         FormatProblem{"contains a control character", "write the path without it"});
    }
    if (text.find(' ') != std::string_view::npos) {
        return FormatProblem{"contains a space",
                             "write a space in the path as %20 for https; ssh URLs cannot have a space",
                             hasLogin(text)};
    }
    const auto scheme = text.find("://");
    const bool scp = scheme == std::string_view::npos && text.find('@') != std::string_view::npos &&
                     text.find(':') != std::string_view::npos;
    if (all(text, visible) && (hasScheme(text, "https://") || hasScheme(text, "ssh://") || scp)) {
        const auto authority = scheme == std::string_view::npos
                                   ? std::string_view{}
                                   : text.substr(scheme + 3, text.find('/', scheme + 3) - scheme - 3);
        const auto at = authority.find('@');
        if (at != std::string_view::npos && authority.substr(0, at).find(':') != std::string_view::npos) {
            return FormatProblem{"contains a password",
                                 "put the token into a file and name it in `auth.tokenFile`", true};
        }
        return {};
    }
    return FormatProblem{"is not a repository that vigie can fetch",
                         "write `https://…`, `ssh://…`, `user@host:path`, `file:///…` or an absolute path",
                         true};
}

std::optional<FormatProblem> checkGitCommit(std::string_view text) {
    if (text.size() != 40 || !all(text, [](char c) { return digit(c) || (c >= 'a' && c <= 'f'); })) {
        return FormatProblem{"is not a commit",
                             "write all 40 hexadecimal digits, as `git rev-parse REVISION` prints them"};
    }
    return {};
}

std::optional<FormatProblem> checkHttpUrl(std::string_view text) {
    constexpr std::size_t kLongest = 2000;
    const auto url = parseUrl(text);
    if (!url || text.size() > kLongest || !(schemeIs(*url, "http") || schemeIs(*url, "https"))) {
        return FormatProblem{
            "is not an HTTP URL",
            escapesRight(text) ? "write it like `https://example.org/path`" : "write `%25` for a literal `%`",
            hasLogin(text)};
    }
    if (url->login.find(':') != std::string_view::npos) {
        return FormatProblem{"contains a password", "write the user and `passwordFrom` into `basicAuth`",
                             true};
    }
    return {};
}

std::optional<FormatProblem> checkPlainHttpUrl(std::string_view text) {
    if (auto problem = checkHttpUrl(text)) {
        return problem;
    }
    if (!all(text, [](char c) { return c > ' ' && c < 0x7f; })) {
        return FormatProblem{"contains characters that are not ASCII",
                             "write the host name in its ASCII form (`xn--…`), and percent-encode the path"};
    }
    const auto scheme = text.substr(0, text.find(':'));
    if (!all(scheme, [](char c) { return c >= 'a' && c <= 'z'; })) {
        return FormatProblem{"has a scheme with upper-case letters", "write `http` or `https`"};
    }
    return {};
}

std::optional<FormatProblem> checkExternalUrl(std::string_view text) {
    if (auto problem = checkPlainHttpUrl(text)) {
        return problem;
    }
    const auto url = *parseUrl(text);
    if (!url.rest.empty()) {
        return FormatProblem{"has a query or a fragment after the path",
                             "remove everything from the `" + std::string(url.rest.substr(0, 1)) + "` on"};
    }
    if (unclean(url.path) || url.path.find_first_of(":*%") != std::string_view::npos) {
        return FormatProblem{"has a path that the server cannot serve",
                             "write it like `https://example.org/path`, with single slashes"};
    }
    return {};
}

std::optional<FormatProblem> checkRoutePrefix(std::string_view text) {
    constexpr std::size_t kLongest = 501;
    if (!text.starts_with("/")) {
        return FormatProblem{"is not a path prefix", "begin it with `/`, as in `/prometheus`"};
    }
    if (text.size() > kLongest || unclean(text) ||
        !all(text, [](char c) { return alnum(c) || oneOf(c, "/._~+@,=-"); })) {
        return FormatProblem{"is not a path prefix",
                             "write it like `/prometheus`: letters, digits, `.`, `_`, `-`, single slashes"};
    }
    return {};
}

std::optional<FormatProblem> checkHttpPath(std::string_view text) {
    if (auto problem = checkHttpRequest(text)) {
        return problem;
    }
    if (const auto at = text.find_first_of("?#"); at != std::string_view::npos) {
        return FormatProblem{
            "has a query or a fragment after the path",
            "write the path alone, `" + std::string(text.substr(0, at)) + "`: the `" +
                std::string(text.substr(at, 1)) +
                "` would be sent as part of the path; write the parameters of a job in `params`"};
    }
    if (text.find('%') != std::string_view::npos) {
        return FormatProblem{"contains `%`, which would be sent as `%25`",
                             "write the path without percent-encoding"};
    }
    return {};
}

std::optional<FormatProblem> checkHttpRequest(std::string_view text) {
    constexpr std::size_t kLongest = 501;
    if (text.empty() || text.front() != '/' || text.size() > kLongest ||
        !all(text, [](char c) { return c > ' ' && c < 0x7f; })) {
        return FormatProblem{"is not an HTTP path", "begin it with `/`, as in `/metrics`"};
    }
    return {};
}

std::optional<FormatProblem> checkClientProxy(std::string_view text) {
    constexpr std::size_t kLongest = 2000;
    const auto url = parseUrl(text);
    const auto is = [&](std::string_view scheme) { return url && schemeIs(*url, scheme); };
    if (text.size() > kLongest || !(is("http") || is("https") || is("socks5") || is("socks5h"))) {
        return FormatProblem{"is not a proxy",
                             "write it like `http://proxy.example.org:3128`; `https`, `socks5` and `socks5h` "
                             "are supported too",
                             hasLogin(text)};
    }
    if (url->login.find(':') != std::string_view::npos) {
        return FormatProblem{
            "contains a password",
            "a proxy that requires a password is not supported: let the proxy allow this host by its address",
            true};
    }
    return {};
}

std::optional<FormatProblem> checkDockerHost(std::string_view text) {
    constexpr std::string_view kSocket = "unix:///";
    const auto url = parseUrl(text);
    const bool remote = url && (url->scheme == "tcp" || url->scheme == "http" || url->scheme == "https");
    const bool local = text.starts_with(kSocket) && text.size() > kSocket.size() &&
                       all(text, [](char c) { return c > ' ' && c < 0x7f; });
    if (!remote && !local) {
        return FormatProblem{"is not the address of a Docker daemon",
                             "write it like `tcp://10.66.66.1:2375` or `unix:///var/run/docker.sock`",
                             hasLogin(text)};
    }
    return {};
}

std::optional<FormatProblem> checkHeaderName(std::string_view text) {
    if (text.empty() || !all(text, [](char c) { return alnum(c) || oneOf(c, "!#$%&'*+-.^_`|~"); })) {
        return FormatProblem{"is not a header name", "use letters, digits and `-`, like `X-Scope`"};
    }
    return {};
}

}  // namespace vigie::spec
