// Command line options of Prometheus and Alertmanager, which no checker tests before a start.
#include "spec/flags.hpp"

#include "base/text.hpp"
#include "lint/findings.hpp"
#include "lint/rules.hpp"
#include "spec/supported.hpp"

#include <algorithm>
#include <vector>

namespace vigie::lint {
namespace {

using spec::FieldPath;
using spec::ImageVersion;
using spec::Program;

/// An option that vigie sets itself, and the field for its value; empty if there is none.
struct Ours {
    std::string_view option;
    std::string_view field;
};

const std::vector<Ours>& oursOf(Program program) {
    static const std::vector<Ours> kPrometheus = {
        {"config.file", ""},
        {"storage.tsdb.path", "dataDirectory"},
        {"web.enable-lifecycle", ""},
        {"web.listen-address", "port"},
        {"storage.tsdb.retention.time", "retention"},
        {"storage.tsdb.retention.size", "storage.retentionSize"},
        {"storage.tsdb.wal-compression", "storage.walCompression"},
        {"query.timeout", "query.timeout"},
        {"query.max-concurrency", "query.maxConcurrency"},
        {"query.max-samples", "query.maxSamples"},
        {"query.lookback-delta", "query.lookbackDelta"},
        {"web.external-url", "web.externalURL"},
        {"web.route-prefix", "web.routePrefix"},
        {"web.enable-admin-api", "web.enableAdminAPI"},
        {"web.enable-remote-write-receiver", "web.enableRemoteWriteReceiver"},
        {"web.max-connections", "web.maxConnections"},
        {"web.read-timeout", "web.readTimeout"},
        {"web.cors.origin", "web.corsOrigin"},
        {"web.page-title", "web.pageTitle"},
        {"enable-feature", "enableFeatures"}};
    static const std::vector<Ours> kAlertmanager = {{"config.file", ""},
                                                    {"storage.path", ""},
                                                    {"web.listen-address", "port"},
                                                    {"web.external-url", "web.externalURL"},
                                                    {"web.route-prefix", "web.routePrefix"},
                                                    {"cluster.listen-address", "replicas"},
                                                    {"cluster.advertise-address", "replicas"},
                                                    {"cluster.peer", "replicas"}};
    return program == Program::prometheus ? kPrometheus : kAlertmanager;
}

std::string nearestFlag(const spec::KnownFlags& known, const std::string& name) {
    std::vector<std::string> names;
    for (const auto& flag : known.flags) {
        if (flag.kind != spec::Flag::Kind::agent) {
            names.emplace_back(flag.name);
        }
    }
    return nearest(name, names);
}

class Args {
public:
    Args(Program program, const std::string& image, const spec::Reporter& report)
        : program_(program),
          known_(spec::knownFlags(program)),
          version_(spec::imageVersion(image)),
          report_(report) {}

    void lint(const spec::ExtraArg& arg, const FieldPath& at) const {
        const auto& name = arg.name;
        if (name.empty()) {
            return;
        }
        if (name.front() == '-' || name.find_first_of("= ") != std::string::npos) {
            report_.error(code::VG0447, at / "name", "`" + name + "` is not the name of an option",
                          "write the option without its dashes, and its value as `value`");
        } else if (const auto* flag = spec::flagNamed(program_, name); flag == nullptr) {
            unknown(name, at / "name");
        } else if (const auto* ours = written(flag->name); ours != nullptr) {
            report_.error(code::VG0447, at / "name",
                          "vigie writes the option `--" + std::string(ours->option) + "` itself",
                          ours->field.empty() ? "remove it"
                                              : "write the field `" + std::string(ours->field) + "` instead");
        } else {
            lintKnown(*flag, arg, at);
        }
    }

private:
    [[nodiscard]] const Ours* written(std::string_view name) const {
        const auto& all = oursOf(program_);
        const auto it =
            std::find_if(all.begin(), all.end(), [&](const Ours& ours) { return ours.option == name; });
        return it == all.end() ? nullptr : &*it;
    }

    /// Options of versions later than the known ones are uncertain, so these get a warning.
    void unknown(const std::string& name, const FieldPath& at) const {
        const auto close = nearestFlag(known_, name);
        const std::string program{nameOf(program_)};
        const std::string message = program + " has no option `--" + name + "`";
        const std::string hint =
            close.empty()
                ? "`" + std::string(program_ == Program::prometheus ? "prometheus" : "alertmanager") +
                      " --help` lists them"
                : "did you mean `" + close + "`?";
        if (version_ && *version_ <= known_.newest) {
            report_.error(code::VG0453, at, message + " and does not start with it", hint);
        } else {
            report_.warning(code::VG0453, at, message + " up to version " + textOf(known_.newest), hint);
        }
    }

    void lintKnown(const spec::Flag& flag, const spec::ExtraArg& arg, const FieldPath& at) const {
        using Kind = spec::Flag::Kind;
        const std::string program{nameOf(program_)};
        if (flag.kind == Kind::ends) {
            report_.error(code::VG0453, at / "name",
                          "with the option `--" + arg.name + "` " + program + " only prints a text and exits",
                          "remove it");
        } else if (flag.kind == Kind::agent) {
            report_.error(
                code::VG0453, at / "name",
                "the option `--" + arg.name + "` is for Prometheus in agent mode, which vigie does not run",
                "remove it");
        } else if (flag.late && version_ && *version_ <= known_.oldest) {
            report_.error(
                code::VG0453, at / "name",
                program + " " + textOf(*version_) + " does not yet have the option `--" + arg.name + "`",
                "raise `image`, or remove it");
        } else if (report_.refused(at / "value")) {
            return;
        } else if (const auto problem = spec::flagProblem(known_, flag, arg.value, version_)) {
            report_.error(code::VG0453, at / (arg.value.empty() ? "name" : "value"),
                          "the option `--" + arg.name + "` " + *problem,
                          "correct the value: " + program + " does not start with this one");
        }
    }

    Program program_;
    spec::KnownFlags known_;
    std::optional<ImageVersion> version_;
    const spec::Reporter& report_;
};

void lintArgs(Program program, const std::string& image, const std::vector<spec::ExtraArg>& args,
              const FieldPath& at, const spec::Reporter& report) {
    const Args all(program, image, report);
    for (std::size_t i = 0; i < args.size(); ++i) {
        all.lint(args[i], at[i]);
    }
}

}  // namespace

void lintFlags(const spec::Stack& stack, const spec::Reporter& report) {
    if (stack.prometheus) {
        const FieldPath at{"spec", "prometheus"};
        lintArgs(Program::prometheus, stack.prometheus->image, stack.prometheus->extraArgs, at / "extraArgs",
                 report);
        lintRegex(at / "web" / "corsOrigin", stack.prometheus->web.corsOrigin, report);
    }
    if (stack.alertmanager) {
        lintArgs(Program::alertmanager, stack.alertmanager->image, stack.alertmanager->extraArgs,
                 {"spec", "alertmanager", "extraArgs"}, report);
    }
}

}  // namespace vigie::lint
