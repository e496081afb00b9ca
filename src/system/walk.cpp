#include "system/walk.hpp"

#include "base/text.hpp"
#include "system/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <vector>

namespace vigie::system {
namespace {

constexpr int kMostLinks = 40;  // the kernel's own limit

/// The components of a path, the first one last.
std::vector<std::string> reversed(const std::string& path) {
    auto parts = split(path, '/');
    return {parts.rbegin(), parts.rend()};
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
    return file.st_uid == 0 || file.st_uid == ::geteuid();
}

[[noreturn]] void failAtLink(const std::string& link) {
    throw WayChanged(link + " is a symbolic link in a directory that others may write; it is not followed",
                     "make that directory root's alone (`chown root`, `chmod go-w`), or put what is meant in "
                     "the link's place");
}

class Walker {
public:
    Walker(const std::string& root, const std::string& path)
        : root_(root.empty() ? "/" : root), todo_(reversed(path)) {
        begin();
    }

    Walk run() {
        while (out_.error == 0 && !todo_.empty()) {
            const std::string name = todo_.back();
            todo_.pop_back();
            if (!name.empty() && name != ".") {
                step(name);
            }
        }
        if (out_.error != 0) {
            out_.directory.reset();
        }
        return std::move(out_);
    }

private:
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
        Descriptor next(::openat(out_.directory.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        struct stat found {};
        if (!next.valid() || ::fstat(next.get(), &found) != 0) {
            out_.error = errno;
            return;
        }
        // Of what lies in a sticky directory, others move only their own.
        out_.shared = out_.shared || (sticky_ && !ours(found));
        if (S_ISLNK(found.st_mode)) {
            follow(next.get(), name, found);
        } else if (!S_ISDIR(found.st_mode)) {
            out_.error = ENOTDIR;
        } else {
            trail_ += "/" + name;
            enter(std::move(next));
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
        if (out_.shared || !ours(found)) {
            failAtLink((root_ == "/" ? "" : root_) + trail_ + "/" + name);
        }
        if (++links_ > kMostLinks) {
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
    int links_ = 0;
};

}  // namespace

bool othersMayWrite(const struct stat& file) {
    constexpr unsigned kGroup = 0020;
    constexpr unsigned kEverybody = 0002;
    const bool group = (file.st_mode & kGroup) == 0 || file.st_gid == 0;
    return !ours(file) || !group || (file.st_mode & kEverybody) != 0;
}

Descriptor openFile(const std::string& path, int flags, unsigned mode) {
    std::string at = path;
    for (int i = 0; i < kMostLinks; ++i) {
        const auto slash = at.rfind('/');
        const Walk above = slash == std::string::npos ? walk("", ".", Links::asTyped)
                                                      : walk("", parentOf(at), Links::trusted);
        const std::string name = at.substr(slash + 1);
        if (!above.directory.valid()) {
            errno = above.error;
            return {};
        }
        Descriptor out(::openat(above.directory.get(), name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, mode));
        if (out.valid() || errno != ELOOP || (flags & O_NOFOLLOW) != 0) {
            return out;
        }
        const Descriptor link(::openat(above.directory.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        struct stat found {};
        if (!link.valid() || ::fstat(link.get(), &found) != 0) {
            return {};
        }
        if (above.shared || !ours(found)) {
            failAtLink(at);
        }
        const std::string target = targetOf(link.get());
        at = !target.empty() && target.front() == '/' ? target : at.substr(0, slash + 1) + target;
    }
    errno = ELOOP;
    return {};
}

Walk walk(const std::string& root, const std::string& path, Links links) {
    if (links == Links::trusted) {
        return Walker(root, path).run();
    }
    Walk out;
    const std::string whole = root + path;
    out.directory = Descriptor(::open(whole.empty() ? "/" : whole.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    out.error = out.directory.valid() ? 0 : errno;
    return out;
}

}  // namespace vigie::system
