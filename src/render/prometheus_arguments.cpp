// The options of Prometheus' command line.

#include "base/text.hpp"
#include "render/prometheus.hpp"
#include "spec/address.hpp"
#include "spec/exposure.hpp"

namespace vigie::render {

std::vector<Text> prometheusArguments(const spec::Stack& stack, const spec::Host& host) {
    const auto& prometheus = *stack.prometheus;
    std::vector<Text> out = {"--config.file=/etc/prometheus/prometheus.yml",
                             "--storage.tsdb.path=/prometheus", "--web.enable-lifecycle"};
    const auto option = [&](const char* name, const std::string& value) {
        if (!value.empty()) {
            out.emplace_back(std::string("--") + name + "=" + value);
        }
    };
    const auto number = [&](const char* name, const std::optional<int>& value) {
        option(name, value ? std::to_string(*value) : "");
    };
    const auto flag = [&](const char* name, const std::optional<bool>& value, bool negatable) {
        if (value && (*value || negatable)) {
            out.emplace_back(std::string(*value ? "--" : "--no-") + name);
        }
    };
    option("storage.tsdb.retention.time", prometheus.retention);
    if (prometheus.storage) {
        option("storage.tsdb.retention.size", prometheus.storage->retentionSize);
        flag("storage.tsdb.wal-compression", prometheus.storage->walCompression, true);
    }
    if (prometheus.query) {
        option("query.timeout", prometheus.query->timeout);
        number("query.max-concurrency", prometheus.query->maxConcurrency);
        number("query.max-samples", prometheus.query->maxSamples);
        option("query.lookback-delta", prometheus.query->lookbackDelta);
    }
    if (spec::prometheusInHostNetwork(stack)) {
        const auto address = spec::bindAddresses(stack, host, prometheus.exposure).front();
        option("web.listen-address", spec::hostPort(address, prometheus.port));
    }
    const auto& web = prometheus.web;
    option("web.external-url", web.externalUrl);
    option("web.route-prefix", web.routePrefix);
    flag("web.enable-admin-api", web.adminApi, false);
    flag("web.enable-remote-write-receiver", web.remoteWriteReceiver, false);
    number("web.max-connections", web.maxConnections);
    option("web.read-timeout", web.readTimeout);
    option("web.cors.origin", web.corsOrigin);
    option("web.page-title", web.pageTitle);
    option("enable-feature", join(prometheus.enableFeatures, ","));
    for (const auto& extra : prometheus.extraArgs) {
        out.emplace_back("--" + extra.name + (extra.value.empty() ? "" : "=" + extra.value));
    }
    return out;
}

}  // namespace vigie::render
