// `vigie validate`.
#include "apply/probes/tool_findings.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/documents.hpp"
#include "cli/host_system.hpp"
#include "cli/temporary_directory.hpp"
#include "cli/terminal.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

namespace vigie::cli {
namespace {

apply::Tools toolsFrom(const std::string& text) {
    return text == "require" ? apply::Tools::require
           : text == "off"   ? apply::Tools::off
                             : apply::Tools::automatic;
}

/// Whether the document has something that the checkers judge.
bool concernsTools(const source::Loaded& loaded) {
    return loaded.document && (loaded.document->stack.prometheus || loaded.document->stack.alertmanager);
}

std::vector<apply::AskedTool> askTools(source::Loaded& loaded, apply::Tools tools) {
    if (tools == apply::Tools::off || !loaded.usable()) {
        return {};
    }
    try {
        const TemporaryDirectory copies;
        HostSystem here({copies.path(), "/state"});
        return apply::findWithTools(loaded, tools, "/copies", here.system());
    } catch (const Error& error) {
        if (tools == apply::Tools::require) {
            throw;
        }
        apply::AskedTool none;  // no place for the copies: everything else was checked
        none.program = "promtool and amtool";
        none.unchecked = "what only Prometheus and Alertmanager refuse";
        none.why = error.what();
        return {none};
    }
}

/// Lists the checkers that ran, and the checks that were skipped, one per line.
std::string toText(const std::vector<apply::AskedTool>& asked) {
    std::vector<std::string> said;
    std::string notAsked;
    for (const auto& tool : asked) {
        if (tool.asked) {
            said.push_back(tool.program + " " + tool.version +
                           (tool.another ? " (the image is " + tool.image + ")" : ""));
        } else {
            notAsked += "not checked: " + tool.unchecked + " (" + tool.why + ")\n";
        }
    }
    return (said.empty() ? "" : "asked " + join(said, " and ") + "\n") + notAsked;
}

nlohmann::ordered_json toJson(const std::vector<apply::AskedTool>& asked) {
    auto out = nlohmann::ordered_json::array();
    for (const auto& tool : asked) {
        out.push_back({{"program", tool.program},
                       {"asked", tool.asked},
                       {"version", tool.version},
                       {"image", tool.image},
                       {"message", tool.asked ? "" : tool.why + ": not checked: " + tool.unchecked}});
    }
    return out;
}

std::string toJson(const source::Loaded& loaded, const std::vector<apply::AskedTool>& asked) {
    using nlohmann::ordered_json;
    ordered_json findings = ordered_json::array();
    spec::Sources sources(loaded.sources);
    const auto reported = loaded.diagnostics.told();
    for (const auto* each : reported) {
        findings.push_back({{"severity", spec::toText(each->severity)},
                            {"code", each->code},
                            {"file", each->file},
                            {"line", each->at.line},
                            {"column", spec::columnOf(*each, sources.of(each->file))},
                            {"message", each->message},
                            {"hint", each->hint}});
    }
    const ordered_json out{{"valid", loaded.usable()},
                           {"findings", std::move(findings)},
                           {"more", loaded.diagnostics.all().size() - reported.size()},
                           {"tools", toJson(asked)}};
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
    auto loaded = source::loadDirectory(options.directory);
    const auto tools = toolsFrom(options.tools);
    const auto asked = askTools(loaded, tools);
    if (options.output == "json") {
        print(toJson(loaded, asked));
    } else {
        print(formatAll(loaded, colourOn(STDOUT_FILENO)));
        const std::string checkers = toText(asked);
        for (const auto line : splitLines(checkers)) {
            print(options.directory + ": " + printable(line) + "\n");
        }
        if (asked.empty() && tools != apply::Tools::off && !loaded.usable() && concernsTools(loaded)) {
            print(options.directory + ": promtool and amtool run once there are no errors\n");
        }
        print(options.directory + ": " + summary(loaded) + "\n");
    }
    const bool clean = loaded.diagnostics.all().size() == loaded.diagnostics.count(spec::Severity::info);
    return clean ? kOk : kDifference;
}

}  // namespace vigie::cli
