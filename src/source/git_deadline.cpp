// Ends this process when a git operation takes too long, and says where it stood.

#include "source/git_deadline.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>
#include <utility>

namespace vigie::source {
namespace {

/// The inodes of this process' sockets: `/proc/self/fd/N` is a link to `socket:[INODE]`.
std::set<std::uint64_t> ownSockets() {
    namespace fs = std::filesystem;
    constexpr std::string_view kPrefix = "socket:[";
    std::set<std::uint64_t> out;
    std::error_code ignored;
    for (fs::directory_iterator at("/proc/self/fd", ignored), end; at != end; at.increment(ignored)) {
        const auto target = fs::read_symlink(at->path(), ignored).string();
        if (target.starts_with(kPrefix)) {
            std::uint64_t inode = 0;
            std::from_chars(target.data() + kPrefix.size(), target.data() + target.size(), inode);
            out.insert(inode);
        }
    }
    return out;
}

std::vector<TcpSocket> ownTcpSockets() {
    const auto own = ownSockets();
    std::vector<TcpSocket> out;
    for (const char* path : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
        std::ifstream in(path);
        const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
        for (const auto& socket : readTcpSockets(text)) {
            if (own.count(socket.inode) != 0) {
                out.push_back(socket);
            }
        }
    }
    return out;
}

}  // namespace

GitDeadline::GitDeadline(std::chrono::milliseconds time, std::function<void()> late)
    : thread_([this, time, late = std::move(late)] {
          std::unique_lock lock(mutex_);
          if (!over_.wait_for(lock, time, [this] { return done_; })) {
              late();
          }
      }) {}

GitDeadline::~GitDeadline() {
    {
        const std::lock_guard lock(mutex_);
        done_ = true;
    }
    over_.notify_all();
    thread_.join();
}

GitPhase currentPhase(const GitProgress& progress, std::uint16_t port) {
    const auto phase = progress.phase();
    return phase > GitPhase::greeting ? phase : phaseOf(ownTcpSockets(), port);
}

}  // namespace vigie::source
