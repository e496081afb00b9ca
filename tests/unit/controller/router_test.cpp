// Tests controller/router.

#include "controller/router.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <nlohmann/json.hpp>

namespace vigie::controller {
namespace {

HttpHandler says(const std::string& text) {
    return [text](const HttpRequest& request, const HttpReply& reply) {
        reply({200, "text/plain", text + " " + request.method, {}});
    };
}

Router example() {
    Router router;
    router.add("GET", "/", says("page"));
    router.add("GET", "/api/v1/status", says("status"));
    router.add("POST", "/api/v1/reconcile", says("reconcile"));
    router.add("GET", "/api/*", says("api"));
    router.add("GET", "/static/*", says("file"));
    router.add("GET", "/static/deep/*", says("deep"));
    return router;
}

HttpResponse ask(const Router& router, const std::string& method, const std::string& path) {
    HttpResponse out;
    int replies = 0;
    HttpRequest request;
    request.method = method;
    request.path = path;
    router(request, [&](HttpResponse response) {
        out = std::move(response);
        ++replies;
    });
    CHECK(replies == 1);
    return out;
}

std::string headerOf(const HttpResponse& response, const std::string& name) {
    for (const auto& [known, value] : response.headers) {
        if (known == name) {
            return value;
        }
    }
    return {};
}

TEST_CASE("the exact route wins, then the one with the longest prefix", "[controller][router]") {
    const auto router = example();
    CHECK(ask(router, "GET", "/").body.text() == "page GET");
    CHECK(ask(router, "GET", "/api/v1/status").body.text() == "status GET");
    CHECK(ask(router, "GET", "/api/v1/other").body.text() == "api GET");
    CHECK(ask(router, "GET", "/static/a.css").body.text() == "file GET");
    CHECK(ask(router, "GET", "/static/deep/a.css").body.text() == "deep GET");
}

TEST_CASE("an unknown path is answered 404 with an error in JSON", "[controller][router]") {
    const auto router = example();
    for (const auto* path : {"/nothing", "/static/", "/static", "/api/v2x", "//"}) {
        INFO(path);
        const auto response = ask(router, "GET", path);
        CHECK(response.status == (std::string(path) == "/api/v2x" ? 200 : 404));
    }
    const auto body = nlohmann::json::parse(ask(router, "GET", "/nothing").body.text());
    CHECK(body["error"].get<std::string>() == "there is nothing at this path");
}

TEST_CASE("an unsupported method is answered 405 with the allowed methods", "[controller][router]") {
    const auto router = example();
    const auto response = ask(router, "POST", "/api/v1/status");
    CHECK(response.status == 405);
    CHECK(headerOf(response, "Allow") == "GET, HEAD, OPTIONS");
    CHECK(headerOf(ask(router, "GET", "/api/v1/reconcile"), "Allow") == "OPTIONS, POST");
    CHECK(ask(router, "get", "/").status == 405);
}

TEST_CASE("HEAD is routed like GET, and OPTIONS lists the methods", "[controller][router]") {
    const auto router = example();
    CHECK(ask(router, "HEAD", "/api/v1/status").body.text() == "status HEAD");
    CHECK(ask(router, "HEAD", "/api/v1/reconcile").status == 405);
    CHECK(ask(router, "OPTIONS", "/api/v1/reconcile").status == 204);
    CHECK(headerOf(ask(router, "OPTIONS", "*"), "Allow") == "GET, HEAD, OPTIONS, POST");
}

TEST_CASE("a second handler for the same route is a programming error", "[controller][router]") {
    auto router = example();
    CHECK_THROWS_AS(router.add("GET", "/", says("again")), std::logic_error);
    CHECK(router.routes().size() == 6);
    CHECK(router.routes().front().path == "/");
}

TEST_CASE("an error response is valid JSON for any text it quotes", "[controller][router]") {
    const auto response = errorResponse(400, "a \"quote\"\x1b[31m and \xff", "b\n");
    const auto body = nlohmann::json::parse(response.body.text());
    CHECK_FALSE(tests::contains(body["error"].get<std::string>(), "\x1b"));
    CHECK(body["hint"].get<std::string>() == "b\\x0a");
    CHECK_FALSE(nlohmann::json::parse(errorResponse(404, "x").body.text()).contains("hint"));
}

}  // namespace
}  // namespace vigie::controller
