// Templates of notifications.

#include "lint/templates.hpp"

#include "base/text.hpp"
#include "lint/go_template.hpp"
#include "spec/image_version.hpp"
#include "spec/settings.hpp"

#include <algorithm>
#include <array>

namespace vigie::lint {
namespace {

using spec::FieldPath;
using spec::ImageVersion;

struct Function {
    std::string_view name;
    ImageVersion since = {};
};

/// Source: Alertmanager's changelog; tried with amtool 0.25 and 0.33.1.
constexpr std::array<Function, 20> kFunctions = {{{"toUpper"},
                                                  {"toLower"},
                                                  {"title"},
                                                  {"join"},
                                                  {"match"},
                                                  {"safeHtml"},
                                                  {"reReplaceAll"},
                                                  {"stringSlice"},
                                                  {"trimSpace", {0, 26}},
                                                  {"date", {0, 28}},
                                                  {"tz", {0, 28}},
                                                  {"since", {0, 28}},
                                                  {"humanizeDuration", {0, 28}},
                                                  {"safeUrl", {0, 30}},
                                                  {"urlUnescape", {0, 30}},
                                                  {"toJson", {0, 30}},
                                                  {"list", {0, 32}},
                                                  {"append", {0, 32}},
                                                  {"dict", {0, 32}},
                                                  {"now", {0, 33}}}};

/// The data of a notification (Alertmanager's template.Data), in any version.
constexpr std::array<std::string_view, 8> kFields = {"Receiver",     "Status",
                                                     "Alerts",       "GroupLabels",
                                                     "CommonLabels", "CommonAnnotations",
                                                     "ExternalURL",  "NotificationReason"};

const Function* functionOf(std::string_view name) {
    const auto it = std::find_if(kFunctions.begin(), kFunctions.end(),
                                 [&](const Function& each) { return each.name == name; });
    return it == kFunctions.end() ? nullptr : &*it;
}

/// Settings that are taken as they are, though they stand among texts.
bool verbatim(const spec::Setting& setting, const std::optional<ImageVersion>& version) {
    static constexpr std::array<std::string_view, 5> kPlain = {"apiURL", "hello", "smarthost", "authUsername",
                                                               "authIdentity"};
    static constexpr std::array<std::string_view, 3> kClients = {".httpConfig", ".tlsConfig", ".sigv4"};
    if (setting.field == "url" && setting.where == "webhookConfigs") {
        return version && *version < ImageVersion{0, 31};
    }
    if (setting.field == "url" && setting.where == "pagerdutyConfigs") {
        return true;
    }
    const auto path = setting.at.text();
    return std::find(kPlain.begin(), kPlain.end(), setting.field) != kPlain.end() ||
           std::any_of(kClients.begin(), kClients.end(),
                       [&](std::string_view client) { return path.find(client) != std::string::npos; });
}

/// Names that Alertmanager's own default.tmpl defines, or may in another version.
bool ownTemplate(std::string_view name) {
    return name.starts_with("__") || name.find(".default.") != std::string_view::npos;
}

class Templates {
public:
    Templates(const spec::Alertmanager& alertmanager, const spec::Reporter& report)
        : version_(spec::imageVersion(alertmanager.image)), report_(report) {}

    [[nodiscard]] Template read(std::string_view text) const {
        return readTemplate(text, [&](std::string_view name) {
            const auto* function = functionOf(name);
            return function != nullptr && (!version_ || *version_ >= function->since);
        });
    }

    void define(const Template& file) { defined_.insert(file.defined.begin(), file.defined.end()); }
    void leaveNames() { namesKnown_ = false; }

    void text(const std::string& text, const FieldPath& at) const {
        const auto read = this->read(text);
        if (read.problem) {
            report_.error(code::VG0461, at, "the template " + read.problem->what, hint(*read.problem));
            return;
        }
        for (const auto& field : read.fields) {
            if (std::find(kFields.begin(), kFields.end(), field.name) == kFields.end()) {
                report_.warning(code::VG0461, at, "a notification has no field `." + field.name + "`",
                                "labels common to all alerts are in `.CommonLabels`, those of one alert in "
                                "`.Labels` inside `{{ range .Alerts }}`");
            }
        }
        for (const auto& call : read.called) {
            if (namesKnown_ && !ownTemplate(call.name) && defined_.count(call.name) == 0 &&
                read.defined.count(call.name) == 0) {
                const auto close = nearest(call.name, {defined_.begin(), defined_.end()});
                report_.error(code::VG0461, at, "the template `" + call.name + "` is not defined",
                              close.empty() ? "list the file that defines it in `alertmanager.templates`"
                                            : "did you mean `" + close + "`?");
            }
        }
    }

    [[nodiscard]] static std::string hint(const TemplateProblem& problem) {
        return problem.what.find("U+002D") != std::string::npos
                   ? "for a label with a dash write `{{ index .CommonLabels \"my-label\" }}`"
                   : "write it in the language of Go's text/template, with Alertmanager's functions";
    }
    [[nodiscard]] const std::optional<ImageVersion>& version() const { return version_; }

private:
    std::optional<ImageVersion> version_;
    const spec::Reporter& report_;
    std::set<std::string> defined_;
    bool namesKnown_ = true;
};

}  // namespace

std::set<std::string> lintTemplates(const spec::Stack& stack, const std::map<std::string, std::string>& files,
                                    const std::string& base, const spec::Reporter& report,
                                    spec::Diagnostics& diagnostics) {
    std::set<std::string> wrong;
    if (!stack.alertmanager || !stack.alertmanager->configFile.empty()) {
        return wrong;
    }
    const auto& alertmanager = *stack.alertmanager;
    Templates templates(alertmanager, report);
    for (const auto& path : alertmanager.templates) {
        const auto file = files.find(path);
        if (file == files.end()) {
            templates.leaveNames();  // that it is missing was said
            continue;
        }
        const auto read = templates.read(file->second);
        templates.define(read);
        if (read.problem && wrong.insert(path).second) {
            templates.leaveNames();
            spec::Reporter(diagnostics, base == "." ? path : base + "/" + path)
                .error(code::VG0461, spec::positionIn(file->second, read.problem->at),
                       "the template " + read.problem->what, Templates::hint(*read.problem));
        }
    }
    const FieldPath receivers{"spec", "alertmanager", "receivers"};
    for (std::size_t i = 0; i < alertmanager.receivers.size(); ++i) {
        for (std::size_t j = 0; j < alertmanager.receivers[i].emailConfigs.size(); ++j) {
            templates.text(alertmanager.receivers[i].emailConfigs[j].to,
                           (receivers[i] / "emailConfigs")[j] / "to");
        }
    }
    for (const auto& block : spec::settingBlocks(stack)) {
        if (block.program != spec::Program::alertmanager ||
            (block.where != "receivers" && block.where != "emailConfigs")) {
            continue;
        }
        spec::forEachSetting(block, [&](const spec::Setting& setting) {
            if (verbatim(setting, templates.version())) {
                return;
            }
            templates.text(setting.value.scalar, setting.at);
            for (std::size_t i = 0; i < setting.value.items.size(); ++i) {
                templates.text(setting.value.items[i].scalar, setting.at[i]);
            }
            for (const auto& entry : setting.value.entries) {
                if (const auto* word = wordFor(block.program, setting.where, setting.field);
                    word != nullptr && word->verbatim) {
                    templates.text(entry.value.scalar, setting.at / entry.key);
                }
            }
        });
    }
    return wrong;
}

}  // namespace vigie::lint
