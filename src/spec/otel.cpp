// The environment variables of OpenTelemetry's specification.

#include "spec/otel.hpp"

#include <algorithm>
#include <array>

namespace vigie::spec {
namespace {

constexpr std::string_view kPath = "/v1/traces";

}  // namespace

OtelVariable otelVariable(std::string_view name) {
    // Variables of the SDK itself, and all that belongs to an exporter or a processor of one signal.
    static constexpr std::array<std::string_view, 11> kOthers = {
        "OTEL_SERVICE_NAME",    "OTEL_RESOURCE_ATTRIBUTES",
        "OTEL_SDK_DISABLED",    "OTEL_ENTITIES",
        "OTEL_LOG_LEVEL",       "OTEL_PROPAGATORS",
        "OTEL_CONFIG_FILE",     "OTEL_EXPERIMENTAL_CONFIG_FILE",
        "OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER",
        "OTEL_LOGS_EXPORTER"};
    static constexpr std::array<std::string_view, 4> kGroups = {"OTEL_EXPORTER_", "OTEL_TRACES_SAMPLER",
                                                                "OTEL_BSP_", "OTEL_BLRP_"};
    if (name == "OTEL_EXPORTER_OTLP_ENDPOINT") {
        return OtelVariable::endpoint;
    }
    if (name == "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") {
        return OtelVariable::tracesEndpoint;
    }
    const bool other =
        std::find(kOthers.begin(), kOthers.end(), name) != kOthers.end() ||
        std::any_of(kGroups.begin(), kGroups.end(), [&](auto group) { return name.starts_with(group); });
    return other ? OtelVariable::other : OtelVariable::none;
}

std::string tracesEndpoint(std::string_view name, std::string_view base, bool grpc) {
    std::string out(base);
    if (!grpc && otelVariable(name) != OtelVariable::endpoint) {
        out += kPath;
    }
    return out;
}

}  // namespace vigie::spec
