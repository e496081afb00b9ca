// Tests lint/go_template: What Go's text/template refuses of a text.

#include "lint/go_template.hpp"

#include "tests/support/catch.hpp"

#include <vector>

namespace vigie::lint {
namespace {

Template read(std::string_view text) {
    return readTemplate(text, [](std::string_view name) { return name == "toUpper"; });
}

// As `amtool template render` 0.33.1 judges them.
TEST_CASE("a template that Go parses is accepted", "[lint]") {
    for (const char* text : {"plain",
                             "{{ . }}",
                             "{{ index .CommonLabels \"my-label\" }}",
                             "}} alone",
                             "{{- .Status -}}",
                             "{{/* comment */}}",
                             "{{- /* comment */ -}}",
                             "{{ if .Status }}a{{ else if .Receiver }}b{{ else }}c{{ end }}",
                             "{{ range $i, $a := .Alerts }}{{ $i }}{{ $a.Labels.x }}{{ else }}{{ end }}",
                             "{{ with $x := .Status }}{{ $x }}{{ else with .Receiver }}{{ end }}",
                             "{{ $x := 1 }}{{ $x = 2 }}{{ $x }}",
                             "{{ define \"a\" }}x{{ end }}{{ template \"a\" . }}",
                             "{{ block \"b\" . }}x{{ end }}",
                             "{{ range .Alerts }}{{ if .Status }}{{ break }}{{ end }}{{ continue }}{{ end }}",
                             "{{ .Status | toUpper | printf \"%q\" }}",
                             "{{ \"a\\\"b\\u00e4\\x41\\101\" }}{{ `raw \\ }}` }}{{ 'a' }}{{ '\\n' }}",
                             "{{ 1 }}{{ -1 }}{{ 1.5 }}{{ 0x1F }}{{ 1e3 }}{{ .5 }}{{ 1_000 }}",
                             "{{ (index .Alerts 0).Labels.x }}",
                             "{{ if and .Status (eq .Receiver \"x\") }}a{{ end }}",
                             "{{if.Status}}a{{end}}",
                             "a{{\"{{\"}}b{{ \"}}\" }}",
                             "{{ .CommonLabels.\xC3\xA4 }}",
                             "{ { .Status } } {{ .Status }}}"}) {
        INFO(text);
        const auto problem = read(text).problem;
        CHECK((problem ? problem->what : "") == "");
    }
}

struct Bad {
    const char* text;
    std::size_t at;
    const char* what;
};

TEST_CASE("a template that Go refuses is refused with the position", "[lint]") {
    static const std::vector<Bad> kBad = {
        {"{{ .CommonLabels.my-label }}", 19, "has the character U+002D `-` in the name `.my`"},
        {"{{ .Status", 10, "has a `{{` without its `}}`"},
        {"{{ .Status }", 11, "has an unexpected `}` in an operand"},
        {"{{ }}", 3, "has no value in an action"},
        {"{{-.Status}}", 2, "has the invalid number `-.S`"},
        {"{{/* comment }}", 0, "has an unclosed comment"},
        {"{{/* a */ }}", 9, "has text between `*/` and `}}` of a comment"},
        {"{{ if }}a{{ end }}", 6, "has no value in `if`"},
        {"{{ if .Status }}a", 17, "ends without an `{{ end }}`"},
        {"{{ end }}", 0, "has an `{{ end }}` without a block"},
        {"{{ if .Status }}{{ else }}{{ else }}{{ end }}", 24, "has a second `{{ else }}`"},
        {"{{ range $i, $a, $b := .Alerts }}{{ end }}", 13, "declares too many variables in `range`"},
        {"{{ with $x := .Status }}{{ end }}{{ $x }}", 36, "uses the undeclared variable `$x`"},
        {"{{ $labels.instance }}", 3, "uses the undeclared variable `$labels`"},
        {"{{ template a . }}", 12, "has no quoted name after `template`"},
        {"{{ if .Status }}{{ define \"z\" }}{{ end }}{{ end }}", 19, "has an unexpected `define`"},
        {"{{ break }}", 3, "has `break` outside of a `range`"},
        {"{{ humanize .Status }}", 3, "calls `humanize`, which is not a function"},
        {"{{ .Status || .Receiver }}", 12, "has an unexpected `|` in a command"},
        {"{{ .Status | \"x\" }}", 13, "has `\"x\"` after a `|`, where only a function is allowed"},
        {"{{ \"x }}", 3, "has an unclosed quote"},
        {"{{ 'ab' }}", 3, "has 'ab', but single quotes hold exactly one character"},
        {"{{ \"a\\qb\" }}", 3, "has an invalid escape in \"a\\qb\""},
        {"{{ (.Status }}", 12, "has a `(` without its `)`"},
        {"{{ .Status) }}", 10, "has a `)` without its `(`"},
        {"{{ .Status == \"firing\" }}", 11, "has an unexpected `=` in an operand"},
        {"{{ true.x }}", 7, "reads a field of `true`, which has no fields"},
        {"{{ . Status }}", 5, "calls `Status`, which is not a function"},
        {"{{ \xE2\x80\x9Cx\xE2\x80\x9D }}", 3,
         "has the character U+201C `\xE2\x80\x9C`, which is not allowed there"},
        {"{{ .CommonLabels[\"x\"] }}", 16, "has the character U+005B `[` in the name `.CommonLabels`"},
        {"{{ .Status:}}", 10, "has a `:` without its `=`"}};
    for (const auto& bad : kBad) {
        INFO(bad.text);
        const auto problem = read(bad.text).problem;
        REQUIRE(problem);
        CHECK(problem->what == bad.what);
        CHECK(problem->at == bad.at);
    }
}

std::string namesOf(const std::vector<TemplateName>& names) {
    std::string out;
    for (const auto& each : names) {
        out += (out.empty() ? "" : " ") + each.name;
    }
    return out;
}

TEST_CASE("a template's definitions, calls and fields are collected", "[lint]") {
    const auto all = read(
        "{{ define \"a\" }}{{ .X }}{{ $.Y }}{{ end }}{{ template \"b\" . }}{{ .Status }}"
        "{{ range .Alerts }}{{ .Labels.x }}{{ $.Receiver }}{{ else }}{{ .Z }}{{ end }}");
    REQUIRE_FALSE(all.problem);
    CHECK(all.defined == std::set<std::string>{"a"});
    CHECK(namesOf(all.called) == "b");
    CHECK(namesOf(all.fields) == "Status Alerts Receiver Z");
}

TEST_CASE("a template cut at any byte is parsed without reading past its end", "[lint]") {
    const std::string all =
        "a{{- if $x := (index .A \"\\u00e4\" 'x' -1.5e3).B.c -}}{{/* c */}}{{ range $i, $e := $ }}`{{ `r` | "
        "len }}"
        "{{ end }}{{ else if not true }}{{ template \"t\" . }}{{ end -}} b";
    CHECK_FALSE(readTemplate(all, [](std::string_view) { return true; }).problem);
    for (std::size_t i = 0; i < all.size(); ++i) {
        read(std::string_view(all).substr(i));
        read(std::string_view(all).substr(0, i));
    }
}

}  // namespace
}  // namespace vigie::lint
