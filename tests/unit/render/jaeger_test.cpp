// Tests render/jaeger: Jaeger's container.

#include "render/jaeger.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>

namespace vigie::render {
namespace {

using tests::contains;

struct Rendered {
    std::vector<Resource> resources;

    explicit Rendered(const std::function<void(spec::Jaeger&)>& change) {
        auto stack = tests::moments();
        change(*stack.jaeger);
        resources = renderHost(stack, *stack.host("vm"), {});
    }
    [[nodiscard]] const Resource* find(const std::string& id) const {
        const auto it = std::find_if(resources.begin(), resources.end(),
                                     [&](const Resource& resource) { return resource.id == id; });
        return it == resources.end() ? nullptr : &*it;
    }
    [[nodiscard]] Service service() const {
        return std::get<ComposeService>(find("compose:monitoring/jaeger")->what).service;
    }
    [[nodiscard]] std::string file() const {
        const auto* resource = find("file:/opt/monitoring/jaeger/config.yaml");
        return resource == nullptr ? "" : std::get<File>(resource->what).content.masked();
    }
    [[nodiscard]] std::optional<Directory> directory(const std::string& path) const {
        const auto* resource = find("directory:" + path);
        return resource == nullptr ? std::nullopt : std::optional(std::get<Directory>(resource->what));
    }
};

void badger(spec::Jaeger& jaeger) {
    jaeger.storage = spec::JaegerStorage{{}, spec::JaegerBadger{"./traces", "2d"}};
}

TEST_CASE("Jaeger 2 without storage settings has neither arguments nor files", "[render][jaeger]") {
    const Rendered it([](spec::Jaeger&) {});
    CHECK(it.service().command.empty());
    CHECK(it.service().environment.empty());
    CHECK(it.service().mounts.empty());
    CHECK(it.file().empty());
}

TEST_CASE("Jaeger 2 with Badger gets a configuration file and a data directory of its user",
          "[render][jaeger]") {
    const Rendered it(badger);
    CHECK(it.service().command.at(0).masked() == "--config=/etc/jaeger/config.yaml");
    CHECK(it.service().user == "10001:10001");
    CHECK(contains(it.file(), "keys: \"/badger/keys\"\n"));
    CHECK(contains(it.file(), "spans: \"48h\"\n"));  // Go knows no days
    CHECK(contains(it.file(), "endpoint: \"0.0.0.0:4317\"\n"));
    CHECK(contains(it.file(), "endpoint: \"0.0.0.0:4318\"\n"));
    CHECK(contains(it.file(), "endpoint: \"0.0.0.0:16686\"\n"));
    const auto data = it.directory("/opt/monitoring/traces");
    REQUIRE(data);
    CHECK(data->exact);
    CHECK(data->owner.uid == 10001);
    const auto& after = it.find("compose:monitoring/jaeger")->dependsOn;
    for (const char* id : {"directory:/opt/monitoring/traces", "file:/opt/monitoring/jaeger/config.yaml"}) {
        INFO(id);
        CHECK(std::count(after.begin(), after.end(), id) == 1);
    }
}

TEST_CASE("a changed configuration of Jaeger 2 recreates its container", "[render][jaeger]") {
    const auto digest = [](int traces) {
        return Rendered([&](spec::Jaeger& jaeger) {
                   jaeger.storage = spec::JaegerStorage{spec::JaegerMemory{traces}, {}};
               })
            .service()
            .contentDigest;
    };
    CHECK_FALSE(digest(10).empty());
    CHECK(digest(10) == digest(10));
    CHECK(digest(10) != digest(20));
    CHECK(contains(Rendered([](spec::Jaeger& jaeger) {
                       jaeger.storage = spec::JaegerStorage{spec::JaegerMemory{10}, {}};
                   }).file(),
                   "max_traces: 10\n"));
}

TEST_CASE("Jaeger 1 is configured by environment variables", "[render][jaeger]") {
    const auto first = [](spec::Jaeger& jaeger) { jaeger.image = "jaegertracing/all-in-one:1.57"; };
    const auto plain = Rendered(first);
    CHECK(plain.service().environment.at("COLLECTOR_OTLP_ENABLED") == "true");
    CHECK(plain.service().environment.at("SPAN_STORAGE_TYPE") == "memory");
    CHECK(plain.file().empty());
    const Rendered memory([&](spec::Jaeger& jaeger) {
        first(jaeger);
        jaeger.storage = spec::JaegerStorage{spec::JaegerMemory{10}, {}};
    });
    CHECK(memory.service().environment.at("MEMORY_MAX_TRACES") == "10");
    const Rendered files([&](spec::Jaeger& jaeger) {
        first(jaeger);
        badger(jaeger);
    });
    const auto environment = files.service().environment;
    CHECK(environment.at("SPAN_STORAGE_TYPE") == "badger");
    CHECK(environment.at("BADGER_EPHEMERAL") == "false");
    CHECK(environment.at("BADGER_DIRECTORY_VALUE") == "/badger/values");
    CHECK(environment.at("BADGER_SPAN_STORE_TTL") == "48h");
    CHECK(files.directory("/opt/monitoring/traces")->owner.uid == 10001);
    CHECK(files.file().empty());
}

}  // namespace
}  // namespace vigie::render
