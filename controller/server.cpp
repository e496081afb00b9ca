// The HTTP server: its listeners, its thread, and how it stops.

#include "controller/server.hpp"

#include "base/error.hpp"
#include "controller/router.hpp"
#include "controller/server/answer.hpp"
#include "controller/server/listener.hpp"
#include "controller/server/session.hpp"
#include "controller/server/tls.hpp"
#include "controller/shared_secret.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <ctime>
#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace vigie::controller {
namespace {

namespace asio = boost::asio;

std::size_t descriptorLimit() {
    rlimit found{};
    constexpr std::size_t kUsual = 1024;
    return ::getrlimit(RLIMIT_NOFILE, &found) == 0 ? static_cast<std::size_t>(found.rlim_cur) : kUsual;
}

/// For a client that there is no room for. Nothing is waited for: what does not fit at once is lost.
void turnAway(const system::Descriptor& client) {
    auto response = errorResponse(503, "too many connections");
    response.headers.emplace_back("Retry-After", "1");
    const std::string text = answerHead(response, false, std::time(nullptr)) + response.body.text();
    [[maybe_unused]] const auto sent =
        ::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

struct Server::Impl {
    Impl(ServerSettings given, HttpHandler handle, Log& to)
        : settings(std::move(given)),
          limits(fitDescriptors(settings.limits, descriptorLimit())),
          handler(std::move(handle)),
          log(to) {}

    void open();
    void accept(std::size_t index, system::Descriptor client);
    bool makeRoom(std::size_t index);
    void shut();
    void endIfIdle();
    void run();

    ServerSettings settings;
    Limits limits;
    HttpHandler handler;
    Log& log;
    SecureBytes token;
    std::unique_ptr<Tls> tls;

    std::shared_ptr<asio::io_context> io = std::make_shared<asio::io_context>(1);
    std::unique_ptr<SessionHost> host;
    std::vector<std::unique_ptr<Listener>> listeners;
    std::set<std::shared_ptr<Session>> sessions;
    std::vector<std::size_t> perListener;
    std::unique_ptr<asio::steady_timer> stopTimer;
    bool stopping = false;
    std::atomic<std::size_t> open_ = 0;

    mutable std::mutex mutex;
    std::thread thread;  ///< guarded by `mutex`, as is `running`
    bool running = false;
};

void Server::Impl::open() {
    if (!settings.tokenFile.empty()) {
        token = readSharedSecret(settings.tokenFile, "the token file");
    }
    if (!settings.certFile.empty() || !settings.keyFile.empty()) {
        tls = std::make_unique<Tls>(settings.certFile, settings.keyFile);
    }
    host = std::make_unique<SessionHost>(SessionHost{io, settings, limits, handler, log, view(token),
                                                     [this](const std::shared_ptr<Session>& gone) {
                                                         if (sessions.erase(gone) != 0) {
                                                             --perListener[gone->listener()];
                                                             open_ = sessions.size();
                                                             endIfIdle();
                                                         }
                                                     }});
    std::vector<Endpoint> endpoints;
    if (!settings.socket.empty()) {
        endpoints.push_back(socketEndpoint(settings.socket));
    }
    for (const auto& text : settings.listen) {
        endpoints.push_back(tcpEndpoint(text));
    }
    for (auto& endpoint : endpoints) {
        const std::size_t index = listeners.size();
        listeners.push_back(std::make_unique<Listener>(
            *io, std::move(endpoint), limits, log,
            [this, index](system::Descriptor client) { accept(index, std::move(client)); }));
        perListener.push_back(0);
        listeners.back()->open();
    }
}

void Server::Impl::accept(std::size_t index, system::Descriptor client) {
    if (!makeRoom(index)) {
        return turnAway(client);
    }
    const Listener& listener = *listeners[index];
    const auto context = tls && !listener.isLocal() ? tls->current(log) : nullptr;
    Way way{listener.isLocal(), context != nullptr};
    if (context) {
        way.proves = [context](const std::string& name) { return Tls::proves(*context, name); };
    }
    auto session = std::make_shared<Session>(
        *host, makeTransport(*io, std::move(client), listener.family(), context.get()), std::move(way),
        index);
    sessions.insert(session);
    ++perListener[index];
    open_ = sessions.size();
    session->start();
}

/// True when one more connection fits, if need be instead of the one that has gone longest without a request.
/// So nobody keeps others out by holding connections that do nothing.
bool Server::Impl::makeRoom(std::size_t index) {
    const bool local = listeners[index]->isLocal();
    const auto most = local ? limits.connections : limits.connections - limits.connectionsForSocket;
    const bool listenerFull = !local && perListener[index] >= limits.connectionsPerListener;
    if (!listenerFull && sessions.size() < most) {
        return true;
    }
    std::shared_ptr<Session> oldest;
    for (const auto& session : sessions) {
        const std::size_t theirs = session->listener();
        const bool candidate = listenerFull ? theirs == index : local || !listeners[theirs]->isLocal();
        if (candidate && session->waits() && (!oldest || session->since() < oldest->since())) {
            oldest = session;
        }
    }
    if (!oldest) {
        return false;
    }
    oldest->close();
    return true;
}

void Server::Impl::shut() {
    stopping = true;
    for (const auto& listener : listeners) {
        listener->close();
    }
    const auto copy = sessions;
    for (const auto& session : copy) {
        session->finish();
    }
    stopTimer = std::make_unique<asio::steady_timer>(*io, limits.stop);
    stopTimer->async_wait([this](const boost::system::error_code& error) {
        if (!error) {
            io->stop();
        }
    });
    endIfIdle();
}

void Server::Impl::endIfIdle() {
    if (stopping && sessions.empty()) {
        io->stop();
    }
}

void Server::Impl::run() {
    const auto work = asio::make_work_guard(*io);
    while (!io->stopped()) {
        try {
            io->run();
        } catch (const std::exception& error) {
            // One connection's failure, such as no memory, is not everybody's. Its deadline closes it.
            log.error(std::string("the HTTP server: ") + error.what());
        }
    }
}

void checkServerFiles(const std::string& tokenFile, const std::string& certFile, const std::string& keyFile) {
    if (!tokenFile.empty()) {
        static_cast<void>(readSharedSecret(tokenFile, "the token file"));
    }
    if (!certFile.empty() || !keyFile.empty()) {
        const Tls tls(certFile, keyFile);
    }
}

Server::Server(ServerSettings settings, HttpHandler handler, Log& log)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(handler), log)) {}

Server::~Server() {
    try {
        stop();
    } catch (const std::exception& error) {
        impl_->log.error(std::string("the HTTP server could not be stopped: ") + error.what());
        std::terminate();  // its thread uses what goes away now
    }
}

void Server::start() {
    const std::lock_guard lock(impl_->mutex);
    try {
        impl_->open();
    } catch (...) {
        for (const auto& listener : impl_->listeners) {
            listener->close();
        }
        throw;
    }
    // Signals are for the thread that waits for them.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    impl_->thread = std::thread([this] { impl_->run(); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    impl_->running = true;
}

void Server::stop() {
    const std::lock_guard lock(impl_->mutex);
    if (!std::exchange(impl_->running, false)) {
        return;
    }
    asio::post(*impl_->io, [impl = impl_.get()] { impl->shut(); });
    impl_->thread.join();
    const auto left = impl_->sessions;
    for (const auto& session : left) {
        session->close();
    }
    impl_->io->restart();
    impl_->io->poll();  // what was cancelled is told so, while everything it knows is still there
}

std::vector<std::string> Server::listening() const {
    const std::lock_guard lock(impl_->mutex);
    std::vector<std::string> out;
    for (const auto& listener : impl_->listeners) {
        if (impl_->running && listener->listens()) {
            out.push_back(listener->name());
        }
    }
    return out;
}

std::size_t Server::connections() const {
    return impl_->open_;
}

}  // namespace vigie::controller
