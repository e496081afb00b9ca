// The container of an exporter, by the row of its type.

#include "render/exporters.hpp"
#include "spec/exporter_types.hpp"
#include "spec/exposure.hpp"

namespace vigie::render {
namespace {

constexpr const char* kRestart = "unless-stopped";

}  // namespace

void publish(Service& service, const Builder& builder, const std::string& exposure, int hostPort,
             int containerPort, bool udp) {
    for (auto& address : spec::bindAddresses(builder.stack, builder.host, exposure)) {
        service.ports.push_back({std::move(address), hostPort, containerPort, udp});
    }
}

Service exporterService(const Builder& builder, const spec::Exporter& exporter,
                        const spec::Project& project) {
    Service out;
    out.name = exporter.serviceName();
    out.image = exporter.image;
    out.containerName = project.name + "-" + exporter.serviceName();
    out.user = userText(exporterUser(builder, exporter));
    out.restart = kRestart;
    if (!exporter.observedService().empty()) {
        out.dependsOn = {exporter.observedService()};
    }
    const auto files = exporterFiles(builder, exporter);
    if (!files.empty()) {
        out.mounts = {{"./" + exporter.serviceName(), kExporterMount, true}};
        // A new content makes the container anew: it may be read at the start only, and compose would not
        // know.
        out.contentDigest = digestOf(files);
    }
    renderingOf(exporter).container(out, builder, exporter);
    if (!out.hostNetwork) {
        publish(out, builder, exporter.exposure, exporter.port, exporter.usualPort());
    }
    addEnvironment(out, builder, exporter.env, kExporterMount);
    return out;
}

}  // namespace vigie::render
