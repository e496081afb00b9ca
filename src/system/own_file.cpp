// Finds out whether another user can change a file or a directory on its path.

#include "system/own_file.hpp"

#include "base/error.hpp"
#include "system/real_files.hpp"

#include <unistd.h>

#include <array>
#include <climits>
#include <optional>

namespace vigie::system {
namespace {

struct Blamed {
    std::string path;
    std::string why;
};

std::string whyShared(const FileInfo& info) {
    constexpr unsigned kEverybody = 0002;
    if (!isOwn(info.owner.uid)) {
        return "belongs to uid " + std::to_string(info.owner.uid);
    }
    return (info.mode & kEverybody) != 0 ? "can be written by every user"
                                         : "can be written by its group " + std::to_string(info.owner.gid);
}

bool isSticky(const FileInfo& info) {
    constexpr unsigned kSticky = 01000;
    return info.type == FileInfo::Type::directory && (info.mode & kSticky) != 0 && isOwn(info.owner.uid);
}

/// The first directory of the way, or the file itself, that others may write.
std::optional<Blamed> blamed(const Files& files, const std::string& path) {
    const auto whole = files.inspect(path);
    if (whole.exists() && !whole.shared && whole.type != FileInfo::Type::symlink) {
        return std::nullopt;  // one walk has seen all of the way
    }
    for (auto slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
        const std::string part = path.substr(0, slash);
        const auto info = files.inspect(part);
        if (info.type == FileInfo::Type::behindLink) {
            return Blamed{files.real(part), "is reached through a symbolic link that another user owns"};
        }
        if (slash != std::string::npos && isSticky(info)) {
            continue;  // others can move only their own files there: the next part decides
        }
        if (info.exists() && info.shared) {
            return Blamed{files.real(part), whyShared(info)};
        }
        if (slash == std::string::npos) {
            break;
        }
    }
    if (whole.type == FileInfo::Type::symlink) {
        std::array<char, PATH_MAX> target{};
        if (::realpath(files.real(path).c_str(), target.data()) != nullptr) {
            return blamed(RealFiles(""), target.data());  // without links: it ends
        }
    }
    return std::nullopt;
}

}  // namespace

std::string whoElseMayWrite(const Files& files, const std::string& path) {
    const auto found = blamed(files, path);
    return found ? found->path + " " + found->why : "";
}

std::string whoElseMayWrite(const std::string& path) {
    return whoElseMayWrite(RealFiles(""), absolutePath(path));
}

void requireOwn(const std::string& what, const Files& files, const std::string& path) {
    if (const auto found = blamed(files, path)) {
        throw Error(what + " " + files.real(path) + " is not trusted: " + found->path + " " + found->why,
                    "whoever can write it controls what root does on this host: chown root " + found->path +
                        "; chmod go-w " + found->path);
    }
}

void requireOwn(const std::string& what, const std::string& path) {
    requireOwn(what, RealFiles(""), absolutePath(path));
}

}  // namespace vigie::system
