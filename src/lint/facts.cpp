// Checks the facts themselves: whose they are and whether they are out of date.

#include "lint/facts.hpp"

#include "base/text.hpp"
#include "lint/known_host.hpp"

#include <algorithm>

namespace vigie::lint {
namespace {

using spec::FieldPath;

const std::string kMake = "run `vigie facts` on that host";

std::string madeBy(const std::string& host) {
    return kMake + ", and write what it prints into facts/" + host + ".json";
}

void lintUnknownHosts(const spec::Stack& stack, const Known& known, spec::Diagnostics& diagnostics) {
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

/// Facts that were copied to the name of another host.
void lintIdentity(const spec::Host& host, const facts::HostFacts& facts, const spec::Reporter& report) {
    const auto differs = [](const std::string& is, const std::string& wanted) {
        return !is.empty() && !wanted.empty() && is != wanted;
    };
    if (differs(facts.host, host.name)) {
        report.warning(code::VG0352, FieldPath{},
                       "these are the facts of host `" + printable(facts.host) + "`", madeBy(host.name));
    } else if (differs(facts.wireguardPublicKey, host.publicKey) &&
               facts.wireguardPublicKey != host.nextPublicKey) {
        report.warning(code::VG0352, FieldPath{},
                       "the host that these facts are of has another WireGuard key than `" + host.name +
                           "` in the document",
                       madeBy(host.name));
    } else if (differs(facts.sealingKey, host.sealingKey)) {
        report.warning(code::VG0352, FieldPath{},
                       "the host that these facts are of has another sealing key than `" + host.name +
                           "` in the document",
                       madeBy(host.name));
    }
}

/// Facts that were made of compose files that have changed since, or of ours.
void lintAge(const spec::Stack& stack, const spec::Host& host, const facts::HostFacts& facts,
             const Known& known, const spec::Reporter& report) {
    for (const auto& project : stack.projects) {
        const auto it = std::find_if(facts.projects->begin(), facts.projects->end(),
                                     [&](const auto& each) { return each.name == project.name; });
        if (project.host != host.name || project.ours() || it == facts.projects->end()) {
            continue;
        }
        if (holdsOurFile(*it, project)) {
            report.warning(code::VG0353, FieldPath{},
                           "what is known of compose project `" + project.name + "` includes `" +
                               project.overrideFile + "`, which vigie writes",
                           kMake + " with `--without " + project.overrideFile + "`");
        }
        for (const auto& file : project.composeFiles) {
            const auto seen = it->digests.find(pathIn(project, file));
            const auto here = known.composeDigests.find(file);
            if (seen != it->digests.end() && here != known.composeDigests.end() &&
                seen->second != here->second) {
                report.warning(
                    code::VG0353, FieldPath{},
                    "these facts were made of another `" + file + "` than the one in this directory",
                    kMake + " again when it has the present one");
            }
        }
    }
}

std::string checks(std::size_t number) {
    return number == 1 ? "1 check was not made" : std::to_string(number) + " checks were not made";
}

void tellIncomplete(const KnownHost& host, const spec::Reporter& report) {
    const std::string name = "facts/" + host.host().name + ".json";
    report.info(kNotChecked, host.at() / "name",
                checks(host.checksNotMade()) + " for host `" + host.host().name + "`: " + name +
                    " does not know " + joinSome({host.unknown().begin(), host.unknown().end()}, ", "),
                kMake +
                    " again when its engine and the project's containers run; what variables say is not "
                    "known to facts");
}

/// Hosts without facts are told together: there may be dozens.
void tellMissing(const std::vector<KnownHost>& hosts, const spec::Reporter& report) {
    if (hosts.empty()) {
        return;
    }
    std::size_t sum = 0;
    std::vector<std::string> names;
    for (const auto& host : hosts) {
        sum += host.checksNotMade();
        names.push_back("`" + host.host().name + "`");
    }
    const bool one = hosts.size() == 1;
    const std::string file = "facts/" + (one ? hosts[0].host().name : std::string("HOST")) + ".json";
    report.info(
        kNotChecked, hosts[0].at() / "name",
        checks(sum) + " for host" + (one ? " " : "s ") + joinSome(names, ", ") + ": " + file + " is missing",
        "run `vigie facts > " + file + "` there, and commit it");
}

}  // namespace

void lintFacts(const spec::Stack& stack, const Known& known, const spec::Reporter& report,
               spec::Diagnostics& diagnostics) {
    const bool sound = !diagnostics.hasErrors();
    lintUnknownHosts(stack, known, diagnostics);
    const AllHosts all(stack);
    std::vector<KnownHost> missing;
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
        KnownHost asked(all, i, facts);
        lintFactsOfProjects(asked, report);
        lintFactsOfServices(asked, report);
        lintFactsOfPorts(asked, report);
        lintFactsOfMounts(asked, report);
        lintFactsOfHost(asked, report);
        if (file == nullptr && asked.checksNotMade() != 0) {
            missing.push_back(asked);
        } else if (sound && facts != nullptr && asked.checksNotMade() != 0) {
            tellIncomplete(asked, report);
        }
    }
    if (sound) {  // a document with errors has more urgent things to say
        tellMissing(missing, report);
    }
}

}  // namespace vigie::lint
