// A request as the server hands it to a handler, and the handler's response.
#pragma once

#include <functional>
#include <map>
#include <memory>
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
    bool mayChange = false;  ///< local, or with the right token: it may also read what is not for everybody
};

/// The text of an answer. Copies share it: what is told to many clients, some of which read slowly, is in
/// memory once.
class Body {
public:
    Body() = default;
    Body(std::string text)  // NOLINT(google-explicit-constructor): any text can be told
        : text_(std::make_shared<const std::string>(std::move(text))) {}
    Body(const char* text) : Body(std::string(text)) {}  // NOLINT(google-explicit-constructor)
    Body(std::shared_ptr<const std::string> text)        // NOLINT(google-explicit-constructor)
        : text_(std::move(text)) {}

    [[nodiscard]] const std::string& text() const {
        static const std::string kEmpty;
        return text_ == nullptr ? kEmpty : *text_;
    }

private:
    std::shared_ptr<const std::string> text_;  ///< null: empty
};

struct HttpResponse {
    int status = 200;
    std::string contentType = "application/json";
    Body body;
    std::vector<std::pair<std::string, std::string>> headers;
};

/// Called once, from any thread, now or later.
using HttpReply = std::function<void(HttpResponse)>;
/// Runs on the server's thread and must not block.
using HttpHandler = std::function<void(HttpRequest, HttpReply)>;

}  // namespace vigie::controller
