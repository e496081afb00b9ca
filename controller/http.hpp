#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

/// What the server hands to whoever answers. Not for: sockets, limits, TLS, tokens; those are the server's.
namespace vigie::controller {

struct HttpRequest {
    std::string method;  ///< upper case
    std::string path;    ///< without the query, percent-decoded
    std::map<std::string, std::string> query;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
    bool local = false;      ///< came through the unix socket, whose mode is its permission
    bool mayChange = false;  ///< local, or with the right token
};

struct HttpResponse {
    int status = 200;
    std::string contentType = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
};

/// Called once, from any thread, now or later.
using HttpReply = std::function<void(HttpResponse)>;
/// Runs on the server's thread and must not block.
using HttpHandler = std::function<void(HttpRequest, HttpReply)>;

}  // namespace vigie::controller
