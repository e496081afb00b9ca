#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/documents.hpp"
#include "cli/terminal.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

namespace vigie::cli {
namespace {

std::string_view sourceOf(const source::Loaded& loaded, const spec::Diagnostic& diagnostic) {
    const auto it = loaded.sources.find(diagnostic.file);
    return it == loaded.sources.end() ? std::string_view() : std::string_view(it->second);
}

std::string toJson(const source::Loaded& loaded) {
    using nlohmann::ordered_json;
    ordered_json findings = ordered_json::array();
    for (const auto& each : loaded.diagnostics.all()) {
        findings.push_back({{"severity", spec::toText(each.severity)},
                            {"code", each.code},
                            {"file", each.file},
                            {"line", each.at.line},
                            {"column", spec::columnOf(each, sourceOf(loaded, each))},
                            {"message", each.message},
                            {"hint", each.hint}});
    }
    const ordered_json out{{"valid", loaded.usable()}, {"findings", std::move(findings)}};
    return out.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string summary(const source::Loaded& loaded) {
    const auto& found = loaded.diagnostics;
    const auto notes = found.count(spec::Severity::info);
    if (found.all().size() > notes) {
        return count(found.errors(), "error") + ", " + count(found.count(spec::Severity::warning), "warning");
    }
    const auto& stack = loaded.document->stack;
    return "valid: stack " + stack.name + ", " + count(stack.hosts.size(), "host") + ", " +
           count(stack.applications.size(), "application") + ", " + count(stack.exporters.size(), "exporter");
}

}  // namespace

int validate(const ValidateOptions& options) {
    const auto loaded = source::loadDirectory(options.directory);
    if (options.output == "json") {
        print(toJson(loaded));
    } else {
        print(formatAll(loaded, colourOn(STDOUT_FILENO)));
        print(options.directory + ": " + summary(loaded) + "\n");
    }
    const bool clean = loaded.diagnostics.all().size() == loaded.diagnostics.count(spec::Severity::info);
    return clean ? kOk : kDifference;
}

}  // namespace vigie::cli
