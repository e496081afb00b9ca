// Checks the facts themselves: whose they are and whether they are out of date.

#include "lint/facts.hpp"

#include "base/text.hpp"
#include "lint/host_facts_view.hpp"

#include <algorithm>

namespace vigie::lint {
namespace {

using spec::FieldPath;

const std::string kMake = "run `vigie facts` on that host";

std::string madeBy(const std::string& host) {
    return kMake + " and write its output to facts/" + host + ".json";
}

void lintUnknownHosts(const spec::Stack& stack, const RepositoryFacts& known,
                      spec::Diagnostics& diagnostics) {
    std::vector<std::string> names;
    for (const auto& host : stack.hosts) {
        names.push_back(host.name);
    }
    for (const auto& [name, file] : known.hosts) {
        if (stack.host(name) == nullptr) {
            const auto close = nearest(name, names);
            spec::Reporter(diagnostics, file.name)
                .warning(code::VG0351, FieldPath{}, "the document has no host `" + printable(name) + "`",
                         close.empty() ? "remove the file, or name it after a host: " + joinSome(names, ", ")
                                       : "did you mean `" + close + ".json`?");
        }
    }
}

/// Reports facts that are not from the host after which the file is named.
void lintIdentity(const spec::Host& host, const facts::HostFacts& facts, const spec::Reporter& report) {
    const auto differs = [](const std::string& is, const std::string& wanted) {
        return !is.empty() && !wanted.empty() && is != wanted;
    };
    if (differs(facts.host, host.name)) {
        report.warning(
            code::VG0352, FieldPath{},
            "these are facts of host `" + printable(facts.host) + "`, not of host `" + host.name + "`",
            madeBy(host.name));
    } else if (differs(facts.wireguardPublicKey, host.publicKey) &&
               facts.wireguardPublicKey != host.nextPublicKey) {
        report.warning(
            code::VG0352, FieldPath{},
            "the WireGuard key in these facts is not the one of host `" + host.name + "` in the document",
            madeBy(host.name));
    } else if (differs(facts.sealingKey, host.sealingKey)) {
        report.warning(
            code::VG0352, FieldPath{},
            "the sealing key in these facts is not the one of host `" + host.name + "` in the document",
            madeBy(host.name));
    }
}

/// Reports facts made from compose files that have changed since, or from vigie's override file.
void lintAge(const spec::Stack& stack, const spec::Host& host, const facts::HostFacts& facts,
             const RepositoryFacts& known, const spec::Reporter& report) {
    for (const auto& project : stack.projects) {
        const auto it = std::find_if(facts.projects->begin(), facts.projects->end(),
                                     [&](const auto& each) { return each.name == project.name; });
        if (project.host != host.name || project.ours() || it == facts.projects->end()) {
            continue;
        }
        if (holdsOurFile(*it, project)) {
            report.warning(code::VG0353, FieldPath{},
                           "the facts of compose project `" + project.name + "` include `" +
                               project.overrideFile + "`, which vigie writes",
                           kMake + " with `--without " + project.overrideFile + "`");
        }
        for (const auto& file : project.composeFiles) {
            const auto seen = it->digests.find(pathIn(project, file));
            const auto here = known.composeDigests.find(file);
            if (seen != it->digests.end() && here != known.composeDigests.end() &&
                seen->second != here->second) {
                report.warning(code::VG0353, FieldPath{},
                               "these facts were made from a version of `" + file +
                                   "` other than the one in this directory",
                               kMake + " again once it has the current file");
            }
        }
    }
}

std::string checks(std::size_t number) {
    return number == 1 ? "1 check skipped" : std::to_string(number) + " checks skipped";
}

void reportIncomplete(const HostFactsView& host, const spec::Reporter& report) {
    const std::string name = "facts/" + host.host().name + ".json";
    report.info(
        kChecksSkipped, host.at() / "name",
        checks(host.skippedChecks()) + " for host `" + host.host().name + "`: " + name + " lacks " +
            joinSome({host.missing().begin(), host.missing().end()}, ", "),
        kMake +
            " again while Docker and the project's containers run; facts never hold the values of variables");
}

/// Reports all hosts without facts in one finding: there may be dozens.
void reportMissing(const std::vector<HostFactsView>& hosts, const spec::Reporter& report) {
    if (hosts.empty()) {
        return;
    }
    std::size_t sum = 0;
    std::vector<std::string> names;
    for (const auto& host : hosts) {
        sum += host.skippedChecks();
        names.push_back("`" + host.host().name + "`");
    }
    const bool one = hosts.size() == 1;
    const std::string file = "facts/" + (one ? hosts[0].host().name : std::string("HOST")) + ".json";
    report.info(
        kChecksSkipped, hosts[0].at() / "name",
        checks(sum) + " for host" + (one ? " " : "s ") + joinSome(names, ", ") + ": " + file + " is missing",
        "run `vigie facts > " + file + "` on the host, and commit the file");
}

}  // namespace

void lintFacts(const spec::Stack& stack, const RepositoryFacts& known, const spec::Reporter& report,
               spec::Diagnostics& diagnostics) {
    const bool sound = !diagnostics.hasErrors();
    lintUnknownHosts(stack, known, diagnostics);
    const AllHosts all(stack);
    std::vector<HostFactsView> missing;
    for (std::size_t i = 0; i < stack.hosts.size(); ++i) {
        const auto& host = stack.hosts[i];
        const auto it = known.hosts.find(host.name);
        const FactsFile* file = it == known.hosts.end() ? nullptr : &it->second;
        const auto* facts = file != nullptr && file->facts ? &*file->facts : nullptr;
        if (facts != nullptr) {
            const spec::Reporter ofFile(diagnostics, file->name);
            lintIdentity(host, *facts, ofFile);
            if (facts->projects) {
                lintAge(stack, host, *facts, known, ofFile);
            }
        }
        HostFactsView asked(all, i, facts);
        lintFactsOfProjects(asked, report);
        lintFactsOfServices(asked, report);
        lintFactsOfPorts(asked, report);
        lintFactsOfMounts(asked, report);
        lintFactsOfHost(asked, report);
        if (file == nullptr && asked.skippedChecks() != 0) {
            missing.push_back(asked);
        } else if (sound && facts != nullptr && asked.skippedChecks() != 0) {
            reportIncomplete(asked, report);
        }
    }
    if (sound) {  // errors come first
        reportMissing(missing, report);
    }
}

}  // namespace vigie::lint
