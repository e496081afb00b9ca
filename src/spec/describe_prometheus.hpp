// The descriptions of `spec.prometheus`.
#pragma once

#include "spec/describe.hpp"

namespace vigie::spec {

VIGIE_DESCRIBE(StaticConfig) {
    io.field("targets", value.targets);
    io.field("labels", value.labels);
}

VIGIE_DESCRIBE(ScrapeConfig) {
    io.field("jobName", value.jobName);
    io.field("scrapeInterval", value.scrapeInterval);
    io.field("scrapeTimeout", value.scrapeTimeout);
    io.field("metricsPath", value.metricsPath);
    io.field("scheme", value.scheme);
    io.field("honorLabels", value.honorLabels);
    io.field("staticConfigs", value.staticConfigs);
    io.field("raw", value.raw);
    io.rest(value.settings, {"jobName", "scrapeInterval", "scrapeTimeout", "metricsPath", "scheme",
                             "honorLabels", "staticConfigs", "raw"});
}

VIGIE_DESCRIBE(PrometheusStorage) {
    io.field("retentionSize", value.retentionSize);
    io.field("walCompression", value.walCompression);
    io.field("outOfOrderTimeWindow", value.outOfOrderTimeWindow);
    io.field("maxExemplars", value.maxExemplars);
}

VIGIE_DESCRIBE(PrometheusQuery) {
    io.field("timeout", value.timeout);
    io.field("maxConcurrency", value.maxConcurrency);
    io.field("maxSamples", value.maxSamples);
    io.field("lookbackDelta", value.lookbackDelta);
    io.field("logFile", value.logFile);
}

VIGIE_DESCRIBE(PrometheusAlerting) {
    io.field("alertmanagers", value.alertmanagers);
    io.field("alertRelabelings", value.alertRelabelings);
}

VIGIE_DESCRIBE(Prometheus) {
    io.field("project", value.project);
    describe(io, value.had);
    io.field("configFrom", value.configFrom);
    io.field("image", value.image);
    io.field("port", value.port);
    io.field("scrapeInterval", value.scrapeInterval);
    io.field("scrapeTimeout", value.scrapeTimeout);
    io.field("evaluationInterval", value.evaluationInterval);
    io.field("retention", value.retention);
    io.field("externalLabels", value.externalLabels);
    io.field("ruleFiles", value.ruleFiles);
    io.field("dataDirectory", value.dataDirectory);
    io.field("selfScrape", value.selfScrape);
    io.field("global", value.global);
    io.field("storage", value.storage);
    io.field("query", value.query);
    optionalMap(io, "web", value.web);
    io.field("enableFeatures", value.enableFeatures);
    io.field("extraArgs", value.extraArgs);
    io.field("replicas", value.replicas);
    io.field("ruleGroups", value.ruleGroups);
    io.field("alerting", value.alerting);
    io.field("remoteWrite", value.remoteWrite);
    io.field("remoteRead", value.remoteRead);
    io.field("scrapeConfigs", value.scrapeConfigs);
    io.field("exposure", value.exposure);
}

}  // namespace vigie::spec
