// JSON that others wrote, with limits to what it may become in memory.
#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string_view>

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

}  // namespace vigie
