// Speaks with vigie-attach over a unix socket, or starts it at the other end of a pair of them.

#include "system/attach_client.hpp"

#include "base/json_fields.hpp"
#include "base/parse_json.hpp"
#include "system/attach_http.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

namespace vigie::system {
namespace {

using Kind = AttachError::Kind;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr const char* kStart = "systemctl enable --now vigie-attach.socket";

[[noreturn]] void unavailable(const std::string& what, int error, const char* hint = kStart) {
    throw AttachError(Kind::unavailable,
                      "vigie-attach: " + what + (error == 0 ? "" : std::string(": ") + std::strerror(error)),
                      hint);
}

/// A helper that was started from here; it ends with this object at the latest.
class Child {
public:
    Child() = default;
    explicit Child(pid_t pid) : pid_(pid) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
    Child& operator=(Child&&) = delete;
    ~Child() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);  // it has answered, or will not
            while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
            }
        }
    }

private:
    pid_t pid_ = -1;
};

struct Line {
    Descriptor socket;
    Child child = {};
};

/// A connection to systemd's socket; nothing where none listens.
std::optional<Descriptor> dial(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path)) {
        unavailable("the path of its socket is too long", 0);
    }
    path.copy(static_cast<char*>(address.sun_path), path.size());
    Descriptor out(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!out.valid()) {
        unavailable("cannot create a socket", errno, "");
    }
    if (::connect(out.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR) {
            return std::nullopt;
        }
        unavailable("cannot connect to " + path, errno, errno == EACCES ? "run as root" : kStart);
    }
    ucred peer{};
    socklen_t size = sizeof(peer);
    if (::getsockopt(out.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 ||
        (peer.uid != 0 && peer.uid != ::geteuid())) {
        unavailable("who listens at " + path + " is not root", 0);
    }
    return out;
}

Line start(const std::string& helper) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        unavailable("cannot create a socket", errno, "");
    }
    Line out{Descriptor(ends[0])};
    const Descriptor theirs(ends[1]);
    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    // What it inherits of signals is ours: it must die of those that it gets.
    sigset_t none{};
    sigset_t all{};
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::string name = helper;
    std::string language = "LANG=C.UTF-8";
    std::array<char*, 2> arguments{name.data(), nullptr};
    std::array<char*, 2> environment{language.data(), nullptr};
    pid_t pid = -1;
    const int error =
        ::posix_spawn(&pid, helper.c_str(), &actions, &attributes, arguments.data(), environment.data());
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        unavailable("cannot start " + helper, error, "install vigie again");
    }
    return {std::move(out.socket), Child(pid)};
}

/// Waits for the other end until the deadline, and no longer than the operator lets us.
class Waiting {
public:
    Waiting(const Stop& stop, milliseconds timeout) : stop_(stop), deadline_(Clock::now() + timeout) {}

    void until(const Descriptor& socket, short events) const {
        while (true) {
            const auto left = std::chrono::ceil<milliseconds>(deadline_ - Clock::now());
            if (left.count() <= 0) {
                unavailable("no answer in time", 0, "");
            }
            std::array<pollfd, 2> waiting{{{stop_.fd(), POLLIN, 0}, {socket.get(), events, 0}}};
            ::poll(waiting.data(), waiting.size(), static_cast<int>(left.count()));
            if (waiting[0].revents != 0) {
                throw Interrupted{};
            }
            if (waiting[1].revents != 0) {
                return;
            }
        }
    }

private:
    const Stop& stop_;
    Clock::time_point deadline_;
};

void sendAll(const Descriptor& socket, std::string_view text, const Waiting& waiting) {
    while (!text.empty()) {
        const ssize_t n = ::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0) {
            text.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno == EAGAIN || errno == EINTR) {
            waiting.until(socket, POLLOUT);
        } else {
            return;  // it reads no further, and may have said why
        }
    }
}

struct Heard {
    std::string text;
    Descriptor connection;
};

/// Source: unix(7), SCM_RIGHTS. More than one descriptor is not what was asked for: all but the first are
/// closed.
Heard hear(const Descriptor& socket, const Waiting& waiting) {
    Heard out;
    std::array<char, 65536> buffer{};
    while (out.text.find('\n') == std::string::npos) {
        waiting.until(socket, POLLIN);
        constexpr std::size_t kDescriptors = 8;
        alignas(cmsghdr) std::array<char, CMSG_SPACE(kDescriptors * sizeof(int))> control{};
        iovec part{buffer.data(), buffer.size()};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        const ssize_t n = ::recvmsg(socket.get(), &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            continue;
        }
        for (auto* rights = CMSG_FIRSTHDR(&message); n > 0 && rights != nullptr;
             rights = CMSG_NXTHDR(&message, rights)) {
            if (rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS) {
                continue;
            }
            for (std::size_t i = 0; i < (rights->cmsg_len - CMSG_LEN(0)) / sizeof(int); ++i) {
                int fd = -1;
                std::memcpy(&fd, CMSG_DATA(rights) + i * sizeof(int), sizeof(fd));
                Descriptor received(fd);
                if (!out.connection.valid()) {
                    out.connection = std::move(received);
                }
            }
        }
        if (n <= 0) {
            break;
        }
        out.text.append(buffer.data(), static_cast<std::size_t>(n));
        if (out.text.size() > kMostAnswer) {
            unavailable("its answer is too long", 0, "");
        }
    }
    return out;
}

AttachAnswer answerIn(const std::string& text) {
    constexpr JsonLimits kLimits{.depth = 16, .values = 2'000'000};
    const auto parsed = parseJson(text, kLimits);
    if (!parsed.is_object()) {
        unavailable("it ended without an answer", 0, "see journalctl -u 'vigie-attach@*', and try again");
    }
    try {
        auto out = fromJson<AttachAnswer>(parsed);
        if (out.version != kAttachVersion) {
            unavailable("it is of another version", 0,
                        "restart vigie, so that all of its programs are of one version");
        }
        return out;
    } catch (const nlohmann::json::exception&) {
        unavailable("its answer is not valid", 0,
                    "restart vigie, so that all of its programs are of one version");
    }
}

constexpr milliseconds kLook{20'000};

}  // namespace

struct RealAttach::Answered {
    AttachAnswer answer;
    Descriptor connection;
};

RealAttach::Answered RealAttach::ask(AttachRequest request, milliseconds timeout) const {
    stop_.check();
    request.version = kAttachVersion;
    const Waiting waiting(stop_, timeout);
    auto dialled = reach_.socket.empty() ? std::nullopt : dial(reach_.socket);
    const auto line = dialled ? Line{std::move(*dialled)} : start(reach_.helper);
    const auto text = toJson(request).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + "\n";
    sendAll(line.socket, text, waiting);
    auto heard = hear(line.socket, waiting);
    Answered out{answerIn(heard.text), std::move(heard.connection)};
    if (!out.answer.failure.empty()) {
        throw AttachError(valueIn(kAttachFailures, out.answer.failure).value_or(Kind::unavailable),
                          out.answer.error, out.answer.hint);
    }
    return out;
}

attach::Processes RealAttach::find(const std::string& group, const std::string& program) {
    AttachRequest request;
    request.op = "find";
    request.process.group = group;
    request.program = program;
    return ask(std::move(request), kLook).answer.found;
}

attach::PathsSeen RealAttach::stat(const attach::ProcessId& process, const std::vector<std::string>& inside,
                                   const std::vector<std::string>& host) {
    AttachRequest request;
    request.op = "stat";
    request.process = process;
    request.inside = inside;
    request.host = host;
    auto out = ask(std::move(request), kLook).answer.seen;
    if (out.host.size() != host.size() || (process.pid != 0 && out.inside.size() != inside.size())) {
        unavailable("its answer is not what was asked for", 0);
    }
    return out;
}

Descriptor RealAttach::connect(const attach::ProcessId& process, const std::string& address,
                               std::uint16_t port, milliseconds timeout) {
    AttachRequest request;
    request.op = "connect";
    request.process = process;
    request.address = address;
    request.port = port;
    request.timeoutMs = timeout.count();
    auto out = ask(std::move(request), timeout + kLook);
    if (!out.connection.valid()) {
        unavailable("it sent no connection", 0);
    }
    return std::move(out.connection);
}

HttpResponse RealAttach::send(const AttachedAddress& to, const HttpRequest& request) {
    return AttachHttp(*this, to, stop_).send(request);
}

void RealAttach::signal(const attach::ProcessId& process, Signal signal) {
    AttachRequest request;
    request.op = "signal";
    request.process = process;
    request.signal = textIn(kAttachSignals, signal);
    static_cast<void>(ask(std::move(request), kLook));
}

}  // namespace vigie::system
