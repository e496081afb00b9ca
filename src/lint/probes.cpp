// Probes and modules of blackbox exporters.

#include "base/redact.hpp"
#include "base/text.hpp"
#include "lint/findings.hpp"
#include "lint/rules.hpp"
#include "spec/format.hpp"
#include "spec/probe_target.hpp"
#include "spec/topology.hpp"

#include <algorithm>
#include <array>

namespace vigie::lint {
namespace {

using spec::FieldPath;
using spec::Probe;

bool isLoopback(const std::string& host) {
    return host == "localhost" || host.starts_with("127.") || host == "::1";
}

void lintReachable(const spec::Stack& stack, const spec::Exporter& exporter, const std::string& target,
                   const FieldPath& at, const spec::Reporter& report) {
    const std::string host = spec::probeTarget(target).host;
    const bool vpn = std::any_of(stack.hosts.begin(), stack.hosts.end(), [&](const spec::Host& each) {
        return spec::addressOf(stack, each) == host;
    });
    if (isLoopback(host) && !vpn) {
        report.warning(code::VG0483, at,
                       "inside the exporter's container, `" + host + "` is the container itself",
                       "write the host's address, or the service's name in the same project");
        return;
    }
    const auto elsewhere = std::find_if(stack.applications.begin(), stack.applications.end(),
                                        [&](const spec::Application& each) {
                                            return each.service == host && each.project != exporter.project;
                                        });
    const bool here = std::any_of(
        stack.applications.begin(), stack.applications.end(),
        [&](const auto& each) { return each.service == host && each.project == exporter.project; });
    if (elsewhere != stack.applications.end() && !here) {
        report.warning(code::VG0483, at,
                       "`" + host + "` is a service of project `" + elsewhere->project +
                           "`, whose network the exporter is not in",
                       "write the host's address and its published port, or put the exporter into project `" +
                           elsewhere->project + "`");
    }
}

/// Empty if `target` has the form that the prober takes, otherwise a hint with the right form.
std::string wrongForm(const std::string& prober, const std::string& target) {
    const bool scheme = target.find("://") != std::string::npos;
    const auto address = [&] { return !spec::checkFormat("host-port", target); };
    const auto host = [&] { return !spec::checkFormat("host", target); };
    if (prober == "http") {
        const bool web = target.starts_with("http://") || target.starts_with("https://");
        return web ? "" : "write a URL, like `https://example.org/`";
    }
    if (prober == "tcp") {
        return !scheme && address() ? "" : "write `host:port`, like `10.66.66.1:22`";
    }
    if (prober == "icmp") {
        return host() ? "" : "write a host alone, like `10.66.66.1`";
    }
    return prober != "dns" || host() || address()
               ? ""
               : "write the DNS server, like `192.0.2.53` or `192.0.2.53:53`";
}

void lintTargets(const spec::Stack& stack, const spec::Exporter& exporter, const Probe& probe,
                 const FieldPath& at, const spec::Reporter& report) {
    if (probe.targets.empty()) {
        report.error(code::VG0482, at, "probe `" + probe.name + "` has no targets", "add `targets`");
    }
    std::string prober = probe.prober;
    for (const auto& module : exporter.blackbox->modules) {
        prober = !probe.module.empty() && module.name == probe.module ? module.prober() : prober;
    }
    for (std::size_t i = 0; i < probe.targets.size(); ++i) {
        const FieldPath here = (at / "targets")[i];
        if (spec::checkFormat("probe-target", probe.targets[i])) {
            continue;  // was said
        }
        if (const auto hint = wrongForm(prober, probe.targets[i]); !hint.empty()) {
            report.error(code::VG0485, here,
                         "`" + probe.targets[i] + "` is not a valid target for the prober `" + prober + "`",
                         hint);
            continue;
        }
        lintReachable(stack, exporter, probe.targets[i], here, report);
    }
}

/// True if the schema rejected a module, so that the list of modules is incomplete.
bool modulesRefused(const spec::Blackbox& blackbox, const FieldPath& modules, const spec::Reporter& report) {
    for (std::size_t i = 0; i < blackbox.modules.size(); ++i) {
        if (report.refused(modules[i] / "name")) {
            return true;
        }
    }
    return false;
}

void lintModule(const spec::Blackbox& blackbox, bool refused, const Probe& probe, const FieldPath& at,
                const spec::Reporter& report) {
    if (probe.prober.empty() == probe.module.empty()) {
        if ((!report.written(at / "prober") || !probe.module.empty()) && !report.refused(at / "module")) {
            report.error(code::VG0484, at,
                         "probe `" + probe.name + "` " +
                             (probe.prober.empty() ? "has neither a `prober` nor a `module`"
                                                   : "has both a `prober` and a `module`"),
                         "write `prober`, or the name of one of `modules` as `module`");
        }
        return;
    }
    std::vector<std::string> names;
    for (const auto& module : blackbox.modules) {
        names.push_back(module.name);
    }
    if (!refused && !probe.module.empty() &&
        std::find(names.begin(), names.end(), probe.module) == names.end()) {
        const auto close = nearest(probe.module, names);
        report.error(code::VG0484, at / "module", "there is no module `" + probe.module + "`",
                     close.empty() ? "add it to `modules`" : "did you mean `" + close + "`?");
    }
}

void lintSections(const Probe& probe, const FieldPath& at, const spec::Reporter& report) {
    const std::array<std::pair<std::string_view, bool>, 4> sections = {{{"http", probe.http.has_value()},
                                                                        {"tcp", probe.tcp.has_value()},
                                                                        {"dns", probe.dns.has_value()},
                                                                        {"icmp", probe.icmp.has_value()}}};
    for (const auto& [name, there] : sections) {
        if (there && name != probe.prober && !report.refused(at / "prober")) {
            report.error(code::VG0484, at / name,
                         "`" + std::string(name) + "` does not apply to a probe with `" +
                             (probe.prober.empty() ? probe.module : probe.prober) + "`",
                         "remove it, or write `prober: " + std::string(name) + "`");
        }
    }
    if (probe.prober == "dns" && !probe.dns && !report.written(at / "dns")) {
        report.error(code::VG0484, at, "probe `" + probe.name + "` does not say which DNS name it queries",
                     "add `dns: { queryName: example.org }`");
    }
    if (probe.http && probe.http->basicAuth && probe.http->bearerTokenFrom) {
        report.error(code::VG0484, at / "http", "`basicAuth` and `bearerTokenFrom` exclude each other",
                     "keep one of them");
    }
}

void lintExpressions(const std::vector<std::string>& list, const FieldPath& at,
                     const spec::Reporter& report) {
    for (std::size_t i = 0; i < list.size(); ++i) {
        lintRegex(at[i], list[i], report);
    }
}

void lintExpressions(const Probe& probe, const FieldPath& at, const spec::Reporter& report) {
    if (probe.http) {
        lintExpressions(probe.http->failIfBodyMatches, at / "http" / "failIfBodyMatches", report);
        lintExpressions(probe.http->failIfBodyNotMatches, at / "http" / "failIfBodyNotMatches", report);
    }
    if (probe.dns) {
        lintExpressions(probe.dns->failIfAnswerMatches, at / "dns" / "failIfAnswerMatches", report);
        lintExpressions(probe.dns->failIfAnswerNotMatches, at / "dns" / "failIfAnswerNotMatches", report);
    }
    if (probe.tcp) {
        lintRegex(at / "tcp" / "expect", probe.tcp->expect, report);
    }
}

void lintTimes(const spec::Stack& stack, const Probe& probe, const FieldPath& at,
               const spec::Reporter& report) {
    if (!stack.prometheus) {
        return;
    }
    const auto& interval = probe.interval.empty() ? stack.prometheus->scrapeInterval : probe.interval;
    const auto& timeout = probe.timeout.empty() ? stack.prometheus->scrapeTimeout : probe.timeout;
    const auto every = spec::parseDuration(interval);
    const auto most = spec::parseDuration(timeout);
    if ((!probe.interval.empty() || !probe.timeout.empty()) && every && most && *most > *every) {
        report.error(code::VG0405, at / (probe.timeout.empty() ? "interval" : "timeout"),
                     "the timeout " + timeout + " is longer than the interval " + interval,
                     "Prometheus refuses that: shorten the timeout, or lengthen the interval");
    }
}

/// True if the node contains a password, a token or similar.
bool holdsSecret(const spec::Node& node) {
    for (const auto& entry : node.entries) {
        const std::string setting = entry.key + "=" + entry.value.scalar;
        if ((!entry.value.scalar.empty() && redactLine(setting) != setting) || holdsSecret(entry.value)) {
            return true;
        }
    }
    return std::any_of(node.items.begin(), node.items.end(), holdsSecret);
}

/// Source: blackbox_exporter's CONFIGURATION.md.
void lintRaw(const spec::Blackbox& blackbox, const FieldPath& at, const spec::Reporter& report) {
    static constexpr std::array<std::string_view, 5> kProbers = {"http", "tcp", "dns", "icmp", "grpc"};
    const auto known = [](std::string_view word) {
        return std::find(kProbers.begin(), kProbers.end(), word) != kProbers.end();
    };
    for (std::size_t i = 0; i < blackbox.modules.size(); ++i) {
        const auto& module = blackbox.modules[i];
        const bool taken = std::any_of(
            blackbox.probes.begin(), blackbox.probes.end(),
            [&](const Probe& probe) { return probe.name == module.name && probe.module.empty(); });
        if (taken) {
            report.error(code::VG0486, at[i] / "name",
                         "the probe `" + module.name + "` already has a module of this name",
                         "give one of them another name");
        }
        const auto prober = module.prober();
        if (!known(prober)) {
            report.error(
                code::VG0486, at[i] / "raw",
                prober.empty() ? "the module has no `prober`" : "there is no prober `" + prober + "`",
                "write `prober: http`, or tcp, dns, icmp, grpc");
        }
        for (const auto& entry : module.raw.entries) {
            if (known(prober) && entry.key != "prober" && entry.key != "timeout" && entry.key != prober) {
                report.error(code::VG0486, at[i] / "raw" / entry.key,
                             "a module with the prober `" + prober + "` has no field `" + entry.key + "`",
                             "a module has `prober`, `timeout` and a section named after its prober");
            }
        }
        if (holdsSecret(module.raw)) {
            report.warning(
                code::VG0490, at[i] / "name", "this looks like a secret in plain text",
                "write a probe with `http.basicAuth` or `http.bearerTokenFrom`, and a sealed secret");
        }
    }
}

}  // namespace

void lintProbes(const spec::Stack& stack, const spec::Reporter& report) {
    for (std::size_t i = 0; i < stack.exporters.size(); ++i) {
        const auto& exporter = stack.exporters[i];
        if (!exporter.blackbox) {
            continue;
        }
        const FieldPath at = FieldPath{"spec", "exporters"}[i] / "blackbox";
        const auto& blackbox = *exporter.blackbox;
        const bool refused = modulesRefused(blackbox, at / "modules", report);
        if (blackbox.probes.empty()) {
            report.error(code::VG0482, at, "exporter `" + exporter.name + "` has no probes", "add `probes`");
        }
        for (std::size_t j = 0; j < blackbox.probes.size(); ++j) {
            const FieldPath here = (at / "probes")[j];
            lintModule(blackbox, refused, blackbox.probes[j], here, report);
            lintSections(blackbox.probes[j], here, report);
            lintTargets(stack, exporter, blackbox.probes[j], here, report);
            lintExpressions(blackbox.probes[j], here, report);
            lintTimes(stack, blackbox.probes[j], here, report);
        }
        lintRaw(blackbox, at / "modules", report);
    }
}

}  // namespace vigie::lint
