// Where a repository is.
#pragma once

#include <string>

namespace vigie::source {

/// Where a repository is. `text` is what libgit2 gets.
struct GitUrl {
    enum class Transport { file, https, ssh };
    Transport transport = Transport::file;
    std::string text;  ///< with its scheme in lower case
    std::string user;  ///< may be empty
    std::string host;  ///< empty for files; without brackets
    std::string port;  ///< empty for the transport's own
};

/// Understands an absolute path, `file://`, `https://`, `ssh://` and `user@host:path`; schemes in any case,
/// and blanks in paths of files. Throws a `GitError` for anything else, for transports without encryption,
/// and for a password: a URL is shown, logged and passed on.
GitUrl parseGitUrl(const std::string& text);

/// `text` with the user information of every URL in it replaced by `***`, since a token may stand for the
/// user; only ssh's user name stays.
std::string scrubbed(const std::string& text);

}  // namespace vigie::source
