// Takes the URL of a repository apart.

#include "source/git_url.hpp"

#include "source/git_error.hpp"

#include <algorithm>
#include <string_view>

namespace vigie::source {
namespace {

constexpr const char* kForms =
    "use https://HOST/PATH, ssh://USER@HOST/PATH, USER@HOST:PATH, file:///PATH or /PATH";

/// Also hides what stands before the `@` of something like `user:password@host:path`.
std::string shown(const std::string& text) {
    const auto at = text.rfind('@');
    if (text.find("://") == std::string::npos && at != std::string::npos && text.find(':') < at) {
        return "***" + text.substr(at);
    }
    return scrubbed(text);
}

[[noreturn]] void refuse(const std::string& text, const std::string& why, const std::string& hint = kForms) {
    throw GitError(GitError::Kind::other, "the source URL " + shown(text) + " " + why, hint);
}

[[noreturn]] void refusePassword(const std::string& text) {
    throw GitError(GitError::Kind::auth, "the source URL " + shown(text) + " contains a password",
                   "put the password or token into a file of mode 0600, and set auth.tokenFile to it");
}

/// Takes `HOST`, `HOST:PORT` or `[ADDRESS]:PORT` apart.
void readHost(GitUrl& url, std::string_view authority) {
    if (authority.starts_with('[')) {
        const auto end = authority.find(']');
        if (end == std::string_view::npos) {
            refuse(url.text, "has no closing bracket");
        }
        url.host = authority.substr(1, end - 1);
        authority.remove_prefix(end + 1);
    } else {
        const auto end = std::min(authority.find(':'), authority.size());
        url.host = authority.substr(0, end);
        authority.remove_prefix(end);
    }
    url.port = authority.empty() ? "" : authority.substr(1);
    if (url.host.empty() || url.host.front() == '-' ||
        url.port.find_first_not_of("0123456789") != std::string::npos) {
        refuse(url.text, "has no valid host and port");
    }
}

void readAuthority(GitUrl& url, std::string_view rest) {
    std::string_view authority = rest.substr(0, rest.find('/'));
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        const std::string_view user = authority.substr(0, at);
        if (user.find(':') != std::string_view::npos) {
            refusePassword(url.text);
        }
        url.user = user;
        authority.remove_prefix(at + 1);
    }
    readHost(url, authority);
    if (authority.size() == rest.size()) {
        refuse(url.text, "has no path");
    }
}

/// `user@host:path`, as ssh and scp write it.
void readScpLike(GitUrl& url) {
    const std::string_view text = url.text;
    const auto at = text.find('@');
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || text.find('/') < colon) {
        refuse(url.text, "is not a URL that vigie can fetch from");
    }
    if (at != std::string_view::npos && at > colon) {
        refusePassword(url.text);
    }
    const auto host = at == std::string_view::npos ? 0 : at + 1;
    url.transport = GitUrl::Transport::ssh;
    url.user = text.substr(0, at == std::string_view::npos ? 0 : at);
    readHost(url, text.substr(host, colon - host));
    if (colon + 1 == text.size()) {
        refuse(url.text, "has no path");
    }
}

}  // namespace

GitUrl parseGitUrl(const std::string& given) {
    GitUrl url;
    url.text = given;
    const std::string& text = url.text;
    if (const auto scheme = text.find("://"); scheme != std::string::npos) {
        std::transform(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(scheme), url.text.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    }
    const bool file = text.starts_with('/') || text.starts_with("file:///");
    if (std::any_of(text.begin(), text.end(), [&](char c) {
            const auto byte = static_cast<unsigned char>(c);
            return byte < ' ' || (byte == ' ' && !file);
        })) {
        throw GitError(GitError::Kind::other, "the source URL contains white space or control characters",
                       std::string(kForms) +
                           "; write a space in the path as %20 for https; ssh URLs cannot have a space");
    }
    if (file) {
        return url;
    }
    if (text.starts_with("https://")) {
        url.transport = GitUrl::Transport::https;
        readAuthority(url, std::string_view(text).substr(8));
    } else if (text.starts_with("ssh://")) {
        url.transport = GitUrl::Transport::ssh;
        readAuthority(url, std::string_view(text).substr(6));
    } else if (text.starts_with("http://") || text.starts_with("git://")) {
        refuse(text, "is not encrypted", "use https:// or ssh://");
    } else if (text.find("://") != std::string::npos) {
        refuse(text, "has a transport that vigie does not support");
    } else {
        readScpLike(url);
    }
    // libgit2 puts the path between single quotes into a command for the server's shell, without escaping.
    if (url.transport == GitUrl::Transport::ssh && text.find('\'') != std::string::npos) {
        refuse(text, "contains a single quote");
    }
    return url;
}

std::string scrubbed(const std::string& text) {
    std::string out;
    std::size_t done = 0;
    for (auto mark = text.find("://"); mark != std::string::npos; mark = text.find("://", done)) {
        const auto start = mark + 3;
        const auto end = std::min(text.find_first_of(" \t\r\n\"'<>", start), text.size());
        const std::string_view rest = std::string_view(text).substr(start, end - start);
        out += text.substr(done, start - done);
        done = start;
        // The last one, wherever: an unescaped password may have a slash or an @ of its own.
        const auto at = rest.rfind('@');
        if (at == std::string_view::npos) {
            continue;
        }
        const bool keepUser = std::string_view(out).ends_with("ssh://");
        const auto secret = keepUser ? std::min(rest.find(':'), rest.size()) + 1 : 0;
        if (secret < at) {
            out += std::string(rest.substr(0, secret)) + "***";
            done = start + at;
        }
    }
    return out + text.substr(done);
}

}  // namespace vigie::source
