#include "render/places.hpp"

#include "base/error.hpp"
#include "render/builder.hpp"
#include "render/host.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <utility>
#include <variant>

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

/// One of each kind.
template <std::size_t... I>
std::vector<What> oneOfEach(std::index_sequence<I...> /*kinds*/) {
    return {What(std::in_place_index<I>)...};
}

TEST_CASE("nothing that is added is dropped without a word", "[render]") {
    const auto kinds = oneOfEach(std::make_index_sequence<std::variant_size_v<What>>());
    const spec::Stack stack = tests::moments();
    const Inputs nothing;
    for (const auto& first : kinds) {
        for (const auto& second : kinds) {
            Builder builder(stack, stack.hosts[0], nothing);
            builder.from({"spec", "first"});
            builder.add({"same", first, {}, Effect::none, ""});
            builder.from({"spec", "second"});
            builder.add({"same", second, {}, Effect::none, ""});
            CAPTURE(first.index(), second.index());
            CHECK(builder.resources().size() == 1);
            REQUIRE(builder.clashes().size() == (first.index() == second.index() ? 0 : 1));
            if (first.index() != second.index()) {
                CHECK(builder.clashes()[0].first.text() == "spec.first");
                CHECK(builder.clashes()[0].second.text() == "spec.second");
            }
        }
    }
}

TEST_CASE("an override in the place of another file is a clash", "[render]") {
    auto stack = tests::moments();
    for (auto& project : stack.projects) {
        if (project.name == stack.exporters[0].project) {
            project.overrideFile = stack.exporters[0].serviceName() + "/pgpass";
        }
    }
    CHECK(codes(stack) == Codes{"VG0473"});
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
