// What the environment variables of OpenTelemetry's specification hold, as far as they say where traces go.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vigie::spec {

/// Source: OpenTelemetry's specification, "OpenTelemetry Protocol Exporter" ("Endpoint URLs for OTLP/HTTP")
/// and "Environment Variable Specification".
enum class OtelVariable : std::uint8_t {
    none,            ///< no variable of the specification: the program reads it in its own way
    endpoint,        ///< OTEL_EXPORTER_OTLP_ENDPOINT, the base of all signals: SDKs append the path
    tracesEndpoint,  ///< OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, taken as it is; it wins over the base
    other,           ///< holds something else than where OTLP's traces go
};

OtelVariable otelVariable(std::string_view name);

/// What the variable `name` holds so that traces arrive at `base` (`http://address:port`). `grpc` knows no
/// paths.
std::string tracesEndpoint(std::string_view name, std::string_view base, bool grpc);

}  // namespace vigie::spec
