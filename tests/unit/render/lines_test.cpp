// Texts of the document that become lines of files without escapes: PostgreSQL's password file, PgBouncer's
// auth_file, the tunnel's configuration, units and kernel settings.
#include "spec/format.hpp"
#include "spec/schema.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace vigie::spec {
namespace {

const Schema& at(const Schema& schema, std::string_view field) {
    const auto it = std::find_if(schema.properties.begin(), schema.properties.end(),
                                 [&](const Property& each) { return each.name == field; });
    REQUIRE(it != schema.properties.end());
    return it->schema->type == Schema::Type::array ? *it->schema->items : *it->schema;
}

/// Fields that name something else of the document: what they name was looked at there.
bool isReference(std::string_view field) {
    static constexpr std::array<std::string_view, 6> kReferences = {"secret", "host",  "project",
                                                                    "hub",    "hosts", "dependsOn"};
    return std::find(kReferences.begin(), kReferences.end(), field) != kReferences.end();
}

/// Checks every text below `schema`, and returns how many there are.
std::size_t checkTexts(const Schema& schema, const std::string& path, std::string_view field) {
    std::size_t seen = 0;
    if (schema.type == Schema::Type::string && !isReference(field) && schema.enumeration.empty()) {
        INFO(path);
        CHECK_FALSE(schema.format.empty());
        for (const auto& bad : {std::string("a\nb"), std::string("a\rb"), std::string("a\0b", 3),
                                std::string("a\x1b") + "b", std::string("a\x7f") + "b"}) {
            CHECK((schema.format.empty() || checkFormat(schema.format, bad)));
        }
        ++seen;
    }
    if (schema.items != nullptr) {
        seen += checkTexts(*schema.items, path + "[]", field);
    }
    for (const auto& property : schema.properties) {
        seen += property.name == "labels"
                    ? 0  // only in YAML
                    : checkTexts(*property.schema, path + "." + std::string(property.name), property.name);
    }
    return seen;
}

TEST_CASE("a text that becomes part of a line cannot hold a line feed", "[render][schema]") {
    const auto& spec = at(stackSchema(), "spec");
    std::size_t seen = 0;
    for (const char* part : {"hosts", "wireguard", "projects", "registries"}) {
        if (std::string_view(part) == "registries") {
            seen += checkTexts(at(at(spec, part), "server"), "registries.server", "server");
        } else {
            seen += checkTexts(at(spec, part), part, part);
        }
    }
    for (const char* type : {"postgres", "redis", "pgbouncer"}) {
        seen += checkTexts(at(at(spec, "exporters"), type), type, type);
    }
    CHECK(seen > 25);
}

}  // namespace
}  // namespace vigie::spec
