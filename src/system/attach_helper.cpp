// vigie-attach: one request about a process of others, a line of JSON on the socket that is its standard
// input, answered there with another line and maybe a descriptor. It serves root only, holds no secret,
// writes no file, and ends with its answer.

#include "attach/proc_text.hpp"
#include "base/json_fields.hpp"
#include "base/parse_json.hpp"
#include "base/text.hpp"
#include "system/attach_connect.hpp"
#include "system/attach_paths.hpp"
#include "system/attach_protocol.hpp"
#include "system/held_process.hpp"
#include "system/self_limits.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <string>

namespace {

using namespace vigie;
using system::AttachAnswer;
using system::AttachError;
using system::AttachRequest;
using system::Descriptor;
using system::HeldProcess;
using Kind = AttachError::Kind;

constexpr int kSocket = 0;

/// What an answer carries beside its text.
struct Done {
    AttachAnswer answer;
    Descriptor connection;
};

std::string_view baseName(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

/// In full: its arguments may be long, and are told of the program only that was asked for.
void describeProgram(const HeldProcess& process, attach::Process& out) {
    constexpr std::size_t kLongest = 128U << 10U;
    constexpr std::size_t kMost = 2048;
    constexpr std::size_t kStatus = 64U << 10U;
    const auto line = process.read("cmdline", kLongest);
    out.arguments = attach::readArguments(line, kMost + 1);
    out.cut = line.size() == kLongest || out.arguments.size() > kMost;
    out.directory = process.link("cwd");
    const auto user = attach::readStatus(process.read("status", kStatus));
    if (!user) {
        throw AttachError(Kind::unavailable,
                          "the kernel does not say as whom process " + std::to_string(out.id.pid) + " runs");
    }
    out.user = *user;
}

std::optional<attach::Process> processIn(std::int64_t pid, const AttachRequest& request) {
    try {
        const HeldProcess process(pid);
        attach::Process out;
        out.id = process.identity();
        if (out.id.group != request.process.group) {
            return std::nullopt;
        }
        constexpr std::size_t kStat = 4096;
        if (const auto stat = attach::readStat(process.read("stat", kStat))) {
            out.parent = stat->parent;
            out.state = std::string(1, stat->state);
        }
        constexpr std::string_view kDeleted = " (deleted)";
        std::string_view exe = out.id.exe;
        exe.remove_suffix(exe.ends_with(kDeleted) ? kDeleted.size() : 0);
        if (baseName(exe) == request.program) {
            describeProgram(process, out);
        }
        // Between two reads it may have become another program.
        process.demand(out.id);
        return out;
    } catch (const AttachError& error) {
        if (error.kind() == Kind::gone || error.kind() == Kind::changed) {
            return std::nullopt;
        }
        throw;
    }
}

/// Most processes are of others: one small file tells.
bool isIn(const Descriptor& proc, const std::string& pid, const std::string& group) {
    constexpr std::size_t kGroups = 16384;
    const Descriptor file(::openat(proc.get(), (pid + "/cgroup").c_str(), O_RDONLY | O_CLOEXEC));
    std::string text(kGroups, '\0');
    const ssize_t n = file.valid() ? ::read(file.get(), text.data(), text.size()) : -1;
    text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return attach::readGroup(text) == group;
}

attach::Processes findProcesses(const AttachRequest& request) {
    const auto& group = request.process.group;
    if (!attach::isContainerId(group) && !attach::isUnitName(group)) {
        throw AttachError(Kind::refused, "'" + printable(group) + "' is neither a container's id nor a unit");
    }
    const Descriptor proc(::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const std::unique_ptr<DIR, int (*)(DIR*)> list(::opendir("/proc"), ::closedir);
    if (!proc.valid() || !list) {
        throw AttachError(Kind::unavailable, std::string("cannot look at /proc: ") + std::strerror(errno));
    }
    constexpr std::size_t kMost = 256;
    attach::Processes out;
    while (const auto* entry = ::readdir(list.get())) {
        const std::string name(static_cast<const char*>(entry->d_name));
        std::int64_t pid = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (error != std::errc() || end != name.data() + name.size() || !isIn(proc, name, group)) {
            continue;
        }
        if (out.processes.size() == kMost) {
            out.cut = true;
            break;
        }
        if (auto process = processIn(pid, request)) {
            out.processes.push_back(std::move(*process));
        }
    }
    return out;
}

void demandPaths(const std::vector<std::string>& paths) {
    for (const auto& path : paths) {
        if (!path.starts_with('/') || path.size() >= system::kLongestPath ||
            path.find('\0') != std::string::npos) {
            throw AttachError(Kind::refused, "'" + printable(path.substr(0, 100)) + "' is no absolute path");
        }
    }
    if (paths.size() > system::kMostPaths) {
        throw AttachError(Kind::refused, "too many paths");
    }
}

attach::PathsSeen statPaths(const AttachRequest& request) {
    demandPaths(request.inside);
    demandPaths(request.host);
    attach::PathsSeen out;
    const auto observeHost = [&] {
        const Descriptor root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
        out.host = system::observePaths(root, request.host);
    };
    if (request.process.pid == 0) {
        observeHost();
        return out;
    }
    constexpr std::size_t kMounts = 1U << 20U;
    const HeldProcess process(request.process.pid);
    process.demand(request.process);
    out.mountinfo = process.read("mountinfo", kMounts);
    if (out.mountinfo.size() == kMounts) {
        throw AttachError(Kind::unavailable, "the process has more mounts than can be told");
    }
    out.inside = system::observePaths(process.open("root", O_PATH | O_DIRECTORY), request.inside);
    observeHost();
    process.demand(request.process);
    return out;
}

void sendSignal(const AttachRequest& request) {
    const auto which = valueIn(system::kAttachSignals, request.signal);
    if (!which) {
        throw AttachError(Kind::refused, "'" + printable(request.signal) + "' is no signal that is sent");
    }
    const HeldProcess process(request.process.pid);
    process.demand(request.process);
    using Signal = system::Attach::Signal;
    process.signal(*which == Signal::hup ? SIGHUP : *which == Signal::usr1 ? SIGUSR1 : SIGUSR2);
}

Done answerTo(const AttachRequest& request) {
    if (request.version != system::kAttachVersion) {
        throw AttachError(Kind::refused, "the request is of another version",
                          "restart vigie, so that all of its programs are of one version");
    }
    Done out;
    if (request.op == "find") {
        out.answer.found = findProcesses(request);
    } else if (request.op == "stat") {
        out.answer.seen = statPaths(request);
    } else if (request.op == "signal") {
        sendSignal(request);
    } else if (request.op == "connect") {
        const HeldProcess process(request.process.pid);
        process.demand(request.process);
        out.connection = system::connectInside(process, request.address, request.port,
                                               std::chrono::milliseconds(request.timeoutMs));
    } else {
        throw AttachError(Kind::refused, "there is no request '" + printable(request.op) + "'");
    }
    return out;
}

/// Who is at the other end; of a pair of sockets, who made it.
void demandRoot() {
    ucred peer{};
    socklen_t size = sizeof(peer);
    int domain = 0;
    socklen_t domainSize = sizeof(domain);
    if (::getsockopt(kSocket, SOL_SOCKET, SO_DOMAIN, &domain, &domainSize) != 0 || domain != AF_UNIX ||
        ::getsockopt(kSocket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != 0) {
        throw AttachError(Kind::refused, "vigie-attach serves root only", "run as root");
    }
}

std::string readRequest() {
    std::string out;
    std::array<char, 65536> buffer{};
    while (out.find('\n') == std::string::npos) {
        const ssize_t n = ::recv(kSocket, buffer.data(), buffer.size(), 0);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            break;
        }
        out.append(buffer.data(), static_cast<std::size_t>(n));
        if (out.size() > system::kMostRequest) {
            throw AttachError(Kind::refused, "the request is too long");
        }
    }
    return out;
}

AttachRequest requestIn(const std::string& text) {
    const auto parsed = parseJson(text);
    if (!parsed.is_object()) {
        throw AttachError(Kind::refused, "the request is not JSON");
    }
    try {
        return fromJson<AttachRequest>(parsed);
    } catch (const nlohmann::json::exception& error) {
        throw AttachError(Kind::refused, std::string("the request is not valid: ") + error.what());
    }
}

Done doneOrFailed() {
    try {
        demandRoot();
        return answerTo(requestIn(readRequest()));
    } catch (const AttachError& error) {
        Done out;
        out.answer.failure = textIn(system::kAttachFailures, error.kind());
        out.answer.error = error.what();
        out.answer.hint = error.hint();
        return out;
    } catch (const std::exception& error) {
        Done out;
        out.answer.failure = "unavailable";
        out.answer.error = error.what();
        return out;
    }
}

/// Source: unix(7), SCM_RIGHTS.
bool send(std::string_view text, const Descriptor& connection) {
    int fd = connection.get();
    while (!text.empty()) {
        iovec part{const_cast<char*>(text.data()), text.size()};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
        if (fd >= 0) {
            message.msg_control = control.data();
            message.msg_controllen = control.size();
            auto* rights = CMSG_FIRSTHDR(&message);
            rights->cmsg_level = SOL_SOCKET;
            rights->cmsg_type = SCM_RIGHTS;
            rights->cmsg_len = CMSG_LEN(sizeof(int));
            std::memcpy(CMSG_DATA(rights), &fd, sizeof(fd));
        }
        const ssize_t n = ::sendmsg(kSocket, &message, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        if (n > 0) {
            text.remove_prefix(static_cast<std::size_t>(n));
            fd = -1;
        }
    }
    return true;
}

/// Whatever the other end does, and however the files of a container hang: this process ends.
void limitSelf() {
    constexpr std::uint64_t kMemory = 128U << 20U;
    constexpr time_t kSeconds = 75;  // longer than the longest `timeoutMs`
    constexpr rlim_t kFiles = 64;
    system::limitMemory(kMemory);
    system::closeMemory();
    const rlimit none{0, 0};
    const rlimit files{kFiles, kFiles};
    ::setrlimit(RLIMIT_FSIZE, &none);
    ::setrlimit(RLIMIT_CORE, &none);
    ::setrlimit(RLIMIT_NOFILE, &files);
    itimerval deadline{};
    deadline.it_value.tv_sec = kSeconds;
    ::setitimer(ITIMER_REAL, &deadline, nullptr);
}

}  // namespace

int main() {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    limitSelf();
    try {
        auto done = doneOrFailed();
        done.answer.version = system::kAttachVersion;
        const auto text =
            toJson(done.answer).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + "\n";
        return send(text, done.connection) ? 0 : 1;
    } catch (...) {  // no memory to say so
        return 1;
    }
}
