// The HTTP server: its listeners, its thread, and how it stops.
#pragma once

#include "controller/http.hpp"
#include "controller/log.hpp"
#include "controller/server/limits.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace vigie::controller {

/// One request that was answered, for metrics.
struct Answered {
    std::string method;  ///< one of the registered ones, or `other`
    int status = 0;
    double seconds = 0;  ///< from the end of the request to the end of the answer
    bool local = false;
};

struct ServerSettings {
    std::vector<std::string> listen;  ///< `127.0.0.1:9469`, `[::1]:9469`; port 0 is any free one
    std::string socket;               ///< path of the unix socket; empty: none
    std::vector<std::string> names;   ///< that may stand in `Host` without TLS, in lower case
    std::string tokenFile;            ///< empty: only the unix socket may change anything
    std::string certFile;             ///< PEM, with its chain; both or neither
    std::string keyFile;
    Limits limits;
    std::function<void(const Answered&)> observe;  ///< on the server's thread; may be empty
};

/// HTTP/1.1 for the controller: one thread, any number of addresses and a unix socket. Checks who may change
/// something, keeps every client within limits and deadlines, and hands what is left to the handler.
/// Not for: what is answered, see Router.
class Server {
public:
    /// `log` is used from the server's thread and has to stand that.
    Server(ServerSettings settings, HttpHandler handler, Log& log);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    Server(Server&&) = delete;
    Server& operator=(Server&&) = delete;
    ~Server();  ///< as stop()

    /// Reads token and certificate, binds, and starts the thread. Throws Error when a file is not as it must
    /// be, or the unix socket is served by somebody else. An address that cannot be bound yet is tried again
    /// later.
    void start();
    /// Accepts no more, lets answers under way end, and is done within a second. May be called twice.
    void stop();

    /// The addresses that are bound now, with the port that was given for port 0, and the unix socket.
    [[nodiscard]] std::vector<std::string> listening() const;
    /// Open connections.
    [[nodiscard]] std::size_t connections() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Throws Error when these files are not what a server can start with; an empty path is none.
void checkServerFiles(const std::string& tokenFile, const std::string& certFile, const std::string& keyFile);

}  // namespace vigie::controller
