// The exporter type `node`: node_exporter, which shows the host itself.

#include "render/exporters.hpp"
#include "spec/address.hpp"
#include "spec/exporter_types.hpp"
#include "spec/exposure.hpp"

#include <array>

namespace vigie {
namespace {

using spec::Exporter;

constexpr std::array kVersions = {spec::ImageVersion{1, 9}, spec::ImageVersion{1, 11}};

/// In the host's own network, where it binds to the very addresses on which a port would be published.
/// Source: node_exporter's README, "Docker".
void container(render::Service& out, const render::Builder& builder, const Exporter& exporter) {
    constexpr const char* kRoot = "/host";
    out.hostNetwork = true;
    out.hostProcesses = true;
    out.mounts.push_back({"/", kRoot, true, true});
    out.command.emplace_back("--path.rootfs=" + std::string(kRoot));
    for (const auto& address : spec::bindAddresses(builder.stack, builder.host, exporter.exposure)) {
        out.command.emplace_back("--web.listen-address=" + (address.empty()
                                                                ? ":" + std::to_string(exporter.port)
                                                                : spec::hostPort(address, exporter.port)));
    }
    if (exporter.node) {
        for (const auto& collector : exporter.node->enable) {
            out.command.emplace_back("--collector." + collector);
        }
        for (const auto& collector : exporter.node->disable) {
            out.command.emplace_back("--no-collector." + collector);
        }
    }
}

constexpr render::ExporterRendering kRendering{.container = container};

}  // namespace

const spec::ExporterTypeRow spec::kNodeType{
    .program = {"node", "node_exporter", "prom/node-exporter:v1.9.1", kVersions, kTestedNewest},
    .port = 9100,
    .needsSection = false,
    .hostNetwork = true,
    .showsHost = true,
    .movesAtOnce = true,
    // It sees the host's files and processes: it owns nothing of ours but what `env` gives to it.
    .user =
        [](const Exporter&) {
            return Owner{65521, 65521};
        },
    .rendering = &kRendering,
};

}  // namespace vigie
