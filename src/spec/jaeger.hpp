// `spec.jaeger` as plain structs.
#pragma once

#include "spec/attach.hpp"

#include <optional>
#include <string>

namespace vigie::spec {

struct JaegerMemory {
    int maxTraces = 0;
    bool operator==(const JaegerMemory&) const = default;
};

struct JaegerBadger {
    std::string directory;
    std::string ttl;
    bool operator==(const JaegerBadger&) const = default;
};

struct JaegerStorage {
    std::optional<JaegerMemory> memory;
    std::optional<JaegerBadger> badger;
    bool operator==(const JaegerStorage&) const = default;
};

struct Jaeger {
    std::string project;
    std::string image;
    int port = 0;
    std::string exposure = {};
    std::string otlpExposure = {};
    std::string version = {};  ///< as written; empty: told by the image
    std::optional<JaegerStorage> storage = {};
    Had had = {};

    /// Whether it is Jaeger 1, which is told by environment variables rather than a file.
    [[nodiscard]] bool first() const;
    bool operator==(const Jaeger&) const = default;
};

/// Whether the image is of Jaeger 1 by its name.
bool isFirstJaeger(const std::string& image);

}  // namespace vigie::spec
