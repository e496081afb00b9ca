// JSON that others wrote, with limits to what it may become in memory.
#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace vigie {

/// A value takes 16 bytes in memory, an object or a list with something in it a hundred, and in the text as
/// few as two: eight million bytes of `[` or `{},` become some hundred million. The largest answer that we
/// ask for, that of Prometheus about its targets, has twenty values for each; the engine's about a container
/// five hundred.
struct JsonLimits {
    std::size_t depth = 64;        ///< lists and objects inside of each other
    std::size_t values = 400'000;  ///< in all, with the names of members
};

/// Whether `bytes` stay within the limits. Of what is no JSON it says nothing of use.
bool fitsJson(std::string_view bytes, const JsonLimits& limits = {});

/// What `bytes` say; discarded (`is_discarded()`) when they are no JSON, or beyond the limits. The one way to
/// parse what this program has not written itself.
template <class Json = nlohmann::json>
Json parseJson(std::string_view bytes, const JsonLimits& limits = {}) {
    return fitsJson(bytes, limits) ? Json::parse(bytes, nullptr, false) : Json(Json::value_t::discarded);
}

/// The member `key` of what others wrote; `otherwise` when it is no object, has no such member, or one of
/// another type. For a JSON value as `otherwise`, any type will do.
template <class Json, class Value>
Value memberOr(const Json& object, const char* key, Value otherwise) {
    const auto it = object.is_object() ? object.find(key) : object.end();
    if (it == object.end()) {
        return otherwise;
    }
    if constexpr (std::is_same_v<Value, Json>) {
        return *it;
    } else {
        const bool is = std::is_same_v<Value, bool>          ? it->is_boolean()
                        : std::is_integral_v<Value>          ? it->is_number_integer()
                        : std::is_same_v<Value, std::string> ? it->is_string()
                                                             : false;
        return is ? it->template get<Value>() : std::move(otherwise);
    }
}

template <class Json>
std::string memberOr(const Json& object, const char* key, const char* otherwise) {
    return memberOr(object, key, std::string(otherwise));
}

}  // namespace vigie
