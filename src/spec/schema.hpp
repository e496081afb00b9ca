// The compiled schema: constant tables of types, fields and limits.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

/// An OpenAPI v3 schema as constant tables. `tools/schema_compiler.cpp` writes them at build time; the subset
/// is that of a Kubernetes structural schema.
namespace vigie::spec {

struct Schema;

struct Property {
    std::string_view name;
    const Schema* schema = nullptr;
    bool required = false;
};

struct Schema {
    enum class Type : std::uint8_t { object, array, string, integer, boolean };

    Type type = Type::object;
    std::string_view description = {};
    std::string_view format = {};               ///< a check of format.hpp, or empty
    std::string_view defaultYaml = {};          ///< a YAML scalar or `{}`; empty: no default
    std::span<const Property> properties = {};  ///< objects
    const Schema* additional = nullptr;         ///< objects: what any other key holds; null: no other key
    bool preserveUnknown = false;               ///< objects: anything goes
    std::string_view shortFor =
        {};  ///< objects: a text stands for one with this field alone; empty: none does
    const Schema* items = nullptr;  ///< arrays
    std::string_view mapKey = {};   ///< arrays: the field that names an item; empty: none
    bool unique = false;            ///< arrays of texts: none may stand twice
    std::span<const std::string_view> enumeration = {};  ///< strings
    std::int64_t minimum = INT64_MIN;                    ///< integers
    std::int64_t maximum = INT64_MAX;                    ///< integers
    std::uint64_t minLength = 0;  ///< strings: bytes (an API server counts characters), arrays: items
    std::uint64_t maxLength = UINT64_MAX;  ///< strings: bytes, arrays: items
};

/// `openAPIV3Schema` of crd/monitoringstacks.vigie.dev.yaml.
const Schema& stackSchema();

/// controller/config.schema.yaml, the host's own configuration.
const Schema& configSchema();

/// src/facts/facts.schema.yaml, what a host is.
const Schema& factsSchema();

}  // namespace vigie::spec
