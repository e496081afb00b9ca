// The exporter type `nginx`: nginx-prometheus-exporter, and the status page of the nginx that it observes.

#include "render/exporters.hpp"
#include "spec/exporter_types.hpp"

namespace vigie {
namespace {

using spec::Exporter;

/// Source: nginx-prometheus-exporter's README, "Command-line Arguments".
void container(render::Service& out, const render::Builder& /*builder*/, const Exporter& exporter) {
    out.command = {"--nginx.scrape-uri=http://" + exporter.nginx->service + ":" +
                   std::to_string(exporter.nginx->port) + exporter.nginx->path};
}

spec::Observed observed(const Exporter& exporter) {
    return exporter.nginx ? spec::Observed{exporter.nginx->service, exporter.nginx->port} : spec::Observed{};
}

constexpr render::ExporterRendering kRendering{.container = container};

}  // namespace

const spec::ExporterTypeRow spec::kNginxType{
    .program =
        {"nginx", "nginx-prometheus-exporter", "nginx/nginx-prometheus-exporter:1.4.2", {}, kTestedRendered},
    .port = 9113,
    .observes = "nginx",
    .upMetric = "nginx_up",
    .user =
        [](const Exporter&) {
            return Owner{65525, 65525};
        },
    .observed = observed,
    .rendering = &kRendering,
};

}  // namespace vigie
