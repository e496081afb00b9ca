// Reads and writes JSON by the descriptions of structs: `describe(io, value)` names every field.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <type_traits>
#include <vector>

namespace vigie {

/// What is absent keeps its value. Throws nlohmann::json::exception for a value of another type.
class JsonReader {
public:
    explicit JsonReader(const nlohmann::json& from) : from_(&from) {}

    template <class T>
    void field(const char* key, T& value) const {
        if (const auto it = from_->find(key); it != from_->end()) {
            if constexpr (std::is_constructible_v<nlohmann::json, T>) {
                it->get_to(value);
            } else {
                JsonReader inner(*it);
                describe(inner, value);
            }
        }
    }

    /// The fields of a nested object that has no struct of its own.
    template <class F>
    void group(const char* key, F fields) const {
        if (const auto it = from_->find(key); it != from_->end()) {
            JsonReader inner(*it);
            fields(inner);
        }
    }

private:
    const nlohmann::json* from_;
};

/// Empty texts are left away.
class JsonWriter {
public:
    explicit JsonWriter(nlohmann::json& to) : to_(&to) {
        if (to.is_null()) {
            to = nlohmann::json::object();
        }
    }

    template <class T>
    void field(const char* key, const T& value) {
        if constexpr (std::is_same_v<T, std::string>) {
            if (!value.empty()) {
                (*to_)[key] = value;
            }
        } else if constexpr (std::is_constructible_v<nlohmann::json, T>) {
            (*to_)[key] = value;
        } else {
            JsonWriter inner((*to_)[key]);
            describe(inner, value);
        }
    }

    template <class F>
    void group(const char* key, F fields) {
        JsonWriter inner((*to_)[key]);
        fields(inner);
    }

private:
    nlohmann::json* to_;
};

template <class T>
nlohmann::json toJson(const T& value) {
    nlohmann::json out;
    JsonWriter io(out);
    describe(io, value);
    return out;
}

/// Throws nlohmann::json::exception.
template <class T>
T fromJson(const nlohmann::json& json) {
    T out;
    const JsonReader io(json);
    describe(io, out);
    return out;
}

}  // namespace vigie
