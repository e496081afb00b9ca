// Reads a document and the files that it names out of a directory.
#include "source/directory.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "lint/certificates.hpp"
#include "lint/facts.hpp"
#include "lint/lint.hpp"
#include "lint/native.hpp"
#include "lint/rule_files.hpp"
#include "lint/suppress.hpp"
#include "lint/target_files.hpp"
#include "lint/templates.hpp"
#include "render/native.hpp"
#include "render/places.hpp"
#include "source/native.hpp"
#include "spec/find_stack.hpp"
#include "spec/format.hpp"
#include "spec/yaml_mistakes.hpp"
#include "system/real_files.hpp"
#include "version.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace vigie::source {
namespace {

constexpr std::uint64_t kLargestDocument = 64U << 20U;

bool isYaml(const std::string& name) {
    const auto ends = [&](std::string_view suffix) {
        return name.size() > suffix.size() &&
               name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0;
    };
    return ends(".yaml") || ends(".yml");
}

std::string readText(const system::Files& files, const std::string& path) {
    return std::string(view(files.read(path, kLargestDocument)));
}

/// How a file of the directory is called in messages.
std::string shownAs(const std::string& base, const std::string& path) {
    return base == "." ? path : base + "/" + path;
}

/// A file that may be the document.
struct Candidate {
    std::string name;
    std::string text;
    spec::Position at;  ///< where it says so
};

/// The files of a directory, as far as one of them may be the document.
struct Yamls {
    std::vector<std::string> plain;
    std::vector<std::string> pointers;  ///< of them, those that Git LFS left in the place of a file
    std::vector<std::string> links;     ///< also what stands for a link or a submodule in what git exported
    std::vector<Candidate> candidates;
};

Yamls yamlsIn(const system::Files& files) {
    Yamls out;
    for (const auto& name : files.list("")) {
        if (!isYaml(name)) {
            continue;
        }
        const auto type = files.inspect("/" + name).type;
        if (type == FileInfo::Type::symlink) {
            out.links.push_back(name);
        } else if (type == FileInfo::Type::regular) {
            out.plain.push_back(name);
            auto text = readText(files, "/" + name);
            if (spec::isLfsPointer(text)) {
                out.pointers.push_back(name);
            } else if (const auto at = spec::findStack(text)) {
                out.candidates.push_back({name, std::move(text), *at});
            }
        }
    }
    return out;
}

/// Told at the second of them: that is the one that is too many.
void reportSeveral(const std::string& base, const std::vector<Candidate>& candidates, Loaded& out) {
    std::vector<std::string> names;
    for (const auto& each : candidates) {
        names.push_back(each.name);
    }
    const auto& second = candidates[1];
    const std::string shown = shownAs(base, second.name);
    out.sources[shown] = second.text;
    spec::Reporter(out.diagnostics, shown)
        .error(code::VG0006, second.at,
               "several files of this directory hold a MonitoringStack: " + join(names, ", "),
               "keep one document in each directory");
}

/// Told at a link, which may be what was meant; else at the file that is most likely to be the document; else
/// of the directory.
void reportNone(const std::string& base, const Yamls& yamls, Loaded& out) {
    constexpr const char* kCure =
        "write one into a .yaml file, beginning with `apiVersion: vigie.dev/v1alpha1` and "
        "`kind: MonitoringStack`";
    if (!yamls.links.empty()) {
        spec::Reporter(out.diagnostics, shownAs(base, printable(yamls.links.front())))
            .error(code::VG0006, spec::Position{},
                   "no file of this directory holds a MonitoringStack, and `" +
                       printable(yamls.links.front()) +
                       "` is a symbolic link or is in a submodule; vigie follows neither",
                   "replace it with the file itself");
        return;
    }
    const auto likely = std::find_if(yamls.plain.begin(), yamls.plain.end(), [](const auto& name) {
        return name == "stack.yaml" || name == "stack.yml";
    });
    const std::string looked = yamls.plain.empty() ? "" : " (read: " + join(yamls.plain, ", ") + ")";
    const std::string shown =
        yamls.plain.empty() ? base : shownAs(base, likely == yamls.plain.end() ? yamls.plain[0] : *likely);
    spec::Reporter(out.diagnostics, shown)
        .error(code::VG0006, yamls.plain.empty() ? spec::Position{} : spec::Position{1, 1},
               "no file of this directory holds a MonitoringStack" + looked, kCure);
}

/// The document's file name in the directory, or empty with a diagnostic.
std::string findDocument(const system::Files& files, const std::string& base, Loaded& out) {
    const auto yamls = yamlsIn(files);
    out.found = !yamls.candidates.empty() || !yamls.pointers.empty();
    if (yamls.candidates.empty() && yamls.plain.size() == 1 && yamls.links.empty()) {
        return yamls.plain[0];  // whatever it is, the mistakes in it are the most useful answer
    }
    if (yamls.candidates.size() == 1) {
        return yamls.candidates[0].name;
    }
    if (yamls.candidates.empty() && yamls.pointers.size() == 1) {
        return yamls.pointers[0];
    }
    yamls.candidates.empty() ? reportNone(base, yamls, out) : reportSeveral(base, yamls.candidates, out);
    return {};
}

/// Whether a directory of the way to `path`, or the file itself, is a symbolic link.
bool leadsOverLink(const system::Files& files, const std::string& path) {
    for (auto slash = path.find('/');; slash = path.find('/', slash + 1)) {
        if (files.inspect("/" + path.substr(0, slash)).type == FileInfo::Type::symlink) {
            return true;
        }
        if (slash == std::string::npos) {
            return false;
        }
    }
}

void readNamedFiles(const system::Files& files, Loaded& out, const spec::Reporter& report) {
    for (const auto& named : spec::namedFiles(out.document->stack)) {
        if (named.path.empty() || spec::resolve(out.document->root, named.at).line == 0) {
            continue;
        }
        // A path that climbs, is absolute or has another wrong form was refused by the schema; never look
        // there.
        if (spec::checkFormat("relative-path", named.path)) {
            continue;
        }
        const auto info = files.inspect("/" + named.path);
        if (leadsOverLink(files, named.path)) {
            report.error(code::VG0204, named.at,
                         "`" + named.path +
                             "` is reached through a symbolic link or a submodule; vigie follows neither",
                         "replace it with the file itself");
        } else if (!info.exists()) {
            report.error(code::VG0203, named.at, "there is no file `" + named.path + "` in this directory",
                         "add it, or correct the path");
        } else if (info.type != FileInfo::Type::regular) {
            report.error(code::VG0203, named.at, "`" + named.path + "` is not a regular file",
                         "name a regular file");
        } else if (auto text = readText(files, "/" + named.path); spec::isLfsPointer(text)) {
            report.error(code::VG0203, named.at,
                         "`" + named.path + "` is a Git LFS pointer, not the file itself", spec::kLfsCure);
        } else {
            out.files[named.path] = std::move(text);
        }
    }
}

void lintRuleFiles(const std::string& base, Loaded& out, const spec::Stack& stack) {
    for (const auto& path : stack.prometheus ? stack.prometheus->ruleFiles : std::vector<std::string>{}) {
        const auto file = out.files.find(path);
        const std::string shown = shownAs(base, path);
        if (file == out.files.end() || out.sources.count(shown) != 0) {
            continue;
        }
        const auto before = out.diagnostics.all().size();
        lint::lintRuleFile(stack, shown, file->second, out.diagnostics);
        if (out.diagnostics.all().size() != before) {
            out.sources[shown] = file->second;
        }
    }
}

void lintTemplateFiles(const std::string& base, Loaded& out, const spec::Stack& stack,
                       const spec::Reporter& report) {
    for (const auto& path : lint::lintTemplates(stack, out.files, base, report, out.diagnostics)) {
        out.sources[shownAs(base, path)] = out.files.at(path);
    }
}

void lintTargetFiles(const std::string& base, Loaded& out) {
    for (const auto& target : lint::targetFiles(out.document->stack)) {
        const auto file = out.files.find(target.path);
        if (file == out.files.end()) {
            continue;  // reported as missing
        }
        const std::string shown = shownAs(base, target.path);
        const auto before = out.diagnostics.all().size();
        lint::lintTargetFile(target, shown, file->second, out.diagnostics);
        if (out.diagnostics.all().size() != before) {
            out.sources[shown] = file->second;
        }
    }
}

constexpr const char* kFacts = "facts";

/// The facts of hosts, and the compose files that lie in the directory as they lie in a project's.
lint::RepositoryFacts readRepositoryFacts(const system::Files& files, const std::string& base, Loaded& out) {
    constexpr std::string_view kEnding = ".json";
    lint::RepositoryFacts known;
    const bool there = files.inspect(std::string("/") + kFacts).type == FileInfo::Type::directory;
    for (const auto& name : there ? files.list(std::string("/") + kFacts) : std::vector<std::string>{}) {
        if (name.size() <= kEnding.size() || name.substr(name.size() - kEnding.size()) != kEnding) {
            continue;
        }
        const std::string path = std::string(kFacts) + "/" + name;
        auto& file = known.hosts[name.substr(0, name.size() - kEnding.size())];
        file.name = shownAs(base, printable(path));
        if (files.inspect("/" + path).type != FileInfo::Type::regular) {
            spec::Reporter(out.diagnostics, file.name)
                .error(code::VG0204, spec::Position{}, "`" + printable(path) + "` is not a regular file",
                       "replace it with a regular file; vigie does not follow links");
            continue;
        }
        const auto& text = out.sources[file.name] = readText(files, "/" + path);
        file.facts = facts::loadFacts(text, file.name, out.diagnostics);
    }
    // Whose file it is, is not known of a name that several projects have.
    std::map<std::string, int> users;
    for (const auto& project : out.document->stack.projects) {
        for (const auto& path :
             std::set<std::string>(project.composeFiles.begin(), project.composeFiles.end())) {
            ++users[path];
        }
    }
    for (const auto& [path, number] : users) {
        if (number == 1 && !spec::checkFormat("relative-path", path) && !leadsOverLink(files, path) &&
            files.inspect("/" + path).type == FileInfo::Type::regular) {
            known.composeDigests[path] = facts::composeFileDigest(readText(files, "/" + path));
        }
    }
    return known;
}

}  // namespace

namespace {

void lintAll(const std::string& base, Loaded& out, const spec::Stack& stack,
             const lint::RepositoryFacts& known, const spec::Reporter& report) {
    lint::lint(stack, report);
    lint::lintDashboards(stack, out.files, report);
    lint::lintCertificates(stack, out.files, report);
    lintRuleFiles(base, out, stack);
    lintTemplateFiles(base, out, stack, report);
    lintTargetFiles(base, out);
    lint::lintFacts(stack, known, report, out.diagnostics);
}

/// All of it sees the native configurations as if the document had said what they say.
void lintWithNatives(const std::string& base, Loaded& out, const std::vector<spec::NativeRead>& natives,
                     const lint::RepositoryFacts& known) {
    const auto& document = *out.document;
    const spec::Reporter reportFormats(out.diagnostics, document.file);
    const auto combined = spec::combine(document, natives, reportFormats);
    const spec::Reporter report(out.diagnostics, document.file, &combined.root);
    lintAll(base, out, combined.stack, known, report);
    lint::lintCombined(combined, natives, report);
    lint::dropGivenWay(natives, out.diagnostics);
    spec::separateFiles(out.diagnostics, document, natives);
    for (const auto& native : natives) {
        lint::lintNative(combined.stack, native, out.files, base, out.diagnostics, out.sources);
    }
}

}  // namespace

Loaded loadDirectory(const std::string& directory) {
    std::string base = directory;
    while (base.size() > 1 && base.back() == '/') {
        base.pop_back();
    }
    std::string name;
    const system::RealFiles here("", system::Links::asTyped);
    if (here.inspect(directory).type == FileInfo::Type::regular) {
        const auto slash = directory.rfind('/');
        base = slash == std::string::npos ? "." : directory.substr(0, slash);
        name = slash == std::string::npos ? directory : directory.substr(slash + 1);
    }
    return loadDirectory(system::RealFiles(base), base, name);
}

Loaded loadDirectory(const system::Files& files, const std::string& directory, std::string name) {
    Loaded out;
    const std::string& base = directory;
    if (name.empty()) {
        name = findDocument(files, base, out);
    }
    if (name.empty()) {
        return out;
    }
    const std::string shown = shownAs(base, name);
    out.sources[shown] = readText(files, "/" + name);
    out.document = spec::loadStack(out.sources[shown], shown, kVersion, out.diagnostics);
    if (out.document && out.diagnostics.errors() <= spec::kMostTold) {  // further findings would not be shown
        const spec::Reporter report(out.diagnostics, shown, &out.document->root);
        readNamedFiles(files, out, report);
        const auto natives = readNatives(files, base, out);
        auto known = readRepositoryFacts(files, base, out);
        natives.empty() ? lintAll(base, out, out.document->stack, known, report)
                        : lintWithNatives(base, out, natives, known);
        for (auto& [host, file] : known.hosts) {
            if (file.facts) {
                out.facts[host] = std::move(*file.facts);
            }
        }
        if (!out.diagnostics.hasErrors()) {
            render::checkPlaces(out.document->stack, report);
        }
        if (!out.diagnostics.hasErrors()) {
            for (const auto& native : natives) {
                render::checkNative(out.document->stack, native.source, native.shown, shown, out.files,
                                    report, out.diagnostics);
            }
        }
        lint::suppress(out.document->stack, out.sources, report, out.diagnostics);
    }
    out.diagnostics.sort();
    return out;
}

}  // namespace vigie::source
