// Reads members of JSON that the engine, Prometheus and ip(8) print.
#pragma once

#include "base/encoding.hpp"
#include "base/parse_json.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace vigie::apply {

// What the HTTP APIs of the engine and of Prometheus, and the output of ip(8), have in common: JSON of
// others, of which nothing is sure.

inline std::string percentEncoded(std::string_view text) {
    SecureBytes out;
    appendPercentEncoded(out, text);
    return std::string(view(out));
}

/// A member, or null.
inline const nlohmann::json& member(const nlohmann::json& object, const char* key) {
    static const nlohmann::json kNull;
    return object.is_object() && object.contains(key) ? object[key] : kNull;
}

/// A string member, or empty; the engine writes null for what is not set.
inline std::string text(const nlohmann::json& object, const char* key) {
    return memberOr(object, key, "");
}

/// A list member, or an empty one.
inline const nlohmann::json& list(const nlohmann::json& object, const char* key) {
    static const nlohmann::json kNone = nlohmann::json::array();
    const auto& found = member(object, key);
    return found.is_array() ? found : kNone;
}

/// `answered 404`, for messages.
inline std::string answeredWith(int status) {
    constexpr int kFirstRedirect = 300;
    constexpr int kFirstFailure = 400;
    const bool redirects = status >= kFirstRedirect && status < kFirstFailure;
    return "answered " + std::to_string(status) +
           (redirects ? " (it sends us to another address, which is not followed)" : "");
}

}  // namespace vigie::apply
