// Tests lint/templates: Templates of notifications: the texts of receivers, and the files that define more.

#include "lint/templates.hpp"

#include "spec/load.hpp"
#include "tests/support/catch.hpp"

#include <functional>

namespace vigie::lint {
namespace {

/// A document whose one receiver has `field: text`, an Alertmanager of `version` and a template file.
std::string document(const std::string& field, const std::string& text, const std::string& version) {
    std::string quoted;
    for (const char c : text) {
        quoted += c == '\'' ? "''" : std::string(1, c);
    }
    return "apiVersion: vigie.dev/v1alpha1\nkind: MonitoringStack\nmetadata: { name: a }\nspec:\n"
           "  alertmanager:\n    project: a\n    image: prom/alertmanager:v" +
           version + "\n    templates: [a.tmpl]\n    route: { receiver: r }\n    receivers: [{ name: r, " +
           field + ": '" + quoted + "' }] }]\n";
}

struct Said {
    std::vector<std::string> codes;
    std::string first;
    std::set<std::string> files;
};

Said lintText(const std::string& text, const std::string& version = "0.33.0",
              const std::string& field = "slackConfigs: [{ text",
              const std::map<std::string, std::string>& files = {
                  {"a.tmpl", "{{ define \"mine\" }}{{ end }}"}}) {
    spec::Diagnostics ignored;
    const auto loaded = spec::loadStack(document(field, text, version), "stack.yaml", "0.1.0", ignored);
    REQUIRE(loaded);
    Said out;
    spec::Diagnostics said;
    out.files =
        lintTemplates(loaded->stack, files, ".", spec::Reporter(said, "stack.yaml", &loaded->root), said);
    for (const auto& each : said.all()) {
        out.codes.push_back(each.code);
        if (out.first.empty()) {
            out.first = each.file + ":" + std::to_string(each.at.line) + ":" +
                        std::to_string(each.at.column) + " " + std::string(toText(each.severity)) + " " +
                        each.message;
        }
    }
    return out;
}

TEST_CASE("a receiver's text that Alertmanager could not execute as a template is reported", "[lint]") {
    CHECK(
        lintText(
            "{{ .CommonLabels.severity }} {{ template \"mine\" . }} {{ template \"slack.default.text\" . }}")
            .codes.empty());
    CHECK(lintText("no template }}").codes.empty());
    CHECK(lintText("{{ .CommonLabels.my-label }}").first ==
          "stack.yaml:10:51 error the template has the character U+002D `-` in the name `.my`");
    CHECK(lintText("{{ template \"mime\" . }}").first ==
          "stack.yaml:10:51 error the template `mime` is not defined");
    CHECK(lintText("{{ .Labels.severity }}").first ==
          "stack.yaml:10:51 warning a notification has no field `.Labels`");
    CHECK(lintText("{{ range .Alerts }}{{ .Labels.severity }}{{ end }}").codes.empty());
}

TEST_CASE("template functions are those of the image's version", "[lint]") {
    CHECK(lintText("{{ now | date \"2006\" }}", "0.33.0").codes.empty());
    CHECK(lintText("{{ now }}", "0.32.0").codes == std::vector<std::string>{"VG0461"});
    CHECK(lintText("{{ .Status | trimSpace }}", "0.26.0").codes.empty());
    CHECK(lintText("{{ .Status | trimSpace }}", "0.25.0").codes == std::vector<std::string>{"VG0461"});
    CHECK(lintText("{{ .Status | humanize }}", "0.33.0").codes == std::vector<std::string>{"VG0461"});
}

TEST_CASE("every templated field of a receiver is checked, and fields taken literally are not", "[lint]") {
    for (const char* field :
         {"emailConfigs: [{ to", "emailConfigs: [{ to: a@b.example, html", "pushoverConfigs: [{ url",
          "jiraConfigs: [{ summary", "opsgenieConfigs: [{ tags", "wechatConfigs: [{ toUser"}) {
        INFO(field);
        CHECK(lintText("{{ . ", "0.33.0", field).codes == std::vector<std::string>{"VG0461"});
    }
    CHECK(lintText("http://a/{{", "0.30.0", "webhookConfigs: [{ url").codes.empty());
    CHECK(lintText("http://a/{{", "0.31.0", "webhookConfigs: [{ url").codes.size() == 1);
    CHECK(lintText("http://a/{{", "0.33.0", "opsgenieConfigs: [{ apiURL").codes.empty());
}

TEST_CASE("a mistake in a template file is reported at its own line", "[lint]") {
    const auto said = lintText("{{ template \"unknown\" . }}", "0.33.0", "slackConfigs: [{ text",
                               {{"a.tmpl", "{{ define \"a\" }}\n  {{ .Status | }\n{{ end }}\n"}});
    CHECK(said.first == "a.tmpl:2:16 error the template has an unexpected `}` in a command");
    CHECK(said.codes == std::vector<std::string>{"VG0461"});  // what it defines is not known then
    CHECK(said.files == std::set<std::string>{"a.tmpl"});
}

}  // namespace
}  // namespace vigie::lint
