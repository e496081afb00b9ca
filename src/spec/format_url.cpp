#include "spec/format_url.hpp"

#include "spec/characters.hpp"

#include <algorithm>

namespace vigie::spec {

namespace {

/// Whether `text` begins with a scheme, in any case (RFC 3986, 3.1).
bool hasScheme(std::string_view text, std::string_view scheme) {
    return text.size() >= scheme.size() &&
           std::equal(scheme.begin(), scheme.end(), text.begin(), [](char wanted, char is) {
               return wanted == (is >= 'A' && is <= 'Z' ? static_cast<char>(is - 'A' + 'a') : is);
           });
}

bool visible(char c) {
    return c > ' ' && c < 0x7f;
}

}  // namespace

std::optional<FormatProblem> checkGitUrl(std::string_view text) {
    if (hasScheme(text, "http://")) {
        return FormatProblem{"is not encrypted", "use https or ssh"};
    }
    if (text.substr(0, 1) == "/" || hasScheme(text, "file:///")) {
        // A path is whatever the file system has.
        return all(text,
                   [](char c) { return visible(c) || c == ' ' || static_cast<unsigned char>(c) >= 0x80; })
                   ? std::nullopt
                   : std::optional(FormatProblem{"has a control character in it", "write the path as it is"});
    }
    if (text.find(' ') != std::string_view::npos) {
        return FormatProblem{"has a blank in it",
                             "write a blank in the path as %20 for https; libgit2 cannot say one to ssh"};
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
            return FormatProblem{"holds a password",
                                 "put the token into a file and name it in `auth.tokenFile`"};
        }
        return {};
    }
    return FormatProblem{"is not a repository that vigie can fetch",
                         "write `https://…`, `ssh://…`, `user@host:path`, `file:///…` or an absolute path"};
}

std::optional<FormatProblem> checkGitCommit(std::string_view text) {
    if (text.size() != 40 || !all(text, [](char c) { return digit(c) || (c >= 'a' && c <= 'f'); })) {
        return FormatProblem{"is not the name of a commit",
                             "write all 40 hexadecimal digits, as `git rev-parse REVISION` prints them"};
    }
    return {};
}

std::optional<FormatProblem> checkHttpUrl(std::string_view text) {
    const bool scheme = text.substr(0, 7) == "http://" || text.substr(0, 8) == "https://";
    const auto rest = text.substr(std::min(text.size(), text.find("://") + 3));
    if (!scheme || rest.empty() || !alnum(rest.front() == '[' ? 'a' : rest.front()) || text.size() > 2000 ||
        !all(text, [](char c) { return c > ' ' && c < 0x7f; })) {
        return FormatProblem{"is not an address of the web", "write it like `https://example.org/path`"};
    }
    const auto authority = rest.substr(0, rest.find('/'));
    if (const auto at = authority.find('@');
        at != std::string_view::npos && authority.substr(0, at).find(':') != std::string_view::npos) {
        return FormatProblem{"holds a password", "write the user and `passwordFrom` into `basicAuth`"};
    }
    return {};
}

}  // namespace vigie::spec
