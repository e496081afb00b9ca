#include "render/places.hpp"

#include "base/error.hpp"
#include "render/builder.hpp"
#include "render/host.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::render {
namespace {

spec::Stack withUserlist(const std::string& file) {
    auto stack = tests::moments();
    stack.exporters[0].pgbouncer.userlist.emplace();
    stack.exporters[0].pgbouncer.userlist->file = file;
    return stack;
}

std::vector<std::string> codes(const spec::Stack& stack) {
    spec::Diagnostics diagnostics;
    checkPlaces(stack, spec::Reporter(diagnostics, "stack.yaml"));
    std::vector<std::string> out;
    for (const auto& diagnostic : diagnostics.all()) {
        out.push_back(diagnostic.code);
    }
    return out;
}

using Codes = std::vector<std::string>;

TEST_CASE("two resources at one place are an error before anything is rendered", "[render]") {
    for (const char* file : {"/opt/moments/docker-compose.monitoring.yml", "/etc/wireguard/wg0.conf"}) {
        CAPTURE(file);
        const auto stack = withUserlist(file);
        CHECK(codes(stack) == Codes{"VG0473"});
        CHECK_THROWS_AS(renderHost(stack, *stack.host("vps"), {}), Error);
    }
    const auto good = withUserlist("/opt/moments/pgbouncer/userlist.txt");
    CHECK(codes(good).empty());
    CHECK_NOTHROW(renderHost(good, *good.host("vps"), {}));
}

TEST_CASE("a file that is a directory to another resource is a clash", "[render]") {
    CHECK(codes(withUserlist("/opt/moments")) == Codes{"VG0473"});
    const auto above = withUserlist("/opt");
    CHECK(codes(above) == Codes{"VG0473"});
    CHECK_THROWS_AS(renderHost(above, *above.host("vps"), {}), Error);
}

TEST_CASE("files of the user's and places of the system are never written", "[render]") {
    CHECK(codes(withUserlist("/opt/moments/docker-compose.prod.yml")) == Codes{"VG0408"});
    CHECK(codes(withUserlist("/opt/moments/.env")) == Codes{"VG0408"});
    CHECK(codes(withUserlist("/etc/passwd")) == Codes{"VG0474"});
    CHECK(codes(withUserlist("/etc")) == Codes{"VG0474"});
    CHECK(codes(withUserlist("/etc/vigie/x")) == Codes{"VG0474"});
    CHECK(codes(withUserlist("/etc/wireguard/wg0.key")) == Codes{"VG0474"});
}

TEST_CASE("a directory that must have a mode agrees with one that must only be there", "[render]") {
    const spec::Stack stack = tests::moments();
    const Inputs nothing;
    for (const bool exactFirst : {true, false}) {
        Builder builder(stack, stack.hosts[0], nothing);
        if (exactFirst) {
            builder.exactDirectory("/a", 0700, {7, 7}, "exact");
        }
        builder.directory("/a", "any");
        if (!exactFirst) {
            builder.exactDirectory("/a", 0700, {7, 7}, "exact");
        }
        CHECK(clashesOf(builder).empty());
        REQUIRE(builder.resources().size() == 1);
        const auto& directory = std::get<Directory>(builder.resources()[0].what);
        CHECK(directory.exact);
        CHECK(directory.mode == 0700);
        builder.exactDirectory("/a", 0755, {7, 7}, "another mode");
        CHECK(clashesOf(builder).size() == 1);
    }
}

}  // namespace
}  // namespace vigie::render
