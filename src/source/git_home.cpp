// Makes a home directory with pinned host keys, and removes those of dead processes.

#include "source/git_home.hpp"

#include "base/text.hpp"
#include "source/git_error.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <system_error>
#include <vector>

namespace vigie::source {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "vigie-git.";

[[noreturn]] void fail(const std::string& what) {
    throw GitError(GitError::Kind::other, what + ": " + std::strerror(errno),
                   "set TMPDIR to a writable directory");
}

/// Whether `name` is `vigie-git.PID.XXXXXX` of a process that is gone.
bool isLeftover(std::string_view name) {
    if (!name.starts_with(kPrefix)) {
        return false;
    }
    name.remove_prefix(kPrefix.size());
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    return error == std::errc() && pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH;
}

void removeLeftovers(const fs::path& directory) {
    std::error_code ignored;
    for (fs::directory_iterator at(directory, ignored), end; at != end; at.increment(ignored)) {
        struct stat found {};
        if (isLeftover(at->path().filename().string()) && ::lstat(at->path().c_str(), &found) == 0 &&
            S_ISDIR(found.st_mode) && found.st_uid == ::geteuid()) {
            fs::remove_all(at->path(), ignored);
        }
    }
}

/// The order in which host keys are asked for: libssh2 demands the type of a host's first line, and
/// before 1.11 it cannot do what servers demand of RSA.
int preference(const std::string& line) {
    if (line.find(" ssh-ed25519 ") != std::string::npos) {
        return 0;
    }
    return line.find(" ssh-rsa ") == std::string::npos ? 1 : 2;
}

std::string readPins(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (!in.is_open() || in.bad()) {
        throw GitError(GitError::Kind::hostKey,
                       "cannot read the pinned host keys in " + path + ": " + std::strerror(errno),
                       "set auth.knownHosts to a file as ssh-keyscan writes it");
    }
    std::vector<std::string> lines;
    for (const std::string_view line : splitLines(text)) {
        if (line.starts_with('@')) {
            throw GitError(GitError::Kind::hostKey,
                           "the pinned host keys in " + path + " have a marker (@revoked, @cert-authority)",
                           "write only the git server's own keys, as ssh-keyscan prints them");
        }
        if (!trim(line).empty() && !line.starts_with('#')) {
            lines.emplace_back(line);
        }
    }
    std::stable_sort(lines.begin(), lines.end(), [](const std::string& a, const std::string& b) {
        return preference(a) < preference(b);
    });
    return join(lines, "\n") + "\n";
}

}  // namespace

PrivateHome::PrivateHome(const std::string& knownHosts) {
    const std::string pins = readPins(knownHosts);
    std::error_code error;
    const fs::path temporary = fs::temp_directory_path(error);
    removeLeftovers(temporary);
    std::string path = (temporary / (std::string(kPrefix) + std::to_string(::getpid()) + ".XXXXXX")).string();
    if (error || ::mkdtemp(path.data()) == nullptr) {
        fail("cannot create a private directory in " + temporary.string());
    }
    path_ = path;
    std::ofstream out;
    if (::mkdir((path_ + "/.ssh").c_str(), 0700) == 0) {
        out.open(path_ + "/.ssh/known_hosts", std::ios::binary);
        out << pins;
        out.close();
    }
    // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread
    if (!out || ::setenv("HOME", path_.c_str(), 1) != 0) {
        const int why = errno;
        fs::remove_all(path_, error);
        errno = why;
        fail("cannot write the pinned host keys into " + path_);
    }
}

PrivateHome::~PrivateHome() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

}  // namespace vigie::source
