// Watches paths for changes with inotify.

#include "controller/file_watch.hpp"

#include "base/error.hpp"
#include "system/files.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace vigie::controller {
namespace {

// Of a directory that leads to others, only what moves them; of one that holds files, also what changes them.
constexpr std::uint32_t kLeads =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr std::uint32_t kHolds = kLeads | IN_CLOSE_WRITE | IN_ATTRIB;
constexpr std::uint32_t kMoves = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF |
                                 IN_MOVE_SELF | IN_IGNORED | IN_Q_OVERFLOW;

std::string nameOf(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

}  // namespace

FileWatch::FileWatch(std::string top)
    : top_(std::move(top)), inotify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    if (!inotify_.valid()) {
        throw Error(std::string("cannot watch files: ") + std::strerror(errno),
                    "raise fs.inotify.max_user_instances; until then changes are noticed at each interval");
    }
}

bool FileWatch::watch(const std::set<std::string>& paths) {
    std::map<std::string, Interest> wanted;
    for (const auto& path : paths) {
        bool holds = true;
        for (std::string at = path; at.size() > top_.size() && at != "/"; at = system::parentOf(at)) {
            auto& interest = wanted[system::parentOf(at)];
            interest.names.insert(nameOf(at));
            interest.holds = interest.holds || holds;
            holds = false;
        }
    }
    wanted_ = std::move(wanted);
    return renew();
}

void FileWatch::forget(int wd) {
    ::inotify_rm_watch(inotify_.get(), wd);
    watched_.erase(wd);
}

/// Watches what is wanted and exists, from the top downwards: what comes into being meanwhile is seen by the
/// watch above it.
bool FileWatch::renew() {
    problem_.clear();
    std::map<int, std::string> now;
    bool fresh = false;
    for (const auto& [directory, interest] : wanted_) {
        const int wd =
            ::inotify_add_watch(inotify_.get(), directory.c_str(), interest.holds ? kHolds : kLeads);
        if (wd < 0) {
            if (errno == ENOSPC) {
                problem_ = directory + ": " + std::strerror(errno);
            }
            continue;
        }
        const auto it = watched_.find(wd);
        fresh = fresh || it == watched_.end() || it->second != directory;
        now[wd] = directory;
    }
    for (auto it = watched_.begin(); it != watched_.end();) {
        const int wd = (it++)->first;
        if (now.count(wd) == 0) {
            forget(wd);
        }
    }
    watched_ = std::move(now);
    return fresh;
}

bool FileWatch::read() {
    bool concerned = false;
    bool moved = false;
    alignas(inotify_event) std::array<char, 16384> buffer{};
    while (true) {
        const ssize_t size = ::read(inotify_.get(), buffer.data(), buffer.size());
        if (size <= 0) {
            break;
        }
        for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
            inotify_event event{};
            std::memcpy(&event, buffer.data() + at, sizeof(event));
            const std::string name = event.len == 0 ? "" : buffer.data() + at + sizeof(event);
            at += sizeof(event) + event.len;
            if ((event.mask & IN_Q_OVERFLOW) != 0) {
                concerned = moved = true;
                continue;
            }
            const auto watched = watched_.find(event.wd);
            if (watched == watched_.end()) {
                continue;
            }
            const auto wanted = wanted_.find(watched->second);
            const bool itself = name.empty() && (event.mask & kMoves) != 0;
            const bool named = wanted != wanted_.end() && wanted->second.names.count(name) != 0;
            concerned = concerned || itself || named;
            moved = moved || ((event.mask & kMoves) != 0 && (itself || named));
            if ((event.mask & IN_IGNORED) != 0) {
                watched_.erase(watched);
            }
        }
    }
    if (moved) {
        concerned = renew() || concerned;
    }
    return concerned;
}

}  // namespace vigie::controller
