// Reports where the document and native configuration say different things.

#include "base/text.hpp"
#include "render/alertmanager.hpp"
#include "render/native.hpp"
#include "render/prometheus.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace vigie::render {
namespace {

using spec::FieldPath;
using spec::NativeConflict;

struct Renamed {
    spec::Program program;
    std::string_view keys;
    std::string_view field;
};

/// What the document does not call as the table of settings says.
constexpr auto P = spec::Program::prometheus;
constexpr auto A = spec::Program::alertmanager;
constexpr std::array<Renamed, 13> kRenamed = {
    {{P, "global.scrape_interval", "scrapeInterval"},
     {P, "global.scrape_timeout", "scrapeTimeout"},
     {P, "global.evaluation_interval", "evaluationInterval"},
     {P, "global.query_log_file", "query.logFile"},
     {P, "global.external_labels", "externalLabels"},
     {P, "rule_files", "ruleFiles"},
     {P, "storage.tsdb.out_of_order_time_window", "storage.outOfOrderTimeWindow"},
     {P, "storage.exemplars.max_exemplars", "storage.maxExemplars"},
     {A, "global.smtp_smarthost", "smtp.smarthost"},
     {A, "global.smtp_from", "smtp.from"},
     {A, "global.smtp_auth_username", "smtp.username"},
     {A, "global.smtp_require_tls", "smtp.requireTLS"},
     {A, "global.smtp_auth_password_file", "smtp.passwordFrom"}}};

/// The field of the document that a conflict is about, or what holds it.
FieldPath documentField(const spec::Stack& stack, spec::Program program,
                        const std::vector<std::string>& keys) {
    FieldPath at{"spec", program == P ? "prometheus" : "alertmanager"};
    std::string dotted = join(keys, ".");
    for (const auto& each : kRenamed) {
        const bool inside = dotted.size() > each.keys.size() && dotted.starts_with(each.keys) &&
                            dotted[each.keys.size()] == '.';
        if (each.program == program && (dotted == each.keys || inside)) {
            for (const auto part : split(each.field, '.')) {
                at = at / part;
            }
            return inside ? at / dotted.substr(each.keys.size() + 1) : at;
        }
    }
    const auto itemAt = [&](const auto& list, std::string_view field, auto nameOf) {
        const auto it = std::find_if(list.begin(), list.end(),
                                     [&](const auto& each) { return keys.back() == nameOf(each); });
        return (at / field)[static_cast<std::size_t>(it - list.begin())];
    };
    if (keys[0] == "scrape_configs" && keys.size() > 1) {
        return itemAt(stack.prometheus->scrapeConfigs, "scrapeConfigs",
                      [](const auto& each) { return each.jobName; });
    }
    if (keys[0] == "receivers" && keys.size() > 1) {
        return itemAt(stack.alertmanager->receivers, "receivers", [](const auto& each) { return each.name; });
    }
    if (keys[0] == "time_intervals" && keys.size() > 1) {
        return itemAt(stack.alertmanager->timeIntervals, "timeIntervals", [](const auto& each) {
            const auto* name = each.find("name");
            return name == nullptr ? std::string() : name->scalar;
        });
    }
    static constexpr std::array<std::string_view, 13> kFields = {
        "global", "smtp",      "alerting",     "remoteWrite",   "remoteRead", "scrapeConfigs", "storage",
        "route",  "receivers", "inhibitRules", "timeIntervals", "templates",  "externalLabels"};
    for (const auto field : kFields) {
        if (spec::nameOf(program, "", field, std::nullopt) == keys[0]) {
            at = at / field;
            break;
        }
    }
    return at;
}

std::string placeOf(const std::string& document, spec::Position at) {
    return at.line == 0 ? document
                        : document + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

void report(const NativeConflict& conflict, const std::string& place, const spec::Reporter& to) {
    const auto& last = conflict.keys.back();
    if (conflict.kind == NativeConflict::Kind::both) {
        to.error(code::VG0527, conflict.native,
                 "`" + printable(join(conflict.keys, ".")) + "` stands here and in " + place,
                 "write all of it on one side");
        return;
    }
    const bool values = !conflict.theirs.empty() && !conflict.ours.empty();
    const std::string said =
        conflict.kind == NativeConflict::Kind::item
            ? "`" + printable(last) + "` of `" + conflict.keys.front() + "` is another one in " + place
        : values ? "`" + printable(join(conflict.keys, ".")) + "` is `" + printable(conflict.theirs) +
                       "` here, and `" + printable(conflict.ours) + "` in " + place
                 : "`" + printable(join(conflict.keys, ".")) + "` has another value in " + place;
    to.error(code::VG0526, conflict.native, said, "remove one of the two, or write both alike");
}

/// Places that vigie writes itself, whatever the repository has.
void checkOwnFiles(const NativeInputs& native, const spec::Reporter& report) {
    static const std::set<std::string_view> kOwn = {kPrometheusFile, kInfoRuleFile, kRuleGroupFile,
                                                    kVigieRuleFile, kAlertmanagerFile};
    for (const auto& file : native.files) {
        if (kOwn.count(file.place) != 0 || file.place.starts_with(kSecretsDirectory + std::string("/"))) {
            report.error(code::VG0473, native.source.at / "file",
                         "`" + printable(file.path) + "`, which it names, would lie at `" +
                             printable(file.place) + "`, where vigie writes a file of its own",
                         "rename it, or let the pattern not match it");
        }
    }
}

}  // namespace

void checkNative(const spec::Stack& stack, const spec::NativeSource& source, const std::string& shown,
                 const std::string& document, const std::map<std::string, std::string>& files,
                 const spec::Reporter& report, spec::Diagnostics& diagnostics) {
    Inputs inputs;
    inputs.files = files;
    for (const auto& secret : stack.secrets) {
        inputs.secrets[secret.name] = {secret.name, nullptr};
    }
    const NativeInputs native(source, inputs);
    checkOwnFiles(native, report);
    std::vector<NativeConflict> conflicts;
    if (source.program == P) {
        for (const auto& server : stack.prometheus->servers()) {
            SettingsWriter settings(P, stack.prometheus->image, source.mount, native.standIns);
            nativePrometheus(stack, server, native, settings, conflicts);
        }
    } else {
        SettingsWriter settings(A, stack.alertmanager->image, source.mount, native.standIns);
        nativeAlertmanager(*stack.alertmanager, native, settings, conflicts);
    }
    std::set<std::string> told;  // once, not for each replica
    const spec::Reporter into(diagnostics, shown);
    for (const auto& conflict : conflicts) {
        if (told.insert(join(conflict.keys, ".")).second) {
            render::report(
                conflict,
                placeOf(document, report.positionOf(documentField(stack, source.program, conflict.keys))),
                into);
        }
    }
}

}  // namespace vigie::render
