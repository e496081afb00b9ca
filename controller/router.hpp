// Dispatches requests to handlers by method and path.
#pragma once

#include "controller/http.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::controller {

/// `{"error": …, "hint": …}` with that status.
HttpResponse errorResponse(int status, std::string_view error, std::string_view hint = {});

/// 401: `why` it wants the token, and how it is sent.
HttpResponse tokenWanted(std::string_view why);

/// What stands between the two in `/below/…/behind`; nothing when the path is another one, or nothing does.
std::optional<std::string> between(std::string_view path, std::string_view below, std::string_view behind);

/// Which handler answers. HEAD is answered by GET's (the server leaves the body away), OPTIONS and what does
/// not exist by the router itself.
class Router {
public:
    /// A path that ends with `/*` takes everything below it. The exact path wins, then the longest. Throws
    /// std::logic_error when method and path are there already.
    void add(std::string method, std::string path, HttpHandler handler);

    /// 404, or 405 with Allow, when nobody answers. What a handler throws passes through; the server answers
    /// 500.
    void operator()(HttpRequest request, HttpReply reply) const;

    struct Route {
        std::string method;
        std::string path;
    };
    [[nodiscard]] std::vector<Route> routes() const;  ///< sorted by path and method

private:
    struct Entry {
        Route route;
        HttpHandler handler;
    };
    std::vector<Entry> entries_;
};

}  // namespace vigie::controller
