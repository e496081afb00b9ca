// The content of the dashboards that the document names.

#include "base/parse_json.hpp"
#include "lint/lint.hpp"

#include <nlohmann/json.hpp>

namespace vigie::lint {
namespace {

using nlohmann::json;
using spec::FieldPath;

std::string textOf(const json& object, const char* key) {
    const auto it = object.find(key);
    return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

}  // namespace

void lintDashboards(const spec::Stack& stack, const std::map<std::string, std::string>& files,
                    const spec::Reporter& report) {
    if (!stack.grafana) {
        return;
    }
    std::map<std::string, std::string> seen;
    if (stack.grafana->vigieDashboard) {
        seen["vigie"] = "vigie's own (`vigieDashboard`)";
    }
    const auto& paths = stack.grafana->dashboards;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        const auto file = files.find(paths[i]);
        if (file == files.end()) {
            continue;  // reported as missing
        }
        const FieldPath at = FieldPath{"spec", "grafana", "dashboards"}[i];
        const auto dashboard = parseJson(file->second);
        if (!dashboard.is_object()) {
            report.error(code::VG0501, at,
                         "`" + paths[i] + "` is not a dashboard: it contains no JSON object",
                         "export it in Grafana by `Share`, `Export`, `Save to file`");
            continue;
        }
        const auto uid = textOf(dashboard, "uid");
        if (uid.empty()) {
            const bool wrapped = dashboard.contains("dashboard") && dashboard["dashboard"].is_object();
            report.warning(code::VG0502, at, "the dashboard `" + paths[i] + "` has no `uid`",
                           wrapped
                               ? "this is a response of Grafana's API: keep only the object in `dashboard`"
                               : "add a `uid`, so that the dashboard's URL stays the same");
            continue;
        }
        if (dashboard.contains("__inputs") && !dashboard["__inputs"].empty()) {
            report.warning(
                code::VG0508, at,
                "the dashboard `" + paths[i] + "` was exported for sharing: its `__inputs` are not filled in",
                "export it without `Export for sharing externally`");
        }
        const auto [first, inserted] = seen.emplace(uid, "`" + paths[i] + "`");
        if (!inserted) {
            report.error(
                code::VG0503, at,
                "the dashboard `" + paths[i] + "` has the same `uid` as " + first->second + ": `" + uid + "`",
                "give each dashboard its own `uid`: Grafana shows only one of them");
        }
    }
}

}  // namespace vigie::lint
