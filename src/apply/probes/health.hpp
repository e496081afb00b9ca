// Asks Prometheus and Alertmanager for failing targets, rules and notifications.
#pragma once

#include "system/http.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace vigie::apply {

/// A target whose last scrape failed.
struct DownTarget {
    std::string job;
    std::string instance;
    std::string error;  ///< Prometheus' words; empty when it does not say
};

/// The targets that a Prometheus cannot scrape, in its order; the errors of the first few jobs only. The
/// answer is as long as the list: a healthy server with 100,000 targets answers in a line. Throws Error when
/// it does not answer. Source: Prometheus' HTTP API, `GET /api/v1/query` and
/// `/api/v1/targets?scrapePool=JOB`.
std::vector<DownTarget> downTargets(const std::string& baseUrl, system::Http& http);

/// A target that is scraped, and says that what it observes does not work.
struct UnwellTarget {
    std::string metric;  ///< such as `pg_up`
    std::string job;
    std::string instance;
};

/// Those of the exporters that vigie knows: the `upMetric` of their type is 0. Throws Error when Prometheus
/// does not answer.
std::vector<UnwellTarget> unwellTargets(const std::string& baseUrl, system::Http& http);

/// A rule whose last evaluation failed.
struct FailingRule {
    std::string group;
    std::string name;
    std::string error;  ///< Prometheus' words
};

/// Rules that Prometheus loaded and cannot evaluate: their alerts never fire. Throws Error when it does not
/// answer. Source: `GET /api/v1/rules`, `health` and `lastError`.
std::vector<FailingRule> failingRules(const std::string& baseUrl, system::Http& http);

/// Requests to receivers of one kind (`email`, `webhook`, …) since an Alertmanager was started.
struct Notifications {
    std::int64_t requests = 0;
    std::int64_t failed = 0;
};

/// What an Alertmanager counted, by the kind of receiver. A request that failed is tried again; the counter
/// of notifications that failed for good moves minutes later. Throws Error when it does not answer. Source:
/// `alertmanager_notification_requests_total` and `…_requests_failed_total` of its `/metrics`.
std::map<std::string, Notifications> notifications(const std::string& baseUrl, system::Http& http);

}  // namespace vigie::apply
