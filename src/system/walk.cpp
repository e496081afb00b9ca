// Walks to a path by descriptors, and follows no link of others.

#include "system/walk.hpp"

#include "base/text.hpp"
#include "system/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <utility>
#include <vector>

namespace vigie::system {
namespace {

constexpr int kMostLinks = 40;  // the kernel's own limit

/// The components of a path, the first one last.
std::vector<std::string> reversed(const std::string& path) {
    std::vector<std::string> out;
    for (const auto part : split(path, '/')) {
        if (!part.empty() && part != ".") {
            out.emplace_back(part);
        }
    }
    std::reverse(out.begin(), out.end());
    return out;
}

std::string targetOf(int link) {
    std::array<char, PATH_MAX> buffer{};
    const ssize_t size = ::readlinkat(link, "", buffer.data(), buffer.size());
    return size < 0 ? std::string() : std::string(buffer.data(), static_cast<std::size_t>(size));
}

bool sameFile(const struct stat& a, const struct stat& b) {
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool ours(const struct stat& file) {
    return isOwn(file.st_uid);
}

[[noreturn]] void failAtNewLink(const std::string& link) {
    throw WayChanged(
        link + " is a symbolic link, and was none when it was looked at; vigie does not follow it",
        "find out who put it there");
}

[[noreturn]] void failAtLink(const std::string& link) {
    throw WayChanged(
        link + " is a symbolic link in a directory that others can write to; vigie does not follow it",
        "let only root write to that directory (`chown root`, `chmod go-w`), or replace the link with its "
        "target");
}

class Walker {
public:
    Walker(std::string root, const std::string& path, Links links)
        : root_(std::move(root)), todo_(reversed(path)), links_(links) {
        begin();
    }

    /// To the directory that the whole path names.
    Walk toDirectory() {
        while (goesOn()) {
            step(takeName());
        }
        return end();
    }

    /// To the directory of what the path names, whether it is there or not; its name there is in `name`.
    /// `follows`: also over a link in its place.
    Walk toFile(std::string& name, bool follows) {
        while (goesOn()) {
            name = takeName();
            if (!todo_.empty() || name == "..") {
                step(name);
            } else if (const auto last = entryAt(name);
                       follows && last.open.valid() && S_ISLNK(last.found.st_mode)) {
                follow(last.open.get(), name, last.found);
            }
        }
        return end();
    }

private:
    struct Entry {
        Descriptor open;  ///< invalid: see errno
        struct stat found {};
    };

    [[nodiscard]] bool goesOn() const { return out_.error == 0 && !todo_.empty(); }

    std::string takeName() {
        std::string out = std::move(todo_.back());
        todo_.pop_back();
        return out;
    }

    Walk end() {
        if (out_.error != 0) {
            out_.directory.reset();
        }
        return std::move(out_);
    }

    /// The entry of that name in this directory itself, no link followed.
    [[nodiscard]] Entry entryAt(const std::string& name) const {
        Entry out;
        out.open = Descriptor(::openat(out_.directory.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        if (out.open.valid() && ::fstat(out.open.get(), &out.found) != 0) {
            out.open.reset();
        }
        return out;
    }

    void begin() {
        trail_.clear();
        enter(Descriptor(::open(root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)));
        top_ = here_;
    }

    void step(const std::string& name) {
        if (name == "..") {
            if (!sameFile(here_, top_)) {
                trail_ = trail_.substr(0, trail_.rfind('/'));
                enter(Descriptor(
                    ::openat(out_.directory.get(), "..", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)));
            }
            return;
        }
        auto next = entryAt(name);
        if (!next.open.valid()) {
            out_.error = errno;
            return;
        }
        // Of what lies in a sticky directory, others move only their own.
        out_.shared = out_.shared || (sticky_ && !ours(next.found));
        if (S_ISLNK(next.found.st_mode)) {
            follow(next.open.get(), name, next.found);
        } else if (!S_ISDIR(next.found.st_mode)) {
            out_.error = ENOTDIR;
        } else {
            trail_ += "/" + name;
            enter(std::move(next.open));
        }
    }

    void enter(Descriptor directory) {
        if (!directory.valid() || ::fstat(directory.get(), &here_) != 0) {
            out_.error = errno;
            return;
        }
        sticky_ = ours(here_) && (here_.st_mode & S_ISVTX) != 0;
        out_.shared = out_.shared || (othersMayWrite(here_) && !sticky_);
        out_.directory = std::move(directory);
    }

    void follow(int link, const std::string& name, const struct stat& found) {
        const std::string path = (root_ == "/" ? "" : root_) + trail_ + "/" + name;
        if (links_ == Links::none) {
            failAtNewLink(path);
        }
        if (out_.shared || !ours(found)) {
            failAtLink(path);
        }
        if (++followed_ > kMostLinks) {
            out_.error = ELOOP;
            return;
        }
        const std::string target = targetOf(link);
        if (target.empty()) {
            out_.error = ENOENT;
            return;
        }
        if (target.front() == '/') {
            begin();
        }
        for (auto& part : reversed(target)) {
            todo_.push_back(std::move(part));
        }
    }

    std::string root_;
    std::vector<std::string> todo_;
    Walk out_;
    struct stat here_ {};
    struct stat top_ {};
    std::string trail_;    ///< of where we are, for messages
    bool sticky_ = false;  ///< where we are, others may make files and move their own only
    Links links_;
    int followed_ = 0;
};

}  // namespace

bool othersMayWrite(const struct stat& file) {
    constexpr unsigned kGroup = 0020;
    constexpr unsigned kEverybody = 0002;
    if (S_ISLNK(file.st_mode)) {
        return !ours(file);  // the mode of a link means nothing: a link is not written to
    }
    const bool group = (file.st_mode & kGroup) == 0 || file.st_gid == 0;
    return !ours(file) || !group || (file.st_mode & kEverybody) != 0;
}

bool isOwn(unsigned uid) {
    return uid == 0 || uid == ::geteuid();
}

std::string absolutePath(const std::string& path) {
    std::array<char, PATH_MAX> here{};
    return path.starts_with('/') || ::getcwd(here.data(), here.size()) == nullptr
               ? path
               : here.data() + ("/" + path);
}

Descriptor openFile(const std::string& path, int flags, unsigned mode) {
    std::string name;
    const Walk above =
        Walker("/", absolutePath(path), Links::trusted).toFile(name, (flags & O_NOFOLLOW) == 0);
    if (!above.directory.valid()) {
        errno = above.error;
        return {};
    }
    return Descriptor(::openat(above.directory.get(), name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, mode));
}

Walk walk(const std::string& root, const std::string& path, Links links) {
    if (links != Links::asTyped) {
        return Walker(root.empty() ? "/" : root, path, links).toDirectory();
    }
    Walk out;
    const std::string whole = root + path;
    out.directory = Descriptor(::open(whole.empty() ? "/" : whole.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    out.error = out.directory.valid() ? 0 : errno;
    return out;
}

}  // namespace vigie::system
