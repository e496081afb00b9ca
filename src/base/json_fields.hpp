// Reads and writes JSON by the descriptions of structs: `describe(io, value)` names every field.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <type_traits>
#include <vector>

namespace vigie {

/// Whether JSON has no form of its own for it: a struct that is described, or a list of them.
template <class T>
constexpr bool kIsDescribed = !std::is_constructible_v<nlohmann::json, T>;

/// What is absent keeps its value. Throws nlohmann::json::exception for a value of another type.
class JsonReader {
public:
    explicit JsonReader(const nlohmann::json& from) : from_(&from) {}

    template <class T>
    void field(const char* key, T& value) const {
        if (const auto it = from_->find(key); it != from_->end()) {
            read(*it, value);
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
    template <class T>
    static void read(const nlohmann::json& from, T& value) {
        if constexpr (kIsDescribed<T>) {
            const JsonReader inner(from);
            describe(inner, value);
        } else {
            from.get_to(value);
        }
    }

    template <class T>
    requires kIsDescribed<T>
    static void read(const nlohmann::json& from, std::vector<T>& value) {
        if (!from.is_array()) {
            throw nlohmann::json::type_error::create(302, "a list was expected", &from);
        }
        value.clear();
        for (const auto& each : from) {
            read(each, value.emplace_back());
        }
    }

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
        } else {
            write((*to_)[key], value);
        }
    }

    template <class F>
    void group(const char* key, F fields) {
        JsonWriter inner((*to_)[key]);
        fields(inner);
    }

private:
    template <class T>
    static void write(nlohmann::json& to, const T& value) {
        if constexpr (kIsDescribed<T>) {
            JsonWriter inner(to);
            describe(inner, value);
        } else {
            to = value;
        }
    }

    template <class T>
    requires kIsDescribed<T>
    static void write(nlohmann::json& to, const std::vector<T>& value) {
        to = nlohmann::json::array();
        for (const auto& each : value) {
            write(to.emplace_back(nullptr), each);
        }
    }

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
