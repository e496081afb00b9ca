// Tests spec/exporters: the list of types and their rows agree with the schema.

#include "spec/exporter_types.hpp"
#include "spec/schema.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>

namespace vigie::spec {
namespace {

const Schema& fieldOf(const Schema& schema, std::string_view name) {
    const auto it = std::find_if(schema.properties.begin(), schema.properties.end(),
                                 [&](const Property& each) { return each.name == name; });
    REQUIRE(it != schema.properties.end());
    return *it->schema;
}

const Schema& exporterSchema() {
    return *fieldOf(fieldOf(stackSchema(), "spec"), "exporters").items;
}

TEST_CASE("the rows of exporter types stand in the order of the schema, each with a section of its name",
          "[spec][exporters]") {
    const auto names = fieldOf(exporterSchema(), "type").enumeration;
    REQUIRE(names.size() == kExporterTypes.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto type = static_cast<ExporterType>(i);
        INFO(names[i]);
        CHECK(toText(type) == names[i]);
        ExporterType read = ExporterType::unknown;
        fromText(names[i], read);
        CHECK(read == type);
        CHECK(fieldOf(exporterSchema(), names[i]).type == Schema::Type::object);
        CHECK(kExporterTypes[i]->rendering != nullptr);
    }
}

TEST_CASE("an exporter of no known type has a row that says nothing", "[spec][exporters]") {
    ExporterType type = ExporterType::redis;
    fromText("redys", type);
    CHECK(type == ExporterType::unknown);
    Exporter exporter;
    exporter.fillIn();
    CHECK(exporter.port == 0);
    CHECK(exporter.image.empty());
    CHECK(exporter.observedService().empty());
    CHECK(exporter.row().secrets(exporter, {}).empty());
}

TEST_CASE("an exporter without its section observes nothing", "[spec][exporters]") {
    for (std::size_t i = 0; i < kExporterTypes.size(); ++i) {
        Exporter exporter;
        exporter.type = static_cast<ExporterType>(i);
        INFO(toText(exporter.type));
        CHECK(exporter.observedService().empty());
        CHECK(exporter.row().observed(exporter).port == 0);
        CHECK(exporter.row().secrets(exporter, {}).empty());
    }
}

}  // namespace
}  // namespace vigie::spec
