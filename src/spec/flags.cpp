// The options of the command lines of Prometheus and Alertmanager.
#include "spec/flags.hpp"

#include "base/text.hpp"
#include "spec/format_quantity.hpp"
#include "spec/supported.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace vigie::spec {
namespace {

using Kind = Flag::Kind;

constexpr std::string_view kLevels = "debug,info,warn,error";
constexpr std::string_view kFormats = "logfmt,json";
constexpr std::string_view kCompressions = "snappy,zstd";

/// What every program says with its library for command lines, kingpin.
constexpr std::array kEverywhere = {
    Flag{"help", Kind::ends},
    Flag{"help-long", Kind::ends},
    Flag{"help-man", Kind::ends},
    Flag{"version", Kind::ends},
    Flag{"completion-bash", Kind::ends},
    Flag{"completion-script-bash", Kind::ends},
    Flag{"completion-script-zsh", Kind::ends},
    Flag{"log.level", Kind::choice, kLevels},
    Flag{"log.format", Kind::choice, kFormats},
};

/// Of Prometheus 2.42 and 3.5, the oldest and the newest of spec/supported.cpp. What went away with 3.0
/// stands in lint/versions.cpp as well.
constexpr std::array kPrometheus = {
    Flag{"agent", Kind::agent, {}, true},
    Flag{"alertmanager.drain-notification-queue-on-shutdown", Kind::boolean, {}, true},
    Flag{"alertmanager.notification-batch-size", Kind::number, {}, true},
    Flag{"alertmanager.notification-queue-capacity", Kind::number},
    Flag{"alertmanager.timeout", Kind::duration},
    Flag{"auto-gomaxprocs", Kind::boolean, {}, true},
    Flag{"auto-gomemlimit", Kind::boolean, {}, true},
    Flag{"auto-gomemlimit.ratio", Kind::number, {}, true},
    Flag{"config.auto-reload-interval", Kind::duration, {}, true},
    Flag{"config.file"},
    Flag{"enable-feature"},
    Flag{"query.lookback-delta", Kind::duration},
    Flag{"query.max-concurrency", Kind::number},
    Flag{"query.max-samples", Kind::number},
    Flag{"query.timeout", Kind::duration},
    Flag{"rules.alert.for-grace-period", Kind::duration},
    Flag{"rules.alert.for-outage-tolerance", Kind::duration},
    Flag{"rules.alert.resend-delay", Kind::duration},
    Flag{"rules.max-concurrent-evals", Kind::number, {}, true},
    Flag{"scrape.adjust-timestamps", Kind::boolean},
    Flag{"scrape.discovery-reload-interval", Kind::duration},
    Flag{"scrape.name-escaping-scheme", Kind::choice, "values,underscores,dots"},
    Flag{"scrape.timestamp-tolerance", Kind::goDuration},
    Flag{"storage.agent.no-lockfile", Kind::agent},
    Flag{"storage.agent.path", Kind::agent},
    Flag{"storage.agent.retention.max-time", Kind::agent},
    Flag{"storage.agent.retention.min-time", Kind::agent},
    Flag{"storage.agent.wal-compression", Kind::agent},
    Flag{"storage.agent.wal-compression-type", Kind::agent},
    Flag{"storage.agent.wal-segment-size", Kind::agent},
    Flag{"storage.agent.wal-truncate-frequency", Kind::agent},
    Flag{"storage.remote.flush-deadline", Kind::duration},
    Flag{"storage.remote.read-concurrent-limit", Kind::number},
    Flag{"storage.remote.read-max-bytes-in-frame", Kind::number},
    Flag{"storage.remote.read-sample-limit", Kind::number},
    Flag{"storage.tsdb.allow-overlapping-blocks", Kind::boolean},
    Flag{"storage.tsdb.allow-overlapping-compaction", Kind::boolean, {}, true},
    Flag{"storage.tsdb.delayed-compaction.max-percent", Kind::number, {}, true},
    Flag{"storage.tsdb.head-chunks-write-queue-size", Kind::number},
    Flag{"storage.tsdb.max-block-chunk-segment-size", Kind::size},
    Flag{"storage.tsdb.max-block-duration", Kind::duration},
    Flag{"storage.tsdb.min-block-duration", Kind::duration},
    Flag{"storage.tsdb.no-lockfile", Kind::boolean},
    Flag{"storage.tsdb.path"},
    Flag{"storage.tsdb.retention", Kind::duration},
    Flag{"storage.tsdb.retention.size", Kind::size},
    Flag{"storage.tsdb.retention.time", Kind::duration},
    Flag{"storage.tsdb.samples-per-chunk", Kind::number, {}, true},
    Flag{"storage.tsdb.wal-compression", Kind::boolean},
    Flag{"storage.tsdb.wal-compression-type", Kind::choice, kCompressions, true},
    Flag{"storage.tsdb.wal-segment-size", Kind::size},
    Flag{"web.config.file"},
    Flag{"web.console.libraries"},
    Flag{"web.console.templates"},
    Flag{"web.cors.origin"},
    Flag{"web.enable-admin-api", Kind::boolean},
    Flag{"web.enable-lifecycle", Kind::boolean},
    Flag{"web.enable-remote-write-receiver", Kind::boolean},
    Flag{"web.external-url"},
    Flag{"web.listen-address"},
    Flag{"web.max-connections", Kind::number},
    Flag{"web.max-notifications-subscribers", Kind::number, {}, true},
    Flag{"web.page-title"},
    Flag{"web.read-timeout", Kind::duration},
    Flag{"web.remote-write-receiver.accepted-protobuf-messages", Kind::choice,
         "prometheus.WriteRequest,io.prometheus.write.v2.Request", true},
    Flag{"web.route-prefix"},
    Flag{"web.user-assets"},
    Flag{"write-documentation", Kind::ends},
};

/// Of Alertmanager 0.25 and 0.33.
constexpr std::array kAlertmanager = {
    Flag{"alerts.gc-interval", Kind::goDuration},
    Flag{"alerts.per-alertname-limit", Kind::number, {}, true},
    Flag{"auto-gomemlimit.ratio", Kind::number, {}, true},
    Flag{"cluster.advertise-address"},
    Flag{"cluster.allow-insecure-public-advertise-address-discovery", Kind::boolean},
    Flag{"cluster.gossip-interval", Kind::goDuration},
    Flag{"cluster.label", Kind::text, {}, true},
    Flag{"cluster.listen-address"},
    Flag{"cluster.peer"},
    Flag{"cluster.peer-name", Kind::text, {}, true},
    Flag{"cluster.peer-timeout", Kind::goDuration},
    Flag{"cluster.peers-resolve-timeout", Kind::goDuration, {}, true},
    Flag{"cluster.probe-interval", Kind::goDuration},
    Flag{"cluster.probe-timeout", Kind::goDuration},
    Flag{"cluster.pushpull-interval", Kind::goDuration},
    Flag{"cluster.reconnect-interval", Kind::goDuration},
    Flag{"cluster.reconnect-timeout", Kind::goDuration},
    Flag{"cluster.settle-timeout", Kind::goDuration},
    Flag{"cluster.tcp-timeout", Kind::goDuration},
    Flag{"cluster.tls-config"},
    Flag{"config.file"},
    Flag{"data.maintenance-interval", Kind::goDuration},
    Flag{"data.retention", Kind::goDuration},
    Flag{"dispatch.maintenance-interval", Kind::goDuration, {}, true},
    Flag{"dispatch.start-delay", Kind::goDuration, {}, true},
    Flag{"enable-feature", Kind::text, {}, true},
    Flag{"log.silences", Kind::boolean, {}, true},
    Flag{"silences.max-silence-size-bytes", Kind::number, {}, true},
    Flag{"silences.max-silences", Kind::number, {}, true},
    Flag{"storage.path"},
    Flag{"web.config.file"},
    Flag{"web.external-url"},
    Flag{"web.get-concurrency", Kind::number},
    Flag{"web.listen-address"},
    Flag{"web.route-prefix"},
    Flag{"web.systemd-socket", Kind::boolean},
    Flag{"web.timeout", Kind::goDuration},
};

const Flag* find(std::span<const Flag> flags, std::string_view name) {
    const auto it =
        std::find_if(flags.begin(), flags.end(), [&](const Flag& flag) { return flag.name == name; });
    return it == flags.end() ? nullptr : &*it;
}

/// As kingpin reads it: a decimal number, perhaps with a sign and an exponent.
bool isNumber(std::string_view text) {
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
        text.remove_prefix(1);
    }
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool begins =
        !text.empty() && (text.front() == '.' || (text.front() >= '0' && text.front() <= '9'));
    return begins && error == std::errc{} && end == text.data() + text.size();
}

/// From its version 2.4 on kingpin takes days and weeks as well.
bool isKingpinDuration(std::string_view text, bool daysToo) {
    return !checkGoDuration(text) ||
           (daysToo && text.find('y') == std::string_view::npos && !checkDuration(text));
}

/// Levels are known in capitals as well.
bool sameWord(std::string_view a, std::string_view b) {
    const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return small(x) == small(y); });
}

std::optional<std::string> unless(bool fine, std::string problem) {
    return fine ? std::nullopt : std::optional(std::move(problem));
}

}  // namespace

KnownFlags knownFlags(Program program) {
    const bool prometheus = program == Program::prometheus;
    const auto versions = supportedProgram(prometheus ? "prometheus" : "alertmanager").versions;
    return {versions.front(), versions.back(),
            prometheus ? std::span<const Flag>(kPrometheus) : std::span<const Flag>(kAlertmanager)};
}

const Flag* flagNamed(Program program, std::string_view name) {
    const auto flags = knownFlags(program).flags;
    const Flag* found = find(flags, name);
    found = found == nullptr ? find(kEverywhere, name) : found;
    if (found == nullptr && name.starts_with("no-")) {
        found = find(flags, name.substr(3));
        found = found != nullptr && found->kind == Kind::boolean ? found : nullptr;
    }
    return found;
}

std::optional<std::string> flagProblem(const KnownFlags& known, const Flag& flag, std::string_view value,
                                       const std::optional<ImageVersion>& version) {
    if (flag.kind == Kind::boolean || value.empty()) {
        const bool fine = (flag.kind == Kind::boolean) == value.empty();
        return unless(fine, value.empty() ? "needs a value" : "takes no value: the flag itself turns it on");
    }
    const std::string cannot = "cannot be `" + std::string(value) + "`, ";
    switch (flag.kind) {
        case Kind::number:
            return unless(isNumber(value), cannot + "which is not a number");
        case Kind::duration:
            return unless(!checkDuration(value), cannot + "which is not a duration like `90s` or `2d`");
        case Kind::goDuration:
            return unless(isKingpinDuration(value, !version || known.oldest < *version),
                          cannot + "which is not a duration like `90s` or `36h`");
        case Kind::size:
            return unless(!checkByteSize(value), cannot + "which is not a size like `512MB`");
        case Kind::choice: {
            const auto choices = split(flag.choices, ',');
            return unless(std::any_of(choices.begin(), choices.end(),
                                      [&](std::string_view choice) { return sameWord(choice, value); }),
                          cannot + "which is not one of " + join({choices.begin(), choices.end()}, ", "));
        }
        default:
            return std::nullopt;
    }
}

}  // namespace vigie::spec
