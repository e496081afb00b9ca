#include "spec/settings.hpp"

#include "lint/rules.hpp"
#include "spec/regex.hpp"
#include "spec/schema.hpp"

#include <algorithm>
#include <set>

namespace vigie::lint {
namespace {

using spec::FieldPath;
using spec::Node;
using spec::Program;
using spec::Setting;

void lintRegex(const FieldPath& at, const std::string& text, const spec::Reporter& report) {
    if (const auto problem = spec::regexProblem(text)) {
        report.error("VG0444", at, "the expression `" + text + "` " + *problem,
                     "expressions are RE2's: github.com/google/re2/wiki/Syntax");
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
        report.error("VG0445", at, "a step with the action `" + action + "` needs `" + missing + "`",
                     "add `" + missing + "`");
    }
    for (const char* field : {"sourceLabels", "separator", "replacement", "modulus", "targetLabel"}) {
        if ((action == "labeldrop" || action == "labelkeep") && has(field)) {
            report.error("VG0445", at / field,
                         "a step with the action `" + action + "` takes nothing but `regex`",
                         "remove `" + std::string(field) + "`");
        }
    }
    for (const char* field : {"separator", "regex", "modulus", "replacement"}) {
        if ((action == "keepequal" || action == "dropequal") && has(field)) {
            report.error(
                "VG0445", at / field,
                "a step with the action `" + action + "` takes nothing but `sourceLabels` and `targetLabel`",
                "remove `" + std::string(field) + "`");
        }
    }
}

bool isLoopback(std::string_view host) {
    return host.substr(0, 9) == "localhost" || host.substr(0, 4) == "127." || host.substr(0, 5) == "[::1]";
}

void lintUrl(const FieldPath& at, const std::string& url, const spec::Reporter& report) {
    const auto scheme = url.find("://");
    if (scheme != std::string::npos && isLoopback(std::string_view(url).substr(scheme + 3))) {
        report.warning("VG0440", at, "inside its container `" + url + "` is the container itself",
                       "write the host's VPN address, or the service's name in the same project");
    }
}

/// Only a record of the type SRV says a port.
void lintDns(const Setting& setting, const spec::Reporter& report) {
    for (std::size_t i = 0; i < setting.value.items.size(); ++i) {
        const auto& item = setting.value.items[i];
        const auto* type = item.find("type");
        if (type != nullptr && type->scalar != "SRV" && item.find("port") == nullptr) {
            report.error("VG0456", setting.at[i], "records of the type `" + type->scalar + "` say no port",
                         "add `port`, that of the targets");
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
        report.error("VG0457", at / (asked ? "nameEscapingScheme" : "nameValidationScheme"),
                     "names are `legacy`, and targets are asked for names in UTF-8",
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

struct RawPlace {
    Program program;
    std::string_view where;
    std::set<std::string> structured;
};

void lintRaw(const spec::Stack& stack, const spec::Reporter& report) {
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
    for (const auto& block : spec::settingBlocks(stack)) {
        for (const auto& place : kPlaces) {
            if (block.raw == nullptr || block.program != place.program || block.where != place.where) {
                continue;
            }
            for (const auto& entry : block.raw->entries) {
                if (place.structured.count(entry.key) != 0) {
                    report.error("VG0413", block.rawAt / entry.key,
                                 "`raw` repeats `" + entry.key + "`, which has a field of its own",
                                 "write the structured field instead");
                }
            }
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
}

}  // namespace vigie::lint
