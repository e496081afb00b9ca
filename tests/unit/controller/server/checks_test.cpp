// Tests controller/server/checks.

#include "controller/server/checks.hpp"

#include "tests/support/catch.hpp"

namespace vigie::controller {
namespace {

HttpRequest post(std::map<std::string, std::string> headers, bool mayChange = true) {
    HttpRequest out;
    out.method = "POST";
    out.path = "/api/v1/reconcile";
    out.headers = std::move(headers);
    out.mayChange = mayChange;
    return out;
}

const Way kWithTls{false, true, [](const std::string& name) { return name == "vps.example.org"; }};

int statusOf(const HttpRequest& request, const Way& way = {}) {
    const auto refusal = refusalOf(request, way, {"vm.lan"});
    return refusal ? refusal->status : 0;
}

TEST_CASE("an HTTP read needs no token, an HTTP change does", "[controller][server]") {
    auto request = post({{"host", "127.0.0.1:9469"}}, false);
    CHECK(statusOf(request) == 401);
    CHECK(refusalOf(request, {}, {})->headers.front().first == "WWW-Authenticate");
    for (const auto* method : {"GET", "HEAD", "OPTIONS"}) {
        request.method = method;
        CHECK(statusOf(request) == 0);
    }
    for (const auto* method : {"PUT", "PATCH", "DELETE", "TRACE", "get", "X"}) {
        request.method = method;
        CHECK(statusOf(request) == 401);
    }
    request.mayChange = true;
    CHECK(statusOf(request) == 0);
}

TEST_CASE("a Host header with an arbitrary name is answered 403 for reads, but for health checks",
          "[controller][server]") {
    auto request = post({{"host", "evil.example"}}, false);
    for (const auto* method : {"GET", "HEAD", "OPTIONS"}) {
        request.method = method;
        for (const auto* path : {"/", "/api/v1/status", "/metrics", "/healthz/../api/v1/status"}) {
            request.path = path;
            CHECK(statusOf(request) == 403);
        }
        for (const auto* path : {"/healthz", "/readyz"}) {
            request.path = path;
            CHECK(statusOf(request) == 0);
        }
    }
    request.path = "/api/v1/status";
    request.method = "GET";
    request.headers = {{"host", "vm.lan"}};
    CHECK(statusOf(request) == 0);
    request.headers.clear();  // no browser
    CHECK(statusOf(request) == 0);
}

TEST_CASE("webhooks need neither a token nor a known Host header", "[controller][server]") {
    auto request = post({{"host", "vps.example.org"}}, false);
    request.path = "/hooks/github";
    CHECK(statusOf(request) == 0);
    request.path = "/hooksx";
    CHECK(statusOf(request) != 0);
}

TEST_CASE("a Host header with an arbitrary name is answered 403 for changes, unless TLS is used",
          "[controller][server]") {
    for (const auto* host : {"127.0.0.1", "127.0.0.1:9469", "[::1]:9469", "[::1]", "localhost", "LocalHost:1",
                             "10.66.66.1:9469"}) {
        INFO(host);
        CHECK(statusOf(post({{"host", host}})) == 0);
    }
    for (const auto* host : {"evil.example", "evil.example:9469", "127.0.0.1.evil.example",
                             "localhost.evil.example", "[::1].x", "[::1]evil.example:1", "", "["}) {
        INFO(host);
        CHECK(statusOf(post({{"host", host}})) == 403);
    }
    CHECK(statusOf(post({})) == 403);
    CHECK(statusOf(post({{"host", "VM.lan:9469"}})) == 0);  // the operator's own word
    CHECK(statusOf(post({{"host", "vps.example.org"}}), kWithTls) == 0);
    CHECK(statusOf(post({{"host", "VPS.example.org:9469"}}), kWithTls) == 0);
    CHECK(statusOf(post({{"host", "evil.example"}}), kWithTls) == 403);
    CHECK(statusOf(post({{"host", "vm.lan"}}), kWithTls) == 0);
    CHECK(statusOf(post({{"host", "vps.example.org"}})) == 403);
    CHECK(statusOf(post({{"host", "docker"}}), {true, false}) == 0);
}

TEST_CASE("a change from a page of another origin is answered 403", "[controller][server]") {
    const std::string host = "127.0.0.1:9469";
    CHECK(statusOf(post({{"host", host}, {"origin", "http://127.0.0.1:9469"}})) == 0);
    for (const auto* origin : {"http://evil.example", "https://127.0.0.1:9469", "http://127.0.0.1",
                               "http://127.0.0.1:9470", "null", ""}) {
        INFO(origin);
        CHECK(statusOf(post({{"host", host}, {"origin", origin}})) == 403);
    }
    CHECK(statusOf(post({{"host", "vps.example.org"}, {"origin", "https://vps.example.org"}}), kWithTls) ==
          0);
    CHECK(statusOf(post({{"host", "vps.example.org"}, {"origin", "http://vps.example.org"}}), kWithTls) ==
          403);
    CHECK(statusOf(post({{"host", host}, {"sec-fetch-site", "cross-site"}})) == 403);
    CHECK(statusOf(post({{"host", host}, {"sec-fetch-site", "same-site"}})) == 403);
    CHECK(statusOf(post({{"host", host}, {"sec-fetch-site", "same-origin"}})) == 0);
    CHECK(statusOf(post({{"host", host}, {"sec-fetch-site", "none"}})) == 0);
}

}  // namespace
}  // namespace vigie::controller
