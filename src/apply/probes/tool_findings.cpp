// Turns complaints of promtool and amtool into findings at places of the document.

#include "apply/probes/tool_findings.hpp"

#include "apply/inputs/desired_state.hpp"
#include "apply/probes/check.hpp"
#include "base/complaint.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "kinds/models.hpp"
#include "render/prometheus.hpp"
#include "spec/place_of_words.hpp"
#include "spec/read_yaml.hpp"

#include <algorithm>

namespace vigie::apply {
namespace {

using render::ConfigOwner;
using render::ConfiguredProgram;
using spec::FieldPath;

constexpr const char* kPromtoolRefuses = code::VG0601.name;
constexpr const char* kAmtoolRefuses = code::VG0602.name;
constexpr const char* kAnotherVersion = code::VG0603.name;

FieldPath partOf(ConfiguredProgram::Program program) {
    return FieldPath{"spec",
                     program == ConfiguredProgram::Program::prometheus ? "prometheus" : "alertmanager"};
}

const char* uncheckedWithout(ConfiguredProgram::Program program) {
    return program == ConfiguredProgram::Program::prometheus
               ? "PromQL, templates in rules, and what else only Prometheus itself refuses"
               : "templates, and what else only Alertmanager itself refuses";
}

std::string baseOf(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

/// The path to the node that begins on that line of a YAML text and lies deepest, and its words: the
/// settings' names, the items' names and the value.
std::string wordsOfLine(const spec::Node& node, std::uint32_t line, bool& found) {
    std::string out;
    const auto item = [](const spec::Node& each) {
        std::string words;
        for (const char* name : {"name", "job_name", "receiver", "alert", "record"}) {
            if (const auto* value = each.find(name)) {
                words += " \"" + value->scalar + "\"";
            }
        }
        return words;
    };
    for (const auto& entry : node.entries) {
        const auto inside = wordsOfLine(entry.value, line, found);
        if (found) {
            return " " + entry.key + inside;
        }
        if (entry.keyAt.line == line) {
            found = true;
            return " " + entry.key + " \"" + entry.value.scalar + "\"";
        }
    }
    for (const auto& each : node.items) {
        auto inside = wordsOfLine(each, line, found);
        if (!found && each.at.line == line) {
            found = true;
            inside = " \"" + each.scalar + "\"";
        }
        if (found) {
            return item(each) + inside;
        }
    }
    return out;
}

/// One document, and what is found in it.
class Findings {
public:
    Findings(source::Loaded& loaded, Tools tools) : loaded_(loaded), tools_(tools) {}

    /// The configuration that a checker saw.
    struct Rendered {
        ConfiguredProgram::Program program;
        std::string file;  ///< its name
        std::string text;
    };

    /// `doubt`: what is said of the versions where the program may see it otherwise; else empty.
    void add(const Rendered& rendered, const Complaint& complaint, const std::string& doubt) {
        spec::Diagnostic out;
        place(rendered, complaint, out);
        const std::string name = checkerOf(rendered.program).program;
        const std::string said = oneLine(showableComplaint(complaint.reason));
        out.message = name + " refuses it: " + said + (doubt.empty() ? "" : " (" + doubt + ")");
        out.hint = hintFor(complaint.reason);
        if (!doubt.empty()) {
            out.code = kAnotherVersion;
            out.severity = tools_ == Tools::require ? spec::Severity::warning : spec::Severity::info;
            out.hint =
                "the image may know it: ask " + name + " of its version; what comes behind was not looked at";
        } else {
            out.code = rendered.program == ConfiguredProgram::Program::prometheus ? kPromtoolRefuses
                                                                                  : kAmtoolRefuses;
            out.hint = out.hint.empty() ? "correct it there" : out.hint;
        }
        const auto& all = loaded_.diagnostics.all();
        const bool known = std::any_of(all.begin(), all.end(), [&](const spec::Diagnostic& each) {
            return each.code == out.code && each.file == out.file && each.at.line == out.at.line &&
                   each.message == out.message;
        });
        if (!known) {  // several hosts may run the same
            loaded_.diagnostics.add(std::move(out));
        }
    }

private:
    static std::string oneLine(const std::string& text) {
        std::vector<std::string> out;
        for (const auto line : splitLines(text)) {
            out.emplace_back(trim(line));
        }
        return join(out, "; ");
    }

    /// A file of the document's directory that a checker names by its path, or by its name alone.
    [[nodiscard]] std::string fileOfDocument(const std::string& named) const {
        if (loaded_.files.count(named) != 0) {
            return named;
        }
        for (const auto& [path, text] : loaded_.files) {
            if (!named.empty() && baseOf(path) == named) {
                return path;
            }
        }
        return {};
    }

    void place(const Rendered& rendered, const Complaint& complaint, spec::Diagnostic& out) {
        if (complaint.file != rendered.file) {
            if (const auto path = fileOfDocument(complaint.file); !path.empty()) {
                placeInFile(path, complaint, out);
                return;
            }
        }
        const auto& document = *loaded_.document;
        out.file = document.file;
        const auto part = partOf(rendered.program);
        const auto within = complaint.file == render::kRuleGroupFile ? part / "ruleGroups" : part;
        std::string said = complaint.reason;
        if (complaint.file == rendered.file && complaint.line != 0) {
            spec::Diagnostics unread;
            bool found = false;
            const auto tree = spec::readYaml(rendered.text, complaint.file, unread);
            said = (tree ? wordsOfLine(*tree, complaint.line, found) : "") + " " + said;
        }
        auto path = spec::placeOfWords(document.root, part, said);
        if (path.steps().size() < within.steps().size()) {
            path = within;
        }
        out.at = spec::resolve(document.root, path);
    }

    void placeInFile(const std::string& path, const Complaint& complaint, spec::Diagnostic& out) {
        const auto& document = loaded_.document->file;
        const auto slash = document.rfind('/');
        out.file = slash == std::string::npos ? path : document.substr(0, slash + 1) + path;
        const auto& text = loaded_.files.at(path);
        loaded_.sources[out.file] = text;
        out.at = {complaint.line, complaint.column == 0 && complaint.line != 0 ? 1U : complaint.column};
        if (complaint.line != 0) {
            return;
        }
        spec::Diagnostics unread;  // what is no YAML has a line by the checker
        if (const auto tree = spec::readYaml(text, path, unread)) {
            out.at = spec::resolve(*tree, spec::placeOfWords(*tree, {}, complaint.reason));
        }
    }

    source::Loaded& loaded_;
    Tools tools_;
};

/// Whether the whole configuration is refused, so that the checker has not come to the rule files.
bool refusesConfiguration(const std::vector<Complaint>& complaints, const Check& check) {
    return std::any_of(complaints.begin(), complaints.end(),
                       [&](const Complaint& each) { return each.file == check.file || each.file.empty(); });
}

/// The rule files alone: their mistakes are told beside those of the configuration.
void askAboutRules(const spec::Stack& stack, const Check& check, const system::System& system,
                   std::vector<Complaint>& complaints) {
    auto files = stack.prometheus->ruleFiles;
    files.emplace_back(render::kRuleGroupFile);
    for (const auto& file : files) {
        if (!system.files.inspect(check.staging + "/" + file).exists()) {
            continue;
        }
        Check alone = check;
        alone.checker.arguments = {"check", "rules"};
        alone.file = file;
        for (auto& each : askOnHost(alone, system)) {
            complaints.push_back(std::move(each));
        }
    }
}

/// One program of one host.
void ask(const ConfiguredProgram& reload, const std::vector<render::Resource>& desired,
         const spec::Stack& stack, const std::string& stagingDirectory, const system::System& system,
         Findings& findings, AskedTool& tool) {
    const Check check = checkOf(reload, desired, stagingDirectory);
    const auto version = versionHere(tool.program, system);
    tool.version = version ? toText(*version) : "";
    tool.image = check.service ? check.service->image : "";
    const auto program = spec::imageVersion(tool.image);
    tool.another = version && program && *version != *program;
    system::removeTree(system.files, stagingDirectory);
    stageForHost(check, reload, desired, system.files);
    auto complaints = askOnHost(check, system);
    if (reload.program == ConfiguredProgram::Program::prometheus && refusesConfiguration(complaints, check)) {
        askAboutRules(stack, check, system, complaints);
    }
    const Findings::Rendered rendered{
        reload.program, check.file,
        std::string(view(system.files.read(stagingDirectory + "/" + check.file, system::kLargestFile)))};
    const std::string versions = tool.program + " here is " + tool.version + ", the image is " + tool.image;
    for (const auto& each : complaints) {
        const bool doubt = tool.another && mayBeVersion(each.reason, *version, *program);
        findings.add(rendered, each, doubt ? versions : "");
    }
    tool.asked = true;
}

void askOrTell(const ConfiguredProgram& reload, const std::vector<render::Resource>& desired,
               const spec::Stack& stack, Tools tools, const std::string& stagingDirectory,
               const system::System& system, Findings& findings, AskedTool& tool) {
    const auto checker = checkerOf(reload.program);
    if (!system.processes.find(checker.program)) {
        tool.why = tool.program + " is not on this machine";
        if (tools == Tools::require) {
            throw Error(tool.program + " is missing, so the document cannot be checked with it",
                        std::string("install ") + checker.package + ", or say --tools auto");
        }
        return;
    }
    try {
        ask(reload, desired, stack, stagingDirectory, system, findings, tool);
    } catch (const Error& error) {
        if (tools == Tools::require) {
            throw;
        }
        tool.why = error.what();
    }
}

}  // namespace

std::vector<AskedTool> findWithTools(source::Loaded& loaded, Tools tools, const std::string& stagingDirectory,
                                     const system::System& system) {
    std::vector<AskedTool> out;
    const auto& stack = loaded.document->stack;
    Findings findings(loaded, tools);
    for (const auto& host : stack.hosts) {
        if (!stack.prometheusOn(host) && stack.alertmanagerOn(host).empty()) {
            continue;
        }
        const auto target = makeSealedDesiredState(loaded, host.name);
        for (const auto& resource : target.desired) {
            const auto* reload = kinds::programOf(resource);
            if (reload == nullptr || reload->owner != ConfigOwner::vigie) {
                continue;  // the host's own configuration is on the host
            }
            AskedTool tool;
            tool.program = checkerOf(reload->program).program;
            tool.unchecked = uncheckedWithout(reload->program);
            askOrTell(*reload, target.desired, stack, tools, stagingDirectory, system, findings, tool);
            const bool told = std::any_of(out.begin(), out.end(), [&](const AskedTool& each) {
                return each.program == tool.program && each.asked == tool.asked;
            });
            if (!told) {
                out.push_back(std::move(tool));
            }
        }
    }
    loaded.diagnostics.sort();
    return out;
}

}  // namespace vigie::apply
