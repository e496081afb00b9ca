#include "source/directory.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "lint/certificates.hpp"
#include "lint/facts.hpp"
#include "lint/lint.hpp"
#include "lint/rule_files.hpp"
#include "lint/suppress.hpp"
#include "spec/format.hpp"
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

/// The document's file name in the directory, or empty with a diagnostic.
std::string findDocument(const system::Files& files, const std::string& directory, Loaded& out) {
    std::vector<std::string> candidates;
    std::vector<std::string> yamls;
    for (const auto& name : files.list("")) {
        if (isYaml(name) && files.inspect("/" + name).type == FileInfo::Type::regular) {
            yamls.push_back(name);
            if (spec::looksLikeStack(readText(files, "/" + name))) {
                candidates.push_back(name);
            }
        }
    }
    if (candidates.empty() && yamls.size() == 1) {
        return yamls[0];  // whatever it is, the mistakes in it are the most useful answer
    }
    if (candidates.size() == 1) {
        return candidates[0];
    }
    const spec::Reporter report(out.diagnostics, directory);
    if (candidates.empty()) {
        report.error("VG0006", spec::Position{}, "no file of this directory holds a MonitoringStack",
                     "write one into a .yaml file, beginning with `apiVersion: vigie.dev/v1alpha1` and "
                     "`kind: MonitoringStack`");
    } else {
        report.error("VG0006", spec::Position{},
                     "several files hold a MonitoringStack: " + join(candidates, ", "),
                     "keep one document in each directory");
    }
    return {};
}

/// Whether every step of the way to `path` is a plain directory.
bool reachedWithoutLinks(const system::Files& files, const std::string& path) {
    for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
        if (files.inspect("/" + path.substr(0, slash)).type != FileInfo::Type::directory) {
            return false;
        }
    }
    return true;
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
        if (!reachedWithoutLinks(files, named.path) || info.type == FileInfo::Type::symlink) {
            const bool missing = !info.exists();
            report.error(missing ? "VG0203" : "VG0204", named.at,
                         missing ? "there is no file `" + named.path + "` in this directory"
                                 : "`" + named.path + "` is reached through a symbolic link",
                         missing ? "add it, or correct the path"
                                 : "put the file itself there; links are not followed");
        } else if (!info.exists()) {
            report.error("VG0203", named.at, "there is no file `" + named.path + "` in this directory",
                         "add it, or correct the path");
        } else if (info.type != FileInfo::Type::regular) {
            report.error("VG0203", named.at, "`" + named.path + "` is no file", "name the file itself");
        } else {
            out.files[named.path] = readText(files, "/" + named.path);
        }
    }
}

/// How a file of the directory is called in messages.
std::string shownAs(const std::string& base, const std::string& path) {
    return base == "." ? path : base + "/" + path;
}

void lintRuleFiles(const std::string& base, Loaded& out) {
    const auto& stack = out.document->stack;
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

constexpr const char* kFacts = "facts";

/// The facts of hosts, and the compose files that lie in the directory as they lie in a project's.
lint::Known readKnown(const system::Files& files, const std::string& base, Loaded& out) {
    constexpr std::string_view kEnding = ".json";
    lint::Known known;
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
                .error("VG0204", spec::Position{}, "`" + printable(path) + "` is no file",
                       "put the file itself there; links are not followed");
            continue;
        }
        const auto& text = out.sources[file.name] = readText(files, "/" + path);
        file.facts = spec::loadFacts(text, file.name, out.diagnostics);
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
        if (number == 1 && !spec::checkFormat("relative-path", path) && reachedWithoutLinks(files, path) &&
            files.inspect("/" + path).type == FileInfo::Type::regular) {
            known.composeDigests[path] = spec::composeFileDigest(readText(files, "/" + path));
        }
    }
    return known;
}

}  // namespace

Loaded loadDirectory(const std::string& directory) {
    Loaded out;
    std::string base = directory;
    while (base.size() > 1 && base.back() == '/') {
        base.pop_back();
    }
    std::string name;
    const system::RealFiles here("");
    if (here.inspect(directory).type == FileInfo::Type::regular) {
        const auto slash = directory.rfind('/');
        base = slash == std::string::npos ? "." : directory.substr(0, slash);
        name = slash == std::string::npos ? directory : directory.substr(slash + 1);
    }
    const system::RealFiles files(base);
    if (name.empty()) {
        name = findDocument(files, directory, out);
    }
    if (name.empty()) {
        return out;
    }
    const std::string shown = shownAs(base, name);
    out.sources[shown] = readText(files, "/" + name);
    out.document = spec::loadStack(out.sources[shown], shown, kVersion, out.diagnostics);
    if (out.document) {
        const spec::Reporter report(out.diagnostics, shown, &out.document->root);
        readNamedFiles(files, out, report);
        lint::lint(out.document->stack, report);
        lint::lintDashboards(out.document->stack, out.files, report);
        lint::lintCertificates(out.document->stack, out.files, report);
        lintRuleFiles(base, out);
        auto known = readKnown(files, base, out);
        lint::lintFacts(out.document->stack, known, report, out.diagnostics);
        for (auto& [host, file] : known.hosts) {
            if (file.facts) {
                out.facts[host] = std::move(*file.facts);
            }
        }
        lint::suppress(out.document->stack, out.sources, report, out.diagnostics);
    }
    out.diagnostics.sort();
    return out;
}

}  // namespace vigie::source
