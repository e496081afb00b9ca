// Serves the status page and its files.

#include "controller/page.hpp"

#include "base/hash.hpp"

#include <map>

namespace vigie::controller {
namespace {

/// Nothing from anywhere else, nothing inline, no text that becomes markup, in nobody's frame. Names,
/// messages and diffs come from others: should one of them become markup after all, it can neither run nor
/// load anything.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'";

std::string contentTypeOf(std::string_view name) {
    if (name.ends_with(".js")) {
        return "text/javascript; charset=utf-8";
    }
    return name.ends_with(".css") ? "text/css; charset=utf-8" : "text/html; charset=utf-8";
}

struct Served {
    HttpResponse whole;
    std::string tag;
};

std::map<std::string, Served, std::less<>> serve() {
    std::map<std::string, Served, std::less<>> out;
    for (const auto& file : pageFiles()) {
        Served served;
        served.tag = '"' + sha256Hex(file.text) + '"';
        served.whole = {200,
                        contentTypeOf(file.name),
                        std::string(file.text),
                        {{"ETag", served.tag},
                         {"Cache-Control", "no-cache"},
                         {"Content-Security-Policy", std::string(kPolicy)},
                         {"X-Content-Type-Options", "nosniff"},
                         {"X-Frame-Options", "DENY"},
                         {"Referrer-Policy", "no-referrer"},
                         {"Cross-Origin-Opener-Policy", "same-origin"},
                         {"Cross-Origin-Resource-Policy", "same-origin"}}};
        out.emplace(file.name == "index.html" ? "/" : "/" + std::string(file.name), std::move(served));
    }
    return out;
}

const std::map<std::string, Served, std::less<>>& served() {
    static const auto kServed = serve();
    return kServed;
}

/// If-None-Match holds `*` or a list of tags; weak ones match as well (RFC 9110, 13.1.2).
bool has(std::string_view header, std::string_view tag) {
    return header == "*" || header.find(tag) != std::string_view::npos;
}

}  // namespace

std::vector<std::string> pagePaths() {
    std::vector<std::string> out;
    for (const auto& [path, ignored] : served()) {
        out.push_back(path);
    }
    return out;
}

HttpResponse pageHandler(const HttpRequest& request) {
    const auto found = served().find(request.path);
    if (found == served().end()) {
        return {404,
                "application/json",
                "{\"error\":\"there is nothing here\",\"hint\":\"the page is at /\"}\n",
                {}};
    }
    HttpResponse response = found->second.whole;
    const auto known = request.headers.find("if-none-match");
    if (known != request.headers.end() && has(known->second, found->second.tag)) {
        response.status = 304;
        response.body = {};
    }
    return response;
}

}  // namespace vigie::controller
