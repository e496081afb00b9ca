// The controller's own metrics, in Prometheus' text format.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace vigie::controller {

/// What is true now. Series of an earlier state that are not in it any more go away.
struct MetricState {
    struct Condition {
        std::string type;
        std::string status;  ///< True, False or Unknown
    };
    std::string stack;
    bool suspended = false;
    std::string lastAppliedRevision;  ///< empty: none
    double lastAppliedAt = 0;         ///< Unix seconds; 0: never
    std::size_t pendingChanges = 0;   ///< planned and not applied
    std::vector<Condition> conditions;
    std::map<std::string, double> lastHandshakes;   ///< peer → Unix seconds; 0: never
    std::map<std::string, std::size_t> resources;   ///< kind → how many are managed
    std::map<std::string, std::size_t> containers;  ///< state → how many
};

/// What the controller tells Prometheus. Every function may be called from any thread. Names and labels are
/// part of the interface: docs/http.md.
class Metrics {
public:
    Metrics(const std::string& version, const std::string& host);
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;
    Metrics(Metrics&&) = delete;
    Metrics& operator=(Metrics&&) = delete;
    ~Metrics();

    void observe(const MetricState& state);
    /// A reconcile has ended. `result` is a reason, such as `Converged`.
    void reconciled(const std::string& result, double seconds);
    void drifted(const std::string& kind);        ///< a resource's kind
    void askedSource(const std::string& result);  ///< `success` or `error`
    void gotWebhook(const std::string& provider, const std::string& result);
    void answered(const std::string& method, int status, double seconds);
    void connections(std::size_t open);

    /// Prometheus' text format, with what the process costs. Its content type is `kMetricsContentType`.
    [[nodiscard]] std::string text() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

constexpr const char* kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace vigie::controller
