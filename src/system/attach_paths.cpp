// Looks paths up below a root, as the kernel does for whoever has it as its own.

#include "system/attach_paths.hpp"

#include "system/attach.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace vigie::system {
namespace {

/// Invalid: nothing is there. Source: openat2(2).
Descriptor openBelow(const Descriptor& root, const std::string& path, std::uint64_t flags) {
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC | flags;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    constexpr int kTries = 8;  // EAGAIN: somebody moves directories meanwhile
    for (int i = 0; i < kTries; ++i) {
        const auto fd = ::syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof(how));
        if (fd >= 0) {
            return Descriptor(static_cast<int>(fd));
        }
        // ELOOP: a circle of links, or one of /proc. EACCES is what a file system of the container's own
        // says.
        if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENAMETOOLONG ||
            errno == EACCES || errno == EXDEV) {
            return {};
        }
        if (errno != EAGAIN) {
            break;
        }
    }
    // To say that nothing is there would be a lie.
    throw AttachError(AttachError::Kind::unavailable,
                      std::string("cannot look paths up: ") + std::strerror(errno),
                      errno == ENOSYS ? "Linux 5.6 is needed, and a sandbox that lets openat2 through" : "");
}

std::string nameOf(const Descriptor& file) {
    std::array<char, 4096> buffer{};
    const auto link = "/proc/self/fd/" + std::to_string(file.get());
    const ssize_t n = ::readlink(link.c_str(), buffer.data(), buffer.size());
    return n > 0 ? std::string(buffer.data(), static_cast<std::size_t>(n)) : std::string();
}

struct statx statOf(const Descriptor& file) {
    struct statx out {};
    if (::statx(file.get(), "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, STATX_BASIC_STATS | STATX_MNT_ID, &out) !=
        0) {
        out = {};
    }
    return out;
}

std::uint64_t mountOf(const struct statx& file) {
    return (file.stx_mask & STATX_MNT_ID) != 0 ? file.stx_mnt_id : 0;
}

bool isSame(const struct statx& one, const struct statx& other) {
    return one.stx_mask != 0 && other.stx_mask != 0 && one.stx_ino == other.stx_ino &&
           one.stx_dev_major == other.stx_dev_major && one.stx_dev_minor == other.stx_dev_minor;
}

/// The name of `target`, whose facts are `file`. A mounted file that was replaced on the host is still where
/// it is mounted, and the kernel says ` (deleted)` behind its name; a file may also be called that.
std::string resolvedName(const Descriptor& root, const Descriptor& target, const struct statx& file) {
    constexpr std::string_view kDeleted = " (deleted)";
    auto out = nameOf(target);
    if (out.ends_with(kDeleted)) {
        const auto called = openBelow(root, out, O_NOFOLLOW);
        if (!called.valid() || !isSame(statOf(called), file)) {
            out.resize(out.size() - kDeleted.size());
        }
    }
    return out;
}

attach::PathFacts factsOf(const Descriptor& root, const std::string& path) {
    attach::PathFacts out;
    out.path = path;
    if (const auto self = openBelow(root, path, O_NOFOLLOW); self.valid()) {
        const auto file = statOf(self);
        if (S_ISLNK(file.stx_mode)) {
            std::array<char, 4096> buffer{};
            const ssize_t n = ::readlinkat(self.get(), "", buffer.data(), buffer.size());
            out.target = n > 0 ? std::string(buffer.data(), static_cast<std::size_t>(n)) : "?";
            out.linkMount = mountOf(file);
        }
    }
    const auto target = openBelow(root, path, 0);
    const auto file = target.valid() ? statOf(target) : decltype(statOf(target)){};
    if (file.stx_mask == 0) {
        return out;
    }
    out.type = S_ISREG(file.stx_mode) ? "file" : S_ISDIR(file.stx_mode) ? "directory" : "other";
    out.resolved = resolvedName(root, target, file);
    out.device = makedev(file.stx_dev_major, file.stx_dev_minor);
    out.inode = file.stx_ino;
    out.mount = mountOf(file);
    constexpr unsigned kPermissions = 07777;
    out.mode = file.stx_mode & kPermissions;
    out.uid = file.stx_uid;
    out.gid = file.stx_gid;
    out.links = file.stx_nlink;
    return out;
}

}  // namespace

std::vector<attach::PathFacts> observePaths(const Descriptor& root, const std::vector<std::string>& paths) {
    std::vector<attach::PathFacts> out;
    out.reserve(paths.size());
    for (const auto& path : paths) {
        out.push_back(factsOf(root, path));
    }
    return out;
}

}  // namespace vigie::system
