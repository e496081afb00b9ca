// Tests controller/page.

#include "controller/page.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"

namespace vigie::controller {
namespace {

HttpResponse get(const std::string& path, const std::string& known = "") {
    HttpRequest request;
    request.method = "GET";
    request.path = path;
    if (!known.empty()) {
        request.headers["if-none-match"] = known;
    }
    return pageHandler(request);
}

std::string header(const HttpResponse& response, const std::string& name) {
    for (const auto& [key, value] : response.headers) {
        if (key == name) {
            return value;
        }
    }
    return {};
}

std::string source(const std::string& name) {
    return tests::readSource("controller/page/" + name);
}

}  // namespace

TEST_CASE("the page's files are served as they are in the source", "[controller][page]") {
    CHECK(pagePaths() == std::vector<std::string>{"/", "/app.js", "/style.css"});
    CHECK(get("/").body.text() == source("index.html"));
    CHECK(get("/app.js").body.text() == source("app.js"));
    CHECK(get("/style.css").body.text() == source("style.css"));
    CHECK(get("/").contentType == "text/html; charset=utf-8");
    CHECK(get("/app.js").contentType == "text/javascript; charset=utf-8");
    CHECK(get("/style.css").contentType == "text/css; charset=utf-8");
}

TEST_CASE("the page's security headers allow only its own resources", "[controller][page]") {
    for (const auto& path : pagePaths()) {
        const std::string policy = header(get(path), "Content-Security-Policy");
        for (const std::string part :
             {"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
              "img-src 'self' data:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
              "require-trusted-types-for 'script'"}) {
            CHECK((policy + ";").find(part + ";") != std::string::npos);
        }
        CHECK(policy.find("unsafe") == std::string::npos);
        CHECK(header(get(path), "X-Content-Type-Options") == "nosniff");
        CHECK(header(get(path), "Referrer-Policy") == "no-referrer");
    }
}

TEST_CASE("a browser that has a file of the page gets 304 without the file", "[controller][page]") {
    const auto first = get("/app.js");
    const std::string tag = header(first, "ETag");
    REQUIRE(tag.size() == 66);
    CHECK(header(first, "Cache-Control") == "no-cache");
    for (const auto& known : {tag, "W/" + tag, "\"other\", " + tag, std::string("*")}) {
        const auto again = get("/app.js", known);
        CHECK(again.status == 304);
        CHECK(again.body.text().empty());
        CHECK(header(again, "ETag") == tag);
    }
    CHECK(get("/app.js", "\"other\"").status == 200);
    CHECK(get("/style.css", tag).status == 200);
}

TEST_CASE("a path that is no file of the page is answered 404", "[controller][page]") {
    for (const std::string path :
         {"", "/index.html", "/page.cpp", "//", "/../app.js", "/app.js/", "/APP.JS"}) {
        CHECK(get(path).status == 404);
    }
}

TEST_CASE("all files of the page together are smaller than 100 KiB", "[controller][page]") {
    std::size_t bytes = 0;
    for (const auto& file : pageFiles()) {
        bytes += file.text.size();
    }
    CHECK(bytes < 100U * 1024U);
}

}  // namespace vigie::controller
