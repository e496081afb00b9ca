// The table of programs and versions that vigie supports.

#include "spec/supported.hpp"

#include "spec/exporter_types.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <vector>

namespace vigie::spec {
namespace {

// The oldest are those of Debian 12, the newest what tools/programs.py fetches; between them the versions
// where the form of a setting changed.
constexpr std::array kPrometheus = {ImageVersion{2, 42}, ImageVersion{2, 53}, ImageVersion{3, 0},
                                    ImageVersion{3, 5}};
constexpr std::array kAlertmanager = {ImageVersion{0, 25}, ImageVersion{0, 27}, ImageVersion{0, 28},
                                      ImageVersion{0, 33}};

constexpr std::array kServers = {
    SupportedProgram{"prometheus", "Prometheus", "prom/prometheus:v3.5.0", kPrometheus, kTestedReal},
    SupportedProgram{"alertmanager", "Alertmanager", "prom/alertmanager:v0.28.1", kAlertmanager,
                     kTestedReal}};
constexpr std::array kBesides = {
    SupportedProgram{.id = "jaeger", .name = "Jaeger", .image = {}, .tested = kTestedStandIn},
    SupportedProgram{.id = "grafana", .name = "Grafana", .image = {}, .tested = kTestedRendered}};

std::vector<SupportedProgram> allPrograms() {
    std::vector<SupportedProgram> out(kServers.begin(), kServers.end());
    for (const auto* type : kExporterTypes) {
        if (!type->program.name.empty()) {
            out.push_back(type->program);
        }
    }
    out.insert(out.end(), kBesides.begin(), kBesides.end());
    return out;
}

}  // namespace

std::span<const SupportedProgram> supportedPrograms() {
    static const std::vector<SupportedProgram> kPrograms = allPrograms();
    return kPrograms;
}

const SupportedProgram& supportedProgram(std::string_view id) {
    const auto programs = supportedPrograms();
    const auto it = std::find_if(programs.begin(), programs.end(),
                                 [&](const SupportedProgram& program) { return program.id == id; });
    if (it == programs.end()) {
        throw std::logic_error("no program " + std::string(id));
    }
    return *it;
}

std::string textOf(const ImageVersion& version) {
    return std::to_string(version.major) + "." + std::to_string(version.minor);
}

}  // namespace vigie::spec
