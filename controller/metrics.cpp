// Counts what the controller does, and prints it in Prometheus' text format.

#include "controller/metrics.hpp"

#include "controller/process_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>
#include <utility>

namespace vigie::controller {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Labels;

/// A family of gauges that holds what was set last and nothing else.
class GaugeSet {
public:
    GaugeSet(prometheus::Registry& registry, const char* name, const char* help)
        : family_(prometheus::BuildGauge().Name(name).Help(help).Register(registry)) {}

    void set(const std::map<Labels, double>& values) {
        for (auto at = series_.begin(); at != series_.end();) {
            if (values.count(at->first) == 0) {
                family_.Remove(at->second);
                at = series_.erase(at);
            } else {
                ++at;
            }
        }
        for (const auto& [labels, value] : values) {
            auto& gauge = family_.Add(labels);
            gauge.Set(value);
            series_[labels] = &gauge;
        }
    }
    void set(double value) { set({{Labels{}, value}}); }

private:
    Family<Gauge>& family_;
    std::map<Labels, Gauge*> series_;
};

template <class Number>
std::map<Labels, double> labelled(const char* label, const std::map<std::string, Number>& values) {
    std::map<Labels, double> out;
    for (const auto& [name, value] : values) {
        out[{{label, name}}] = static_cast<double>(value);
    }
    return out;
}

Family<Counter>& counters(prometheus::Registry& registry, const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

Family<Histogram>& histograms(prometheus::Registry& registry, const char* name, const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

/// From a look that changes nothing to an apply that waits for containers, in seconds.
Histogram::BucketBoundaries reconcileBuckets() {
    return {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300};
}

Histogram::BucketBoundaries requestBuckets() {
    return {0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 10, 60};
}

prometheus::MetricFamily single(const char* name, const char* help, prometheus::MetricType type,
                                double value) {
    prometheus::ClientMetric metric;
    metric.counter.value = value;
    metric.gauge.value = value;
    return {name, help, type, {metric}};
}

void addProcess(std::vector<prometheus::MetricFamily>& to) {
    using Type = prometheus::MetricType;
    const auto cost = processCost();
    to.push_back(single("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.",
                        Type::Counter, cost.cpuSeconds));
    to.push_back(single("process_resident_memory_bytes", "Resident memory size in bytes.", Type::Gauge,
                        cost.residentBytes));
    to.push_back(single("process_virtual_memory_bytes", "Virtual memory size in bytes.", Type::Gauge,
                        cost.virtualBytes));
    to.push_back(single("process_start_time_seconds",
                        "Start time of the process since unix epoch in seconds.", Type::Gauge,
                        cost.startTime));
    to.push_back(single("process_open_fds", "Number of open file descriptors.", Type::Gauge,
                        static_cast<double>(cost.openFds)));
    to.push_back(single("process_max_fds", "Maximum number of open file descriptors.", Type::Gauge,
                        static_cast<double>(cost.maxFds)));
}

}  // namespace

struct Metrics::Impl {
    Impl(std::string version_, std::string host_)
        : version(std::move(version_)),
          host(std::move(host_)),
          reconcileSeconds(
              histograms(registry, "vigie_reconcile_duration_seconds", "How long reconciles took.")
                  .Add({}, reconcileBuckets())) {}

    std::string version;
    std::string host;
    /// What one `observe` sets is scraped together.
    mutable std::mutex mutex;
    prometheus::Registry registry;

    GaugeSet info{registry, "vigie_info",
                  "Always 1; which vigie this is, and for which host of which stack."};
    Family<Counter>& reconciles{
        counters(registry, "vigie_reconcile_total", "Reconciles that have ended, by how they did.")};
    Histogram& reconcileSeconds;
    GaugeSet conditions{registry, "vigie_condition", "1 for the status that a condition has now, else 0."};
    GaugeSet suspended{registry, "vigie_suspended", "1 while the operator has suspended all changes."};
    GaugeSet revision{registry, "vigie_last_applied_revision_info",
                      "Always 1; the revision that was applied last."};
    GaugeSet appliedAt{registry, "vigie_last_applied_timestamp_seconds",
                       "When a revision was applied last, in Unix seconds; 0 for never."};
    GaugeSet pending{registry, "vigie_pending_changes", "Changes that are planned and not applied."};
    GaugeSet handshakes{registry, "vigie_tunnel_peer_last_handshake_timestamp_seconds",
                        "The latest handshake with a peer of the tunnel, in Unix seconds; 0 for never."};
    GaugeSet resources{registry, "vigie_managed_resources",
                       "Resources of this host that vigie owns, by kind."};
    GaugeSet containers{registry, "vigie_containers",
                        "Containers of this host that vigie looks after, by state."};
    Family<Counter>& drift{counters(registry, "vigie_drift_total",
                                    "Resources that were found changed by somebody else, by kind.")};
    Family<Counter>& source{
        counters(registry, "vigie_source_requests_total", "Conversations with the git remote, by result.")};
    Family<Counter>& webhooks{
        counters(registry, "vigie_webhook_requests_total", "Webhooks that arrived, by provider and result.")};
    Family<Counter>& requests{counters(registry, "vigie_http_requests_total",
                                       "HTTP requests that were answered, by method and status.")};
    Family<Histogram>& requestSeconds{
        histograms(registry, "vigie_http_request_duration_seconds",
                   "From the end of an HTTP request to the end of its answer.")};
    GaugeSet connections{registry, "vigie_http_connections", "Open HTTP connections."};
};

Metrics::Metrics(const std::string& version, const std::string& host)
    : impl_(std::make_unique<Impl>(version, host)) {
    // What can be counted begins with zero, so that a first increase is one.
    for (const char* result : {"success", "error"}) {
        impl_->source.Add({{"result", result}});
    }
    impl_->connections.set(0);
    observe({});
}

Metrics::~Metrics() = default;

void Metrics::observe(const MetricState& state) {
    std::map<Labels, double> conditions;
    for (const auto& condition : state.conditions) {
        for (const char* status : {"True", "False", "Unknown"}) {
            conditions[{{"type", condition.type}, {"status", status}}] = condition.status == status ? 1 : 0;
        }
    }
    std::map<Labels, double> revision;
    if (!state.lastAppliedRevision.empty()) {
        revision[{{"revision", state.lastAppliedRevision}}] = 1;
    }
    const std::lock_guard lock(impl_->mutex);
    impl_->info.set({{{{"version", impl_->version}, {"host", impl_->host}, {"stack", state.stack}}, 1}});
    impl_->conditions.set(conditions);
    impl_->suspended.set(state.suspended ? 1 : 0);
    impl_->revision.set(revision);
    impl_->appliedAt.set(state.lastAppliedAt);
    impl_->pending.set(static_cast<double>(state.pendingChanges));
    impl_->handshakes.set(labelled("peer", state.lastHandshakes));
    impl_->resources.set(labelled("kind", state.resources));
    impl_->containers.set(labelled("state", state.containers));
}

void Metrics::reconciled(const std::string& result, double seconds) {
    const std::lock_guard lock(impl_->mutex);
    impl_->reconciles.Add({{"result", result}}).Increment();
    impl_->reconcileSeconds.Observe(seconds);
}

void Metrics::drifted(const std::string& kind) {
    impl_->drift.Add({{"kind", kind}}).Increment();
}

void Metrics::askedSource(const std::string& result) {
    impl_->source.Add({{"result", result}}).Increment();
}

void Metrics::gotWebhook(const std::string& provider, const std::string& result) {
    impl_->webhooks.Add({{"provider", provider}, {"result", result}}).Increment();
}

void Metrics::answered(const std::string& method, int status, double seconds) {
    const std::lock_guard lock(impl_->mutex);
    impl_->requests.Add({{"method", method}, {"code", std::to_string(status)}}).Increment();
    impl_->requestSeconds.Add({{"method", method}}, requestBuckets()).Observe(seconds);
}

void Metrics::connections(std::size_t open) {
    const std::lock_guard lock(impl_->mutex);
    impl_->connections.set(static_cast<double>(open));
}

std::string Metrics::text() const {
    const std::lock_guard lock(impl_->mutex);
    auto families = impl_->registry.Collect();
    addProcess(families);
    return prometheus::TextSerializer().Serialize(families);
}

}  // namespace vigie::controller
