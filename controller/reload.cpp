// SIGHUP: the configuration is read anew, or everything stays as it is.

#include "controller/reload.hpp"

#include "base/error.hpp"
#include "controller/config.hpp"
#include "controller/server.hpp"
#include "controller/words.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

namespace vigie::controller {
namespace {

std::atomic<int> heard{-1};  // the end of a pipe that the handler writes to
std::atomic<int> hears{-1};  // its other end

void onHangup(int /*number*/) {
    const int saved = errno;
    [[maybe_unused]] const auto written = ::write(heard.load(), "x", 1);
    errno = saved;
}

sigset_t signals() {
    sigset_t out;
    ::sigemptyset(&out);
    for (const int each : {SIGHUP, SIGTERM, SIGINT}) {
        ::sigaddset(&out, each);
    }
    return out;
}

}  // namespace

void keepHangups() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
        throw Error("cannot make a pipe");
    }
    hears = ends[0];
    heard = ends[1];
    struct sigaction action {};
    action.sa_handler = onHangup;
    action.sa_flags = SA_RESTART;
    sigaction(SIGHUP, &action, nullptr);
}

void holdSignals() {
    const auto held = signals();
    ::pthread_sigmask(SIG_BLOCK, &held, nullptr);
}

void releaseSignals() {
    const auto held = signals();
    ::pthread_sigmask(SIG_UNBLOCK, &held, nullptr);
}

Reload::Reload(const Parts& parts) : parts_(parts), thread_([this] { run(); }) {}

Reload::~Reload() {
    stop_.raise();
    thread_.join();
}

void Reload::run() {
    while (true) {
        std::array<pollfd, 2> waiting{{{stop_.fd(), POLLIN, 0}, {hears.load(), POLLIN, 0}}};
        ::poll(waiting.data(), waiting.size(), -1);
        if (waiting[0].revents != 0) {
            return;
        }
        if (waiting[1].revents != 0) {
            std::array<char, 64> ignored{};
            while (::read(hears.load(), ignored.data(), ignored.size()) > 0) {
            }
            look();
        }
    }
}

void Reload::look() {
    try {
        const auto config = loadConfig(parts_.path);
        checkServerFiles(config.http.tokenFile, config.http.certFile, config.http.keyFile);
        wanted_ = true;
        parts_.queue.wake(Trigger::reload);
    } catch (const std::exception& error) {
        const auto* ours = dynamic_cast<const Error*>(&error);
        const std::string story = parts_.path + " is not loaded, everything stays as it was: " +
                                  (ours != nullptr ? withHint(*ours) : error.what());
        wanted_ = false;  // an older one that was good is there no more
        parts_.log.error(story);
        parts_.events.warning("ConfigurationRefused", story, parts_.clock.now());
    }
}

}  // namespace vigie::controller
