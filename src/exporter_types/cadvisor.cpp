// The exporter type `cadvisor`: cAdvisor, which shows the containers of the host.

#include "render/exporters.hpp"
#include "spec/exporter_types.hpp"
#include "spec/users.hpp"

namespace vigie {
namespace {

using spec::Exporter;

/// Source: cAdvisor's docs/running.md.
void container(render::Service& out, const render::Builder& /*builder*/, const Exporter& exporter) {
    out.user.clear();  // the image's own, root: what it reads belongs to root
    for (const auto& [source, target] :
         {std::pair{"/", "/rootfs"}, std::pair{"/var/run", "/var/run"}, std::pair{"/sys", "/sys"},
          std::pair{"/var/lib/docker", "/var/lib/docker"}, std::pair{"/dev/disk", "/dev/disk"}}) {
        out.mounts.push_back({source, target, true});
    }
    if (!exporter.cadvisor) {
        return;
    }
    if (exporter.cadvisor->dockerOnly) {
        out.command.emplace_back("--docker_only=true");
    }
    if (!exporter.cadvisor->housekeepingInterval.empty()) {
        out.command.emplace_back("--housekeeping_interval=" + exporter.cadvisor->housekeepingInterval);
    }
    if (exporter.cadvisor->privileged) {
        out.privileged = true;
        out.devices = {"/dev/kmsg"};
    }
}

constexpr render::ExporterRendering kRendering{.container = container};

}  // namespace

const spec::ExporterTypeRow spec::kCadvisorType{
    .program = {"cadvisor", "cAdvisor", "ghcr.io/google/cadvisor:v0.53.0", {}, kTestedRendered},
    .port = 8080,
    .needsSection = false,
    .showsHost = true,
    .user = [](const Exporter&) { return kRoot; },
    .rendering = &kRendering,
};

}  // namespace vigie
