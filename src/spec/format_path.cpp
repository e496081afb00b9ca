// The formats of paths, of the host and of the repository.
#include "spec/format_path.hpp"

#include "base/text.hpp"
#include "spec/characters.hpp"

#include <algorithm>

namespace vigie::spec {
namespace {

bool pathCharacters(std::string_view text) {
    return text.size() <= 250 && all(text, [](char c) { return alnum(c) || oneOf(c, "_./+@-"); });
}

bool climbs(std::string_view text) {
    const auto parts = split(text, '/');
    return std::find(parts.begin(), parts.end(), "..") != parts.end();
}

/// A relative path of which the hint gives `example`.
std::optional<FormatProblem> checkBelow(std::string_view text, const char* what, const char* example) {
    if (!text.empty() && text.front() == '/') {
        return FormatProblem{"is an absolute path",
                             "write it relative to its directory, without a leading `/`"};
    }
    if (climbs(text)) {
        return FormatProblem{"leaves the directory", "files must lie inside the directory; `..` is refused"};
    }
    if (text.empty() || text == "." || text.back() == '/' || !pathCharacters(text) ||
        text.find("//") != std::string_view::npos || text.starts_with("./") ||
        text.find("/./") != std::string_view::npos) {
        return FormatProblem{std::string("is not a relative ") + what,
                             std::string("write it like `") + example + "`"};
    }
    return {};
}

}  // namespace

std::optional<FormatProblem> checkAbsolutePath(std::string_view text) {
    if (text.empty() || text.front() != '/') {
        return FormatProblem{"is not an absolute path", "begin it with `/`"};
    }
    if (climbs(text)) {
        return FormatProblem{"contains `..`", "write the path without `..`"};
    }
    if (text.size() > 1 &&
        (text.back() == '/' || (std::string(text) + "/").find("/./") != std::string::npos)) {
        return FormatProblem{"is not written in its shortest form", "remove `/./` and a trailing slash"};
    }
    if (!pathCharacters(text) || text.find("//") != std::string_view::npos) {
        return FormatProblem{"is not a path that vigie can write",
                             "use letters, digits, `.`, `_`, `-`, `+`, `@` and single slashes"};
    }
    return {};
}

std::optional<FormatProblem> checkCredentialPath(std::string_view text) {
    constexpr std::string_view kPrefix = "credentials:";
    if (!text.starts_with(kPrefix)) {
        return checkAbsolutePath(text);
    }
    text.remove_prefix(kPrefix.size());
    if (text.empty() || text == "." || text == ".." || !pathCharacters(text) ||
        text.find('/') != std::string_view::npos) {
        return FormatProblem{"does not name a credential",
                             "write it like `credentials:deploy-key`: letters, digits, `.`, `_`, `-`"};
    }
    return {};
}

std::optional<FormatProblem> checkRelativePath(std::string_view text) {
    return checkBelow(text, "file path", "rules/alerts.yml");
}

std::optional<FormatProblem> checkProjectPath(std::string_view text) {
    return checkBelow(text.starts_with("./") ? text.substr(2) : text, "path", "./prom-data");
}

std::optional<FormatProblem> checkSourcePath(std::string_view text) {
    const auto plain = plainDirectory(text);
    return plain == "." && !text.empty() ? std::nullopt : checkBelow(plain, "directory", "monitoring/prod");
}

std::string plainDirectory(std::string_view text) {
    while (text.starts_with("./")) {
        text.remove_prefix(2);
    }
    while (text.size() > 1 && text.back() == '/') {
        text.remove_suffix(1);
    }
    return text.empty() ? "." : std::string(text);
}

}  // namespace vigie::spec
