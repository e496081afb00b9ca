// Looks at native configuration.

#include "lint/native.hpp"

#include "base/text.hpp"
#include "lint/rule_files.hpp"
#include "lint/target_files.hpp"
#include "spec/native_jobs.hpp"
#include "spec/native_merge.hpp"
#include "spec/read_yaml.hpp"
#include "spec/references.hpp"

#include <algorithm>
#include <set>

namespace vigie::lint {
namespace {

using spec::NativeKind;
using spec::NativeRead;
using spec::Node;

std::string shownAs(const std::string& base, const std::string& path) {
    return base == "." ? path : base + "/" + path;
}

void lintNamesTwice(const NativeRead& native, const spec::Reporter& report) {
    for (const auto& list : native.root.entries) {
        const auto field = spec::nativeNameOf(list.key);
        std::map<std::string, std::uint32_t> seen;
        for (const auto& item : field.empty() ? std::vector<Node>{} : list.value.items) {
            const auto* name = item.find(field);
            if (name == nullptr) {
                continue;
            }
            const auto [first, fresh] = seen.emplace(name->scalar, name->at.line);
            if (!fresh) {
                report.error(code::VG0522, name->at,
                             "`" + list.key + "` has `" + printable(name->scalar) + "` twice (line " +
                                 std::to_string(first->second) + ")",
                             "rename one of the two: " + std::string(spec::nameOf(native.source.program)) +
                                 " refuses a configuration with both");
            }
        }
    }
}

void lintSecrets(const spec::Stack& stack, const NativeRead& native, const spec::Reporter& report) {
    for (const auto& [name, at] : spec::nativeSecrets(native.root)) {
        if (stack.secret(name) != nullptr) {
            continue;
        }
        if (name.empty()) {
            report.error(code::VG0528, at, "`!secret` names no secret", "write `!secret NAME`");
            continue;
        }
        const auto close = nearest(name, spec::namesIn(stack.secrets));
        report.error(code::VG0201, at, "there is no secret `" + printable(name) + "`",
                     close.empty() ? "`vigie seal` prints the lines for `spec.secrets`"
                                   : "did you mean `" + close + "`?");
    }
}

/// The patterns of the configuration, and of the files with further scrape configurations.
void lintPatterns(const NativeRead& native, const std::vector<spec::NativePattern>& patterns,
                  const spec::Reporter& report) {
    for (const auto& pattern : patterns) {
        const auto shown = "`" + printable(pattern.text) + "`";
        if (pattern.climbs) {
            report.error(code::VG0524, pattern.at, shown + " leads out of the directory of the configuration",
                         "move the files below `" +
                             (native.source.folder.empty() ? std::string(".") : native.source.folder) +
                             "`, or list the path in `hostFiles` if the host has them");
            continue;
        }
        if (!pattern.pattern.empty() && spec::matching(native.files, pattern).empty()) {
            report.error(code::VG0523, pattern.at,
                         shown + " matches no file: there is no `" +
                             printable(spec::repositoryPath(native.source, pattern.pattern)) +
                             "` in this directory",
                         "add the file, correct the path, or list it in `hostFiles` if the host has it");
        }
    }
}

void lintSecretTags(const std::string& shown, std::string_view text, spec::Diagnostics& diagnostics) {
    constexpr std::string_view kTag = "!secret";
    const auto at = text.find(kTag);
    if (at == std::string_view::npos) {
        return;
    }
    spec::Diagnostics unread;
    spec::readYaml(text, shown, unread);
    for (const auto& each : unread.all()) {
        if (each.code == code::VG0007 && each.message.find(kTag) != std::string::npos) {
            spec::Reporter(diagnostics, shown)
                .error(code::VG0528, each.at, "`!secret` has no meaning in this file",
                       "use it in the file that `configFrom` names");
        }
    }
}

}  // namespace

void lintNative(const spec::Stack& stack, const NativeRead& native,
                const std::map<std::string, std::string>& files, const std::string& base,
                spec::Diagnostics& diagnostics, std::map<std::string, std::string>& sources) {
    const spec::Reporter report(diagnostics, native.shown);
    lintNamesTwice(native, report);
    lintSecrets(stack, native, report);
    lintPatterns(native, spec::patternsOf(native.source, native.root), report);
    for (const auto& file : native.files) {
        const auto text = files.find(file.path);
        if (text == files.end()) {
            continue;
        }
        const auto shown = shownAs(base, file.path);
        const auto before = diagnostics.all().size();
        lintSecretTags(shown, text->second, diagnostics);
        if (file.kind == NativeKind::rules) {
            lintRuleFile(stack, shown, text->second, diagnostics);
        } else if (file.kind == NativeKind::targets) {
            lintTargetFile({file.path, file.anyText}, shown, text->second, diagnostics);
        } else if (file.kind == NativeKind::scrapeConfigs &&
                   text->second.find("!secret") == std::string::npos) {
            if (const auto root = spec::readNative(text->second, shown, diagnostics)) {
                const auto slash = file.place.rfind('/');
                const spec::Reporter inFile(diagnostics, shown);
                lintPatterns(native,
                             spec::patternsOf(native.source, *root,
                                              slash == std::string::npos ? "." : file.place.substr(0, slash)),
                             inFile);
            }
        }
        if (diagnostics.all().size() != before) {
            sources[shown] = text->second;
        }
    }
}

namespace {

void lintHostFiles(const NativeRead& native, const spec::Reporter& report) {
    std::set<std::string> named;
    for (const auto& pattern : spec::patternsOf(native.source, native.root)) {
        named.insert(pattern.text);
    }
    for (const auto& file : native.scrapeFiles) {
        for (const auto& pattern : spec::patternsOf(native.source, file, ".")) {
            named.insert(pattern.text);
        }
    }
    const auto& listed = native.source.from->hostFiles;
    for (std::size_t i = 0; i < listed.size(); ++i) {
        if (!listed[i].empty() && named.count(listed[i]) == 0) {
            report.warning(code::VG0525, (native.source.at / "hostFiles")[i],
                           "`" + native.source.from->file + "` does not name `" + printable(listed[i]) + "`",
                           named.empty() ? "remove it: the configuration names no files"
                                         : "it names: " + joinSome({named.begin(), named.end()}, ", "));
        }
    }
}

std::vector<Node> rootsOf(const NativeRead& native) {
    auto roots = native.scrapeFiles;
    roots.insert(roots.begin(), native.root);
    return roots;
}

void lintJobs(const spec::Stack& stack, const NativeRead& native, const spec::Reporter& report) {
    std::set<std::string> told;
    for (const auto& server : stack.prometheus->servers()) {
        for (const auto& job : spec::nativeJobs(stack, server, rootsOf(native))) {
            if (job.nameTaken && !job.ways.empty() && told.insert(job.name).second) {
                report.warning(code::VG0529, job.at,
                               "the job `" + job.name + "` of `" + native.source.from->file +
                                   "` has no target that is this component, and takes the place of its job",
                               "rename that job, or add one of these targets: " +
                                   joinSome({job.ways.begin(), job.ways.end()}, ", "));
            }
        }
    }
}

}  // namespace

void lintCombined(const spec::CombinedDocument& combined, const std::vector<NativeRead>& natives,
                  const spec::Reporter& report) {
    for (const auto& native : natives) {
        lintHostFiles(native, report);
        if (native.source.program == spec::Program::prometheus) {
            lintJobs(combined.stack, native, report);
            continue;
        }
        spec::checkAlertmanagerNames(combined.stack, report);
        for (const auto* field : {"route", "receivers"}) {
            if (!report.written(spec::FieldPath{"spec", "alertmanager"} / field)) {
                report.error(code::VG0522, native.source.at / "file",
                             std::string("neither `") + native.source.from->file +
                                 "` nor the document has `" + field + "`",
                             "write it into the file: Alertmanager does not start without");
            }
        }
    }
}

void dropGivenWay(const std::vector<NativeRead>& natives, spec::Diagnostics& diagnostics) {
    for (const auto& native : natives) {
        if (native.source.program != spec::Program::prometheus) {
            continue;
        }
        // One job of a name on both sides is one job, or a conflict, which is reported as such.
        std::set<std::string> names;
        for (const auto& root : rootsOf(native)) {
            const auto* jobs = root.find("scrape_configs");
            for (const auto& job : jobs == nullptr ? std::vector<Node>{} : jobs->items) {
                if (const auto* name = job.find("job_name")) {
                    names.insert(name->scalar);
                }
            }
        }
        constexpr std::string_view kBegin = "the job `";
        diagnostics.removeIf([&](const spec::Diagnostic& each) {
            const auto end = each.message.find("` exists twice");
            return each.code == code::VG0401 && each.message.starts_with(kBegin) &&
                   end != std::string::npos &&
                   names.count(each.message.substr(kBegin.size(), end - kBegin.size())) != 0;
        });
    }
}

}  // namespace vigie::lint
