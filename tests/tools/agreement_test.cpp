// What vigie judges itself it judges as Alertmanager does: matchers, templates, time zones.

#include "lint/go_template.hpp"
#include "lint/matchers.hpp"
#include "spec/image_version.hpp"
#include "spec/time_zones.hpp"
#include "system/real_files.hpp"
#include "system/real_processes.hpp"
#include "system/stop.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <regex>
#include <set>

namespace vigie::tests {
namespace {

class Amtool {
public:
    Amtool() : processes_(stop_), files_(directory_.path) {
        std::smatch match;
        const auto said = processes_.run({{"amtool", "--version"}, {}, {}});
        const std::string text = said.out + said.err;
        REQUIRE(std::regex_search(text, match, std::regex("version ([0-9]+\\.[0-9]+)")));
        version_ = spec::imageVersion("a:v" + match[1].str()).value();
        files_.write("/empty.tmpl", "{{ define \"mine\" }}{{ end }}", 0600, std::nullopt);
    }

    [[nodiscard]] const spec::ImageVersion& version() const { return version_; }

    bool accepts(const std::string& configuration) {
        files_.write("/alertmanager.yml", configuration, 0600, std::nullopt);
        return processes_.run({{"amtool", "check-config", directory_.path + "/alertmanager.yml"}, {}, {}})
            .ok();
    }

    /// Whether Go parses the template; what fails when it is executed was parsed.
    bool parses(const std::string& text) {
        const auto result =
            processes_.run({{"amtool", "template", "render",
                             "--template.glob=" + directory_.path + "/empty.tmpl", "--template.text=" + text},
                            {},
                            {}});
        return result.ok() || (result.out + result.err).find("executing") != std::string::npos;
    }

private:
    system::Stop stop_;
    system::RealProcesses processes_;
    TemporaryDirectory directory_;
    system::RealFiles files_;
    spec::ImageVersion version_;
};

std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text) {
        out += c == '\'' ? "''" : std::string(1, c);
    }
    return out + "'";
}

std::string withMatchers(const std::vector<std::string>& matchers) {
    std::string out = "receivers: [ { name: m } ]\nroute:\n  receiver: m\n  routes:\n";
    for (const auto& each : matchers) {
        out += "    - matchers: [ " + quoted(each) + " ]\n";
    }
    return out;
}

/// Those that are good are asked for all at once, the others one by one.
template <class Good, class Wrap>
void compare(Amtool& amtool, const std::vector<std::string>& texts, Good good, Wrap wrap) {
    std::vector<std::string> taken;
    for (const auto& text : texts) {
        INFO(text);
        if (good(text)) {
            taken.push_back(text);
        } else {
            CHECK_FALSE(amtool.accepts(wrap({text})));
        }
    }
    if (!amtool.accepts(wrap(taken))) {
        for (const auto& text : taken) {
            INFO(text);
            CHECK(amtool.accepts(wrap({text})));
        }
    }
}

TEST_CASE("matchers are parsed as amtool parses them", "[tools]") {
    Amtool amtool;
    const auto syntax = amtool.version() < spec::ImageVersion{0, 27} ? lint::MatcherSyntax::classic
                                                                     : lint::MatcherSyntax::fallback;
    compare(
        amtool,
        {"a=b",
         "a-b=\"c\"",
         "\xC3\xA4=\"c\"",
         "a=b,c=d",
         "{a=b}",
         "{a=b,}",
         "a=b,",
         "{a=b",
         "a=b}",
         "s='page'",
         "s==page",
         "s: page",
         "s page",
         "\"a b\"=\"c\"",
         "\"\"=\"c\"",
         "a=",
         "=b",
         " a = b ",
         "a=b c",
         "a=\"b\" c",
         "a=\"b",
         "a=b\"",
         "a=\"b\"c\"",
         "a=\"b\\\"c\"",
         "a=\"\\d\"",
         "a=\"b\\\"",
         "a=x,y",
         "a=~\"x,y\",b=c",
         "a!b",
         "a~b",
         "a=!b",
         "a:b=c",
         "1a=b",
         "a.b=c",
         "{}",
         "a`b=c",
         "a=`b`",
         "a=b\\c",
         "a=\"b\",,c=\"d\"",
         ",a=b",
         "'a'=b",
         "a.b=\"\\q\""},
        [&](const std::string& text) { return lint::readMatchers(text, syntax).problem.empty(); },
        withMatchers);
}

TEST_CASE("templates are parsed as amtool parses them", "[tools]") {
    Amtool amtool;
    for (const char* text : {"{{ .CommonLabels.my-label }}",
                             "{{ .CommonLabels.my_label }}",
                             "{{ .Status",
                             "{{ .Status }",
                             "}}",
                             "{{ }}",
                             "{{- .Status -}}",
                             "{{-.Status}}",
                             "{{/* c */}}",
                             "{{/* c */ }}",
                             "{{ /* c */ }}",
                             "{{ if .Status }}a{{ end }}",
                             "{{ if }}{{ end }}",
                             "{{ if .Status }}a",
                             "{{ end }}",
                             "{{ else }}",
                             "{{ if .Status }}{{ else if .Receiver }}{{ end }}",
                             "{{ if .Status }}{{ else }}{{ else }}{{ end }}",
                             "{{ range $i, $a := .Alerts }}{{ $i }}{{ end }}",
                             "{{ range $i, $a, $b := .Alerts }}{{ end }}",
                             "{{ $x := 1 }}{{ $x }}",
                             "{{ $x }}",
                             "{{ $ }}",
                             "{{ template a . }}",
                             "{{ block \"b\" . }}x{{ end }}",
                             "{{ break }}",
                             "{{ foo }}",
                             "{{ toUpper .Status }}",
                             "{{ .Status | toUpper | }}",
                             "{{ .Status || .Receiver }}",
                             "{{ .Status | \"x\" }}",
                             "{{ \"x }}",
                             "{{ 'ab' }}",
                             "{{ \"a\\qb\" }}",
                             "{{ 1a }}",
                             "{{ (.Status }}",
                             "{{ .Status) }}",
                             "{{ ( ) }}",
                             "{{ .Status == \"firing\" }}",
                             "{{ .Status, .Receiver }}",
                             "{{ true.x }}",
                             "{{ ..Status }}",
                             "{{ . Status }}",
                             "{{ \xE2\x80\x9Cx\xE2\x80\x9D }}",
                             "{{ $a-b }}",
                             "{{{ .Status }}}",
                             "{{ .Status }}}",
                             "{{ .CommonLabels[\"x\"] }}",
                             "{{ .Status:}}",
                             "{{ $x := }}",
                             "{{ ''' }}"}) {
        INFO(text);
        const auto problem =
            lint::readTemplate(text, [](std::string_view name) { return name == "toUpper"; }).problem;
        CHECK(amtool.parses(text) == !problem);
    }
}

TEST_CASE("every time zone name that vigie accepts is accepted by amtool", "[tools]") {
    Amtool amtool;
    const auto wrap = [](const std::vector<std::string>& names) {
        std::string out =
            "route: { receiver: m }\nreceivers: [ { name: m } ]\ntime_intervals:\n  - name: a\n    "
            "time_intervals:\n";
        for (const auto& name : names) {
            out += "      - { location: " + quoted(name) + " }\n";
        }
        return out;
    };
    // A machine may lack names of the past and of the future: these every one has.
    compare(
        amtool,
        {"UTC", "Local", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "CEST", "europe/berlin", "utc",
         "../x"},
        [](const std::string& name) { return spec::knownTimeZone(name) == spec::TimeZone::known; }, wrap);
}

}  // namespace
}  // namespace vigie::tests
