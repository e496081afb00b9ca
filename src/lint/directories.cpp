// Files and directories of a project that vigie itself uses (VG0419).

#include "lint/rules.hpp"
#include "spec/settings.hpp"

#include <algorithm>
#include <array>

namespace vigie::lint {
namespace {

using spec::FieldPath;

const FieldPath kPrometheus{"spec", "prometheus"};

/// The first directory of a path in a project.
std::string_view firstOf(std::string_view directory) {
    if (directory.starts_with("./")) {
        directory.remove_prefix(2);
    }
    return directory.substr(0, directory.find('/'));
}

/// Files that are copied beside the configuration must not take the place of what vigie writes there.
void lintOwnFiles(const spec::Stack& stack, const spec::Reporter& report) {
    std::vector<std::pair<std::string, FieldPath>> files;
    for (std::size_t i = 0; i < stack.prometheus->ruleFiles.size(); ++i) {
        files.emplace_back(stack.prometheus->ruleFiles[i], (kPrometheus / "ruleFiles")[i]);
    }
    for (std::size_t i = 0; stack.alertmanager && i < stack.alertmanager->templates.size(); ++i) {
        files.emplace_back(stack.alertmanager->templates[i],
                           (FieldPath{"spec", "alertmanager"} / "templates")[i]);
    }
    for (const auto& block : spec::settingBlocks(stack)) {
        for (const auto& file : spec::filesOf(block)) {
            files.emplace_back(file.path, file.at);
        }
    }
    static constexpr std::array<std::string_view, 5> kOurs = {
        "prometheus.yml", "vigie-render-info.yml", "vigie-rules.yml", "vigie-alerts.yml", "alertmanager.yml"};
    for (const auto& [path, at] : files) {
        if (std::find(kOurs.begin(), kOurs.end(), path) != kOurs.end() || path == "secrets" ||
            path.starts_with("secrets/")) {
            report.error(
                code::VG0419, at,
                "`" + path + "` is also the name of something that vigie writes to the same directory",
                "give the file another name, such as `rules/alerts.yml`");
        }
    }
}

/// Prometheus' data must not lie where vigie writes configuration.
void lintDataDirectory(const spec::Stack& stack, const spec::Reporter& report) {
    static constexpr std::array<std::string_view, 3> kOurs = {"prometheus", "alertmanager",
                                                              "alertmanager-data"};
    const auto directory = firstOf(stack.prometheus->dataDirectory);
    const auto servers = stack.prometheus->servers();
    const bool taken = std::any_of(servers.begin(), servers.end(), [&](const spec::Replica& server) {
        return exporterUses(stack, server.project, directory) ||
               (directory == "grafana" && stack.grafana && stack.grafana->project == server.project) ||
               (directory == "jaeger" && stack.jaeger && stack.jaeger->project == server.project);
    });
    if (taken || std::find(kOurs.begin(), kOurs.end(), directory) != kOurs.end()) {
        report.error(code::VG0419, kPrometheus / "dataDirectory",
                     "vigie already uses the project's directory `" + std::string(directory) + "`",
                     "choose another directory, such as `./prom-data`");
    }
}

/// A dashboard is copied to the same relative place, where vigie's own lies as well.
void lintOwnDashboard(const spec::Grafana& grafana, const spec::Reporter& report) {
    constexpr std::string_view kOwn = "vigie-itself.json";
    for (std::size_t i = 0; grafana.vigieDashboard && i < grafana.dashboards.size(); ++i) {
        if (grafana.dashboards[i] == kOwn) {
            report.error(code::VG0419, (FieldPath{"spec", "grafana"} / "dashboards")[i],
                         "vigie writes its own `" + std::string(kOwn) + "` beside the dashboards",
                         "give the file another name, or write `vigieDashboard: false`");
        }
    }
}

/// Directories of data of Jaeger and Grafana that others use.
void lintDataOfOthers(const spec::Stack& stack, const spec::Reporter& report) {
    struct Data {
        FieldPath at;
        const std::string* project;
        const std::string* directory;
    };
    std::vector<Data> all;
    if (stack.jaeger && stack.jaeger->storage && stack.jaeger->storage->badger) {
        all.push_back({FieldPath{"spec", "jaeger", "storage"} / "badger" / "directory",
                       &stack.jaeger->project, &stack.jaeger->storage->badger->directory});
    }
    if (stack.grafana) {
        all.push_back(
            {{"spec", "grafana", "dataDirectory"}, &stack.grafana->project, &stack.grafana->dataDirectory});
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto first = firstOf(*all[i].directory);
        bool taken = first == "prometheus" || first == "alertmanager" || first == "alertmanager-data" ||
                     first == "jaeger" || first == "grafana" || exporterUses(stack, *all[i].project, first);
        taken = taken || (stack.prometheus && stack.prometheus->project == *all[i].project &&
                          firstOf(stack.prometheus->dataDirectory) == first);
        for (std::size_t j = 0; j < i; ++j) {
            taken = taken || (*all[j].project == *all[i].project && firstOf(*all[j].directory) == first);
        }
        if (taken) {
            report.error(code::VG0419, all[i].at,
                         "the project's directory `" + std::string(first) + "` is already in use",
                         "give each program its own directory, such as `./jaeger-data` and `./grafana-data`");
        }
    }
}

}  // namespace

void lintDirectories(const spec::Stack& stack, const spec::Reporter& report) {
    if (stack.prometheus) {
        lintDataDirectory(stack, report);
        lintOwnFiles(stack, report);
    }
    if (stack.grafana) {
        lintOwnDashboard(*stack.grafana, report);
    }
    lintDataOfOthers(stack, report);
}

}  // namespace vigie::lint
