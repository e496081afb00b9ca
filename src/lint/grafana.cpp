// Grafana: access, data sources and settings.

#include "base/redact.hpp"
#include "lint/rules.hpp"
#include "spec/datasources.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace vigie::lint {
namespace {

using spec::FieldPath;

const FieldPath kGrafana{"spec", "grafana"};

void lintAccess(const spec::Stack& stack, const spec::Reporter& report) {
    const auto& grafana = *stack.grafana;
    if (spec::exposureOf(stack, grafana.exposure) != spec::Exposure::everybody) {
        return;
    }
    if (!grafana.adminPasswordFrom) {
        report.error(code::VG0500, kGrafana / "exposure",
                     "Grafana is public, and its administrator has the password `admin`",
                     "add `adminPasswordFrom: { secret: … }`, or write `vpn` or `local`");
    }
    if (grafana.anonymous && grafana.anonymous->role == "Admin") {
        report.error(code::VG0500, kGrafana / "anonymous" / "role",
                     "Grafana is public, and every visitor is its administrator", "write `Viewer`");
    }
}

void lintSources(const spec::Stack& stack, const spec::Reporter& report) {
    std::set<std::string> seen;
    for (const auto& source : spec::derivedDatasources(stack)) {
        seen.insert(source.name);
        if (source.published && source.elsewhere &&
            spec::exposureOf(stack, source.exposure) == spec::Exposure::local) {
            report.error(code::VG0421, FieldPath{"spec", source.type} / "exposure",
                         "Grafana queries " + source.name +
                             ", whose port is bound to the loopback address of its host",
                         "write `vpn`: neither another host nor a container reaches a loopback address");
        } else if (source.published && !spec::grafanaInHostNetwork(stack) &&
                   spec::exposureOf(stack, source.exposure) == spec::Exposure::local) {
            report.error(code::VG0421, FieldPath{"spec", source.type} / "exposure",
                         "Grafana queries " + source.name + ", whose port is bound to the loopback address",
                         "write `vpn`, or put both into one project");
        }
    }
    const auto& own = stack.grafana->datasources;
    for (std::size_t i = 0; i < own.size(); ++i) {
        if (seen.count(own[i].name) != 0) {
            report.error(code::VG0504, (kGrafana / "datasources")[i] / "name",
                         "the data source `" + own[i].name + "` is already derived from the document",
                         "give this one another name");
        }
    }
    if (!stack.prometheus &&
        std::none_of(own.begin(), own.end(), [](const auto& each) { return each.type == "prometheus"; })) {
        report.warning(code::VG0505, kGrafana, "Grafana has no Prometheus data source",
                       "add `prometheus:`, or a data source of type `prometheus`");
    }
}

struct OwnSetting {
    std::string_view section;
    std::string_view name;
    const char* instead;
};

/// Settings that have a field of their own, or that are paths of rendered files.
constexpr std::array<OwnSetting, 8> kOwnSettings = {
    {{"paths", "provisioning", "remove it"},
     {"paths", "data", "write `dataDirectory`"},
     {"security", "admin_user", "write `adminUser`"},
     {"security", "admin_password", "write `adminPasswordFrom`"},
     {"auth.anonymous", "enabled", "write `anonymous`"},
     {"auth.anonymous", "org_role", "write `anonymous`"},
     {"server", "http_addr", "write `exposure`"},
     {"server", "http_port", "write `port`"}}};

void lintSetting(const std::string& section, const spec::Entry& entry, const spec::Reporter& report) {
    const FieldPath at = kGrafana / "settings" / section / entry.key;
    for (const auto& own : kOwnSettings) {
        if (own.section == section && own.name == entry.key) {
            report.error(code::VG0507, at, "vigie itself sets `" + section + "." + entry.key + "`",
                         own.instead);
            return;
        }
    }
    const std::string line = entry.key + "=x";
    if (redactLine(line) != line && !entry.value.scalar.empty()) {
        report.warning(code::VG0506, at,
                       "`" + section + "." + entry.key + "` looks like a secret in plain text",
                       "set it in Grafana's own user interface; `docker inspect` would show an environment "
                       "variable, too");
    }
}

}  // namespace

void lintGrafana(const spec::Stack& stack, const spec::Reporter& report) {
    if (!stack.grafana) {
        return;
    }
    lintAccess(stack, report);
    lintSources(stack, report);
    if (stack.grafana->settings) {
        for (const auto& section : stack.grafana->settings->entries) {
            for (const auto& entry : section.value.entries) {
                lintSetting(section.key, entry, report);
            }
        }
    }
}

}  // namespace vigie::lint
