// Settings that vigie passes through: values, references and what excludes what.

#include "spec/settings.hpp"

#include "lint/findings.hpp"
#include "lint/rules.hpp"
#include "spec/regex.hpp"
#include "spec/schema.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace vigie::lint {
namespace {

using spec::FieldPath;
using spec::Node;
using spec::Program;
using spec::Setting;

/// Reports fields that the action of a step does not allow. A field with its default value is allowed.
/// Source: Prometheus' relabel.go; tried with promtool 2.42 and 3.5.3.
void lintExcess(const FieldPath& at, const Node& step, const std::string& action,
                const spec::Reporter& report) {
    struct Takes {
        std::vector<std::string_view> actions;
        std::vector<std::string_view> refused;
        const char* what;
    };
    static const std::vector<Takes> kTakes = {
        {{"labeldrop", "labelkeep"},
         {"sourceLabels", "separator", "replacement", "modulus", "targetLabel"},
         "only `regex`"},
        {{"keepequal", "dropequal"},
         {"regex", "separator", "replacement", "modulus"},
         "only `sourceLabels` and `targetLabel`"},
        {{"lowercase", "uppercase"}, {"replacement"}, "no `replacement`"}};
    static const std::map<std::string_view, std::string_view> kDefaults = {
        {"separator", ";"}, {"replacement", "$1"}, {"modulus", "0"}};
    for (const auto& takes : kTakes) {
        if (std::find(takes.actions.begin(), takes.actions.end(), action) == takes.actions.end()) {
            continue;
        }
        for (const auto field : takes.refused) {
            const auto* value = step.find(field);
            const auto usual = kDefaults.find(field);
            if (value != nullptr && (usual == kDefaults.end() || value->scalar != usual->second)) {
                report.error(code::VG0445, at / field,
                             "a relabelling step with the action `" + action + "` takes " + takes.what,
                             "remove `" + std::string(field) + "`");
            }
        }
    }
}

/// One step of a relabelling has what its action needs.
void lintRelabeling(const FieldPath& at, const Node& step, const spec::Reporter& report) {
    const auto has = [&](const char* field) { return step.find(field) != nullptr; };
    const auto* stated = step.find("action");
    const std::string action = stated == nullptr ? "replace" : stated->scalar;
    std::string missing;
    if ((action == "replace" || action == "hashmod" || action == "lowercase" || action == "uppercase" ||
         action == "keepequal" || action == "dropequal") &&
        !has("targetLabel")) {
        missing = "targetLabel";
    } else if (action == "hashmod" && !has("modulus")) {
        missing = "modulus";
    } else if ((action == "labeldrop" || action == "labelkeep") && !has("regex")) {
        missing = "regex";
    }
    if (!missing.empty()) {
        report.error(code::VG0445, at,
                     "a relabelling step with the action `" + action + "` needs `" + missing + "`",
                     "add `" + missing + "`");
    }
    lintExcess(at, step, action, report);
}

bool isLoopback(std::string_view host) {
    return host.starts_with("localhost") || host.starts_with("127.") || host.starts_with("[::1]");
}

void lintUrl(const FieldPath& at, const std::string& url, const spec::Reporter& report) {
    const auto scheme = url.find("://");
    if (scheme != std::string::npos && isLoopback(std::string_view(url).substr(scheme + 3))) {
        reportLoopback(at, "its container", url, report);
    }
}

/// Only a record of the type SRV says a port.
void lintDns(const Setting& setting, const spec::Reporter& report) {
    for (std::size_t i = 0; i < setting.value.items.size(); ++i) {
        const auto& item = setting.value.items[i];
        const auto* type = item.find("type");
        if (type != nullptr && type->scalar != "SRV" && item.find("port") == nullptr) {
            report.error(code::VG0456, setting.at[i],
                         "DNS records of type `" + type->scalar + "` contain no port",
                         "add `port`, the port of the targets");
        }
    }
}

/// Names that are valid one way cannot be asked for in the other. A job has those of `global` for its own.
void lintNameSchemes(const FieldPath& at, const Node& job, const Node* global, const spec::Reporter& report) {
    const auto stated = [&](const Node* settings, const char* field) {
        const auto* value = settings == nullptr ? nullptr : settings->find(field);
        return value == nullptr ? std::string() : value->scalar;
    };
    const auto first = [](const std::string& a, const std::string& b) { return a.empty() ? b : a; };
    const std::string everywhere = first(stated(global, "nameValidationScheme"), "utf8");
    const std::string valid = first(stated(&job, "nameValidationScheme"), everywhere);
    const std::string escaped =
        first(first(stated(&job, "nameEscapingScheme"), stated(global, "nameEscapingScheme")),
              everywhere == "legacy" ? "underscores" : "allow-utf-8");
    const bool here =
        job.find("nameValidationScheme") != nullptr || job.find("nameEscapingScheme") != nullptr;
    if (here && valid == "legacy" && escaped == "allow-utf-8") {
        const bool asked = job.find("nameEscapingScheme") != nullptr;
        report.error(code::VG0457, at / (asked ? "nameEscapingScheme" : "nameValidationScheme"),
                     "names must be `legacy`, but the escaping scheme asks targets for UTF-8 names",
                     "write `nameEscapingScheme: underscores` beside it");
    }
}

void lintSetting(const Setting& setting, const spec::Reporter& report) {
    const bool steps = setting.field == "relabelings" || setting.field == "metricRelabelings" ||
                       setting.field == "alertRelabelings" || setting.field == "writeRelabelings";
    for (std::size_t i = 0; steps && i < setting.value.items.size(); ++i) {
        lintRelabeling(setting.at[i], setting.value.items[i], report);
    }
    if (setting.field == "regex") {
        lintRegex(setting.at, setting.value.scalar, report);
    } else if (setting.field == "dnsSDConfigs") {
        lintDns(setting, report);
    } else if (setting.field == "url" && setting.value.kind == Node::Kind::scalar) {
        lintUrl(setting.at, setting.value.scalar, report);
    }
}

/// The schema of what lies at a path of the document, lists by their items.
const spec::Schema* schemaAt(std::initializer_list<std::string_view> path) {
    const spec::Schema* here = &spec::stackSchema();
    for (const auto key : path) {
        const auto it = std::find_if(here->properties.begin(), here->properties.end(),
                                     [&](const spec::Property& property) { return property.name == key; });
        if (it == here->properties.end()) {
            return nullptr;
        }
        here = it->schema->items != nullptr ? it->schema->items : it->schema;
    }
    return here;
}

/// The program's names of everything that has a field of its own.
std::set<std::string> structured(Program program, std::string_view where, const spec::Schema* schema) {
    std::set<std::string> out;
    for (const auto& property : schema == nullptr ? std::span<const spec::Property>{} : schema->properties) {
        if (property.name != "raw") {
            out.insert(nameOf(program, where, property.name, std::nullopt));
        }
    }
    return out;
}

/// A place of `raw`, and the program's names of everything beside it that has a field of its own.
struct RawPlace {
    Program program;
    std::string_view where;
    std::set<std::string> structured;
};

const std::vector<RawPlace>& rawPlaces() {
    static const std::vector<RawPlace> kPlaces = [] {
        const auto p = Program::prometheus;
        const auto a = Program::alertmanager;
        return std::vector<RawPlace>{
            {p, "scrapeConfigs",
             structured(p, "scrapeConfigs", schemaAt({"spec", "prometheus", "scrapeConfigs"}))},
            {p, "remoteWrite", structured(p, "remoteWrite", schemaAt({"spec", "prometheus", "remoteWrite"}))},
            {p, "remoteRead", structured(p, "remoteRead", schemaAt({"spec", "prometheus", "remoteRead"}))},
            {a, "global", structured(a, "global", schemaAt({"spec", "alertmanager", "global"}))},
            {a, "receivers", structured(a, "receivers", schemaAt({"spec", "alertmanager", "receivers"}))}};
    }();
    return kPlaces;
}

/// The names of the `alertmanager.smtp` fields in Alertmanager's `global`.
const std::set<std::string>& smtpNames() {
    static const std::set<std::string> kNames = [] {
        std::set<std::string> out;
        for (const auto& name :
             structured(Program::alertmanager, "smtp", schemaAt({"spec", "alertmanager", "smtp"}))) {
            out.insert(name.starts_with("smtp_") ? name : "smtp_" + name);
        }
        out.insert({"smtp_auth_username", "smtp_auth_password", "smtp_auth_password_file"});
        return out;
    }();
    return kNames;
}

/// `x_file` beside the `xFrom` that says it already.
bool repeatsSecret(const spec::SettingBlock& block, std::string_view key) {
    constexpr std::string_view kFile = "_file";
    if (key.size() <= kFile.size() || key.substr(key.size() - kFile.size()) != kFile) {
        return false;
    }
    const auto name = key.substr(0, key.size() - kFile.size());
    return std::any_of(block.settings->entries.begin(), block.settings->entries.end(),
                       [&](const auto& entry) {
                           return nameOf(block.program, block.where, entry.key, std::nullopt) == name;
                       });
}

void lintRaw(const spec::Stack& stack, const spec::Reporter& report) {
    const bool smtp = stack.alertmanager && stack.alertmanager->smtp;
    for (const auto& block : spec::settingBlocks(stack)) {
        if (block.raw == nullptr) {
            continue;
        }
        for (const auto& place : rawPlaces()) {
            if (block.program != place.program || block.where != place.where) {
                continue;
            }
            for (const auto& entry : block.raw->entries) {
                if (place.structured.count(entry.key) != 0 || repeatsSecret(block, entry.key)) {
                    report.error(code::VG0413, block.rawAt / entry.key,
                                 "`raw` repeats `" + entry.key + "`, which has a field of its own",
                                 "write the structured field instead");
                } else if (smtp && place.where == "global" && smtpNames().count(entry.key) != 0) {
                    report.error(code::VG0413, block.rawAt / entry.key,
                                 "`raw` repeats `" + entry.key + "`, which `alertmanager.smtp` sets",
                                 "set it in `alertmanager.smtp`");
                }
            }
        }
    }
}

/// All that a node says, as one text.
void spell(const Node& node, std::string& out) {
    out += node.plain ? 'p' : 'q';
    out += std::to_string(node.scalar.size()) + ":" + node.scalar + "[";
    for (const auto& item : node.items) {
        spell(item, out);
    }
    out += "]{";
    for (const auto& entry : node.entries) {
        out += entry.key + "\n";
        spell(entry.value, out);
    }
    out += '}';
}

/// Prometheus rejects identical remotes at its start, which promtool does not find.
void lintRemotes(const char* field, const std::vector<Node>& list, const spec::Reporter& report) {
    const FieldPath at = FieldPath{"spec", "prometheus"} / field;
    std::map<std::string, std::size_t> said;
    std::map<std::string, std::size_t> names;
    for (std::size_t i = 0; i < list.size(); ++i) {
        std::string all;
        spell(list[i], all);
        const auto [same, other] = said.emplace(std::move(all), i);
        if (!other) {
            report.error(code::VG0464, at[i],
                         "this is the same as item " + std::to_string(same->second + 1) + " of the list",
                         "remove one of the two: Prometheus does not start with both");
            continue;
        }
        const auto* name = list[i].find("name");
        if (name == nullptr || name->scalar.empty()) {
            continue;
        }
        const auto [first, inserted] = names.emplace(name->scalar, i);
        if (!inserted) {
            report.error(code::VG0464, at[i] / "name",
                         "item " + std::to_string(first->second + 1) + " of the list is also called `" +
                             name->scalar + "`",
                         "rename one of the two");
        }
    }
}

}  // namespace

void lintSettings(const spec::Stack& stack, const spec::Reporter& report) {
    const auto* global = stack.prometheus && stack.prometheus->global ? &*stack.prometheus->global : nullptr;
    for (const auto& block : spec::settingBlocks(stack)) {
        if (block.program == Program::prometheus &&
            (block.where == "scrapeConfigs" || block.where == "global")) {
            lintNameSchemes(block.at, *block.settings, global, report);
        }
        if (block.where == "relabelings") {
            lintRelabeling(block.at, *block.settings, report);
        }
        spec::forEachSetting(block, [&](const Setting& setting) { lintSetting(setting, report); });
    }
    lintRaw(stack, report);
    if (stack.prometheus) {
        lintRemotes("remoteWrite", stack.prometheus->remoteWrite, report);
        lintRemotes("remoteRead", stack.prometheus->remoteRead, report);
    }
}

}  // namespace vigie::lint
