// Settings that the program's version does not support.

#include "lint/rules.hpp"
#include "spec/image_version.hpp"
#include "spec/settings.hpp"
#include "spec/supported.hpp"

#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>

namespace vigie::lint {
namespace {

using spec::FieldPath;
using spec::ImageVersion;
using spec::Program;

/// Checks settings against the version of one program.
class Versions {
public:
    Versions(Program program, const std::string& image, const spec::Reporter& report)
        : program_(program), image_(image), version_(spec::imageVersion(image)), report_(report) {}

    void needs(const ImageVersion& since, const std::string& what, const FieldPath& at) {
        if (since == ImageVersion{}) {
            return;
        }
        if (!version_) {
            ++unchecked_;
        } else if (*version_ < since) {
            report_.error(code::VG0430, at,
                          what + " needs " + std::string(nameOf(program_)) + " " + textOf(since) +
                              ", but the image is " + textOf(*version_),
                          "raise `image` to " + textOf(since) + " or later, or remove it");
        }
    }

    [[nodiscard]] const std::optional<ImageVersion>& version() const { return version_; }

    void finish(const FieldPath& at) const {
        if (unchecked_ != 0 && !image_.empty()) {
            report_.warning(
                code::VG0431, at,
                "the version of `" + image_ + "` is unknown: whether it supports all fields was not checked",
                "write the version in the tag, such as `:v3.5.0`; a digest may follow it");
        }
    }

private:
    Program program_;
    const std::string& image_;
    std::optional<ImageVersion> version_;
    const spec::Reporter& report_;
    std::size_t unchecked_ = 0;
};

struct ValueSince {
    std::string_view field;
    std::string_view value;
    ImageVersion since;
};

/// Values that are younger than their fields.
constexpr std::array<ValueSince, 8> kValues = {{{"action", "lowercase", {2, 36}},
                                                {"action", "uppercase", {2, 36}},
                                                {"action", "keepequal", {2, 41}},
                                                {"action", "dropequal", {2, 41}},
                                                {"scrapeProtocols", "PrometheusText1.0.0", {3, 0}},
                                                {"type", "MX", {2, 38}},
                                                {"type", "NS", {2, 49}},
                                                {"parseMode", "MarkdownV2", {0, 24}}}};

void lintBlock(const spec::SettingBlock& block, Versions& versions) {
    const auto value = [&](const spec::Setting& setting, const std::string& text, const FieldPath& at) {
        for (const auto& known : kValues) {
            if (known.field == setting.field && known.value == text) {
                versions.needs(known.since, "`" + text + "`", at);
            }
        }
    };
    spec::forEachSetting(block, [&](const spec::Setting& setting) {
        if (const auto* word = wordFor(block.program, setting.where, setting.field)) {
            versions.needs(word->since, "`" + std::string(setting.field) + "`", setting.at);
        }
        value(setting, setting.value.scalar, setting.at);
        for (std::size_t i = 0; i < setting.value.items.size(); ++i) {
            value(setting, setting.value.items[i].scalar, setting.at[i]);
        }
    });
}

/// Options of the command line that Prometheus 3 does not know any more: it does not start with them.
/// Source: the changelog of Prometheus 3.0.
constexpr std::array<std::string_view, 3> kGoneOptions = {"storage.tsdb.retention", "alertmanager.timeout",
                                                          "storage.tsdb.allow-overlapping-blocks"};
/// Feature flags that are the rule, or have an option of their own, from Prometheus 3.0 on.
/// Source: Prometheus' migration guide.
constexpr std::array<std::string_view, 9> kGoneFeatures = {"promql-at-modifier",
                                                           "promql-negative-offset",
                                                           "remote-write-receiver",
                                                           "new-service-discovery-manager",
                                                           "expand-external-labels",
                                                           "no-default-scrape-port",
                                                           "agent",
                                                           "auto-gomemlimit",
                                                           "auto-gomaxprocs"};

void lintPrometheus(const spec::Prometheus& prometheus, Versions& versions, const spec::Reporter& report) {
    const FieldPath at{"spec", "prometheus"};
    if (prometheus.storage) {
        const auto& storage = *prometheus.storage;
        const std::string window = storage.outOfOrderTimeWindow;
        versions.needs(window.empty() ? ImageVersion{} : ImageVersion{2, 39}, "`outOfOrderTimeWindow`",
                       at / "storage" / "outOfOrderTimeWindow");
        versions.needs(storage.walCompression ? ImageVersion{2, 11} : ImageVersion{}, "`walCompression`",
                       at / "storage" / "walCompression");
        versions.needs(storage.maxExemplars ? ImageVersion{2, 29} : ImageVersion{}, "`maxExemplars`",
                       at / "storage" / "maxExemplars");
    }
    if (prometheus.query && prometheus.query->logFile) {
        versions.needs({2, 16}, "`logFile`", at / "query" / "logFile");
    }
    versions.needs(prometheus.web.remoteWriteReceiver.value_or(false) ? ImageVersion{2, 33} : ImageVersion{},
                   "`enableRemoteWriteReceiver`", at / "web" / "enableRemoteWriteReceiver");
    const bool three = versions.version() && versions.version()->major >= 3;
    for (std::size_t i = 0; three && i < prometheus.extraArgs.size(); ++i) {
        for (const auto gone : kGoneOptions) {
            if (prometheus.extraArgs[i].name == gone) {
                report.error(code::VG0432, (at / "extraArgs")[i] / "name",
                             "Prometheus 3 no longer has the option `--" + std::string(gone) +
                                 "` and does not start with it",
                             gone == "storage.tsdb.retention" ? "write `retention`" : "remove it");
            }
        }
    }
    for (std::size_t i = 0; three && i < prometheus.enableFeatures.size(); ++i) {
        for (const auto gone : kGoneFeatures) {
            if (prometheus.enableFeatures[i] == gone) {
                report.warning(
                    code::VG0432, (at / "enableFeatures")[i],
                    "the feature `" + std::string(gone) + "` is no longer a feature flag in Prometheus 3",
                    gone == "remote-write-receiver" ? "write `web: { enableRemoteWriteReceiver: true }`"
                                                    : "remove it");
            }
        }
    }
    if (versions.version() && *versions.version() >= ImageVersion{3, 9}) {
        for (std::size_t i = 0; i < prometheus.enableFeatures.size(); ++i) {
            if (prometheus.enableFeatures[i] == "native-histograms") {
                report.warning(code::VG0432, (at / "enableFeatures")[i],
                               "the feature `native-histograms` has no effect from Prometheus 3.9 on",
                               "write `global: { scrapeNativeHistograms: true }`");
            }
        }
    }
}

void lintRoutes(const std::vector<spec::ChildRoute>& routes, const FieldPath& at, Versions& versions) {
    for (std::size_t i = 0; i < routes.size(); ++i) {
        const auto ask = [&](const auto& list, ImageVersion since, const char* field) {
            if (!list.empty()) {
                versions.needs(since, std::string("`") + field + "`", at[i] / field);
            }
        };
        ask(routes[i].matchers, {0, 22}, "matchers");
        ask(routes[i].muteTimeIntervals, {0, 22}, "muteTimeIntervals");
        ask(routes[i].activeTimeIntervals, {0, 24}, "activeTimeIntervals");
        lintRoutes(routes[i].routes, at[i] / "routes", versions);
    }
}

}  // namespace

void lintVersions(const spec::Stack& stack, const spec::Reporter& report) {
    static const std::string kNone;
    Versions prometheus(Program::prometheus, stack.prometheus ? stack.prometheus->image : kNone, report);
    Versions alertmanager(Program::alertmanager, stack.alertmanager ? stack.alertmanager->image : kNone,
                          report);
    for (const auto& block : spec::settingBlocks(stack)) {
        lintBlock(block, block.program == Program::prometheus ? prometheus : alertmanager);
    }
    if (stack.prometheus) {
        lintPrometheus(*stack.prometheus, prometheus, report);
    }
    if (stack.alertmanager) {
        lintRoutes(stack.alertmanager->route.routes, {"spec", "alertmanager", "route", "routes"},
                   alertmanager);
        if (!stack.alertmanager->timeIntervals.empty()) {
            alertmanager.needs({0, 24}, "`timeIntervals`", {"spec", "alertmanager", "timeIntervals"});
        }
    }
    prometheus.finish({"spec", "prometheus", "image"});
    alertmanager.finish({"spec", "alertmanager", "image"});
}

}  // namespace vigie::lint
