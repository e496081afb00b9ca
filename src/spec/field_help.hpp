// What the schema says about one field, for `vigie explain`.
#pragma once

#include "spec/schema.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the schema says about one field, for a person who asks by its path.
namespace vigie::spec {

struct FoundField {
    std::string path;  ///< such as `spec.hosts[].vpn`
    const Schema* schema = nullptr;
    bool required = false;
};

/// `path` as in spec.md (`spec.hosts[].vpn`), also without `spec.` and without or with other brackets
/// (`hosts[0].vpn`). A key of a mapping of names stands for any.
std::optional<FoundField> findField(const Schema& root, std::string_view path);

/// The mapping at `path`, or that of the list's items. Null: there is none.
const Schema* mappingAt(const Schema& root, std::string_view path);

/// Paths of fields that may have been meant by a path that `findField` does not find; the first are the
/// likeliest. All fields of this very name, when it is one word.
std::vector<std::string> nearFields(const Schema& root, std::string_view path);

/// Path, type, whether it is required or its default, what it may hold, its meaning and, of a mapping, its
/// fields.
std::string describeField(const FoundField& field);

}  // namespace vigie::spec
