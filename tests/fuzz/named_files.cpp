// Files that a document names: rules, targets and templates.
#include "lint/rule_files.hpp"
#include "lint/target_files.hpp"
#include "lint/templates.hpp"
#include "spec/load.hpp"
#include "tests/fuzz/target.hpp"

namespace vigie::fuzz {
namespace {

/// A stack with a Prometheus and an Alertmanager, which have each of these files.
const spec::Document& stackWithFiles() {
    static const spec::Document kDocument = [] {
        constexpr std::string_view kText =
            "apiVersion: vigie.dev/v1alpha1\nkind: MonitoringStack\nmetadata: { name: a }\nspec:\n"
            "  hosts: [{ name: vm }]\n"
            "  projects: [{ name: monitoring, host: vm, directory: /opt/monitoring }]\n"
            "  prometheus:\n    project: monitoring\n    ruleFiles: [rules.yml]\n"
            "    scrapeConfigs:\n      - { jobName: a, fileSDConfigs: [{ files: [targets.yml] }] }\n"
            "  alertmanager:\n    project: monitoring\n    route: { receiver: a }\n"
            "    receivers: [{ name: a, webhookConfigs: [{ url: \"http://127.0.0.1:1/\" }] }]\n"
            "    templates: [a.tmpl]\n";
        spec::Diagnostics diagnostics;
        auto out = spec::loadStack(kText, "stack.yaml", "0.2.0", diagnostics);
        demand(out && !diagnostics.hasErrors(), "the stack of the target is valid");
        return std::move(*out);
    }();
    return kDocument;
}

void format(const spec::Diagnostics& diagnostics, const std::string& name, std::string_view bytes) {
    static_cast<void>(spec::formatTold(diagnostics, {{name, std::string(bytes)}}, false));
}

}  // namespace

void ruleFile(std::string_view bytes) {
    spec::Diagnostics diagnostics;
    lint::lintRuleFile(stackWithFiles().stack, "rules.yml", bytes, diagnostics);
    format(diagnostics, "rules.yml", bytes);
}

void targetFile(std::string_view bytes) {
    const auto files = lint::targetFiles(stackWithFiles().stack);
    demand(files.size() == 1, "the stack of the target has a target file");
    spec::Diagnostics diagnostics;
    lint::lintTargetFile(files.front(), "targets.yml", bytes, diagnostics);
    format(diagnostics, "targets.yml", bytes);
}

void templateFile(std::string_view bytes) {
    const auto& document = stackWithFiles();
    spec::Diagnostics diagnostics;
    const spec::Reporter report(diagnostics, "stack.yaml", &document.root);
    static_cast<void>(
        lint::lintTemplates(document.stack, {{"a.tmpl", std::string(bytes)}}, ".", report, diagnostics));
    format(diagnostics, "./a.tmpl", bytes);
}

}  // namespace vigie::fuzz
