// Native configuration: the file of `configFrom`, for both programs.
#include "lint/native.hpp"

#include "lint/lint.hpp"
#include "render/native.hpp"
#include "spec/load.hpp"
#include "spec/native_words.hpp"
#include "tests/fuzz/target.hpp"

namespace vigie::fuzz {
namespace {

const spec::Document& stackWithNative() {
    static const spec::Document kDocument = [] {
        constexpr std::string_view kText =
            "apiVersion: vigie.dev/v1alpha1\nkind: MonitoringStack\nmetadata: { name: a }\nspec:\n"
            "  hosts: [{ name: vm }]\n"
            "  projects: [{ name: monitoring, host: vm, directory: /opt/monitoring }]\n"
            "  exporters: [{ name: node, type: node, project: monitoring }]\n"
            "  prometheus:\n    project: monitoring\n    configFrom: { file: f.yml }\n"
            "    scrapeConfigs: [{ jobName: a, staticConfigs: [{ targets: [\"192.0.2.4:1\"] }] }]\n"
            "  alertmanager: { project: monitoring, configFrom: { file: f.yml } }\n";
        spec::Diagnostics diagnostics;
        auto out = spec::loadStack(kText, "stack.yaml", "0.2.0", diagnostics);
        demand(out && !diagnostics.hasErrors(), "the stack of the target is valid");
        return std::move(*out);
    }();
    return kDocument;
}

/// A configuration is written as the data that it is.
void writeBack(const spec::Node& root) {
    render::Inputs inputs;
    for (const auto& [name, at] : spec::nativeSecrets(root)) {
        inputs.secrets[name] = {name, std::make_shared<const SecureBytes>(1, 'x')};
    }
    const auto text = render::nativeText(root, inputs);
    demand(text.available(), "every secret of it is there");
    if (!text.hasSecrets() && !root.entries.empty()) {
        spec::Diagnostics diagnostics;
        const auto back = spec::readNative(text.masked(), "back", diagnostics);
        demand(back && spec::sameData(*back, root), "what is written is what was read");
    }
}

}  // namespace

void nativeConfiguration(std::string_view bytes) {
    const auto& document = stackWithNative();
    const std::map<std::string, std::string> files = {{"f.yml", std::string(bytes)}, {"r/a.yml", ""}};
    spec::Diagnostics diagnostics;
    std::map<std::string, std::string> sources;
    std::vector<spec::NativeRead> natives;
    for (const auto& source : spec::nativeSources(document.stack)) {
        if (auto root = spec::readNative(bytes, "f.yml", diagnostics)) {
            writeBack(*root);
            auto named = spec::nativeFiles(source, *root, files);
            natives.push_back({source, "f.yml", std::move(*root), std::move(named)});
        }
    }
    if (natives.empty()) {
        return;
    }
    const auto combined = spec::combine(document, natives, spec::Reporter(diagnostics, document.file));
    const spec::Reporter report(diagnostics, document.file, &combined.root);
    lint::lint(combined.stack, report);
    lint::lintCombined(combined, natives, report);
    lint::dropGivenWay(natives, diagnostics);
    spec::separateFiles(diagnostics, document, natives);
    for (const auto& native : natives) {
        lint::lintNative(combined.stack, native, files, ".", diagnostics, sources);
        render::checkNative(document.stack, native.source, "f.yml", document.file, files, report,
                            diagnostics);
    }
    static_cast<void>(spec::formatTold(diagnostics, {{"f.yml", std::string(bytes)}}, false));
}

}  // namespace vigie::fuzz
