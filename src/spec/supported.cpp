// The table of programs and versions that vigie supports.

#include "spec/supported.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace vigie::spec {
namespace {

// The oldest are those of Debian 12, the newest what tools/programs.py fetches; between them the versions
// where the form of a setting changed.
constexpr std::array kPrometheus = {ImageVersion{2, 42}, ImageVersion{2, 53}, ImageVersion{3, 0},
                                    ImageVersion{3, 5}};
constexpr std::array kAlertmanager = {ImageVersion{0, 25}, ImageVersion{0, 27}, ImageVersion{0, 28},
                                      ImageVersion{0, 33}};
constexpr std::array kPgbouncer = {ImageVersion{0, 10}, ImageVersion{0, 12}};
constexpr std::array kPostgres = {ImageVersion{0, 17}, ImageVersion{0, 19}};
constexpr std::array kRedis = {ImageVersion{1, 74}, ImageVersion{1, 86}};
constexpr std::array kNode = {ImageVersion{1, 9}, ImageVersion{1, 11}};
constexpr std::array kBlackbox = {ImageVersion{0, 27}, ImageVersion{0, 28}};

constexpr std::string_view kReal = "the real program, the oldest and the newest version";
constexpr std::string_view kNewest = "the real program, the newest version";
constexpr std::string_view kRendered = "rendered files only: no distribution has the program";
constexpr std::string_view kStandIn = "a stand-in that speaks its protocol: no distribution has the program";

constexpr std::array kPrograms = {
    SupportedProgram{"prometheus", "Prometheus", "prom/prometheus:v3.5.0", kPrometheus, kReal},
    SupportedProgram{"alertmanager", "Alertmanager", "prom/alertmanager:v0.28.1", kAlertmanager, kReal},
    SupportedProgram{"pgbouncer", "pgbouncer_exporter", "prometheuscommunity/pgbouncer-exporter:v0.10.2",
                     kPgbouncer, kNewest},
    SupportedProgram{"postgres", "postgres_exporter", "prometheuscommunity/postgres-exporter:v0.17.1",
                     kPostgres, kNewest},
    SupportedProgram{"redis", "redis_exporter", "oliver006/redis_exporter:v1.74.0", kRedis, kNewest},
    SupportedProgram{
        "nginx", "nginx-prometheus-exporter", "nginx/nginx-prometheus-exporter:1.4.2", {}, kRendered},
    SupportedProgram{"node", "node_exporter", "prom/node-exporter:v1.9.1", kNode, kNewest},
    SupportedProgram{"cadvisor", "cAdvisor", "ghcr.io/google/cadvisor:v0.53.0", {}, kRendered},
    SupportedProgram{"blackbox", "blackbox_exporter", "prom/blackbox-exporter:v0.27.0", kBlackbox, kNewest},
    SupportedProgram{"jaeger", "Jaeger", {}, {}, kStandIn},
    SupportedProgram{"grafana", "Grafana", {}, {}, kRendered},
};

}  // namespace

std::span<const SupportedProgram> supportedPrograms() {
    return kPrograms;
}

const SupportedProgram& supportedProgram(std::string_view id) {
    const auto* it = std::find_if(kPrograms.begin(), kPrograms.end(),
                                  [&](const SupportedProgram& program) { return program.id == id; });
    if (it == kPrograms.end()) {
        throw std::logic_error("no program " + std::string(id));
    }
    return *it;
}

std::string textOf(const ImageVersion& version) {
    return std::to_string(version.major) + "." + std::to_string(version.minor);
}

}  // namespace vigie::spec
