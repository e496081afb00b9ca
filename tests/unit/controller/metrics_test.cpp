// Tests controller/metrics.

#include "controller/metrics.hpp"

#include "controller/process_metrics.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <atomic>
#include <cstdlib>
#include <thread>

namespace vigie::controller {
namespace {

MetricState busy() {
    MetricState state;
    state.stack = "moments";
    state.suspended = true;
    state.lastAppliedRevision = "0123abc";
    state.lastAppliedAt = 1700000000;
    state.pendingChanges = 3;
    state.conditions = {{"Ready", "False"}, {"TunnelReady", "Unknown"}};
    state.lastHandshakes = {{"vps", 1700000001.5}, {"spoke", 0}};
    state.resources = {{"file", 12}, {"compose", 2}};
    state.containers = {{"running", 4}};
    return state;
}

/// Everything that can be counted was.
void use(Metrics& metrics) {
    metrics.observe(busy());
    metrics.reconciled("Converged", 0.2);
    metrics.reconciled("SourceFailed", 31);
    metrics.drifted("file");
    metrics.askedSource("error");
    metrics.gotWebhook("github", "accepted");
    metrics.answered("GET", 200, 0.001);
    metrics.connections(5);
}

TEST_CASE("all metrics are exposed with their names, labels and values", "[controller][metrics]") {
    Metrics metrics("0.1.0", "vm");
    use(metrics);
    const auto text = metrics.text();
    for (const char* line : {"vigie_info{host=\"vm\",stack=\"moments\",version=\"0.1.0\"} 1",
                             "vigie_suspended 1",
                             "vigie_last_applied_revision_info{revision=\"0123abc\"} 1",
                             "vigie_last_applied_timestamp_seconds 1700000000",
                             "vigie_pending_changes 3",
                             "vigie_condition{status=\"False\",type=\"Ready\"} 1",
                             "vigie_condition{status=\"True\",type=\"Ready\"} 0",
                             "vigie_condition{status=\"Unknown\",type=\"TunnelReady\"} 1",
                             "vigie_tunnel_peer_last_handshake_timestamp_seconds{peer=\"vps\"} 1700000001.5",
                             "vigie_tunnel_peer_last_handshake_timestamp_seconds{peer=\"spoke\"} 0",
                             "vigie_managed_resources{kind=\"file\"} 12",
                             "vigie_containers{state=\"running\"} 4",
                             "vigie_reconcile_total{result=\"Converged\"} 1",
                             "vigie_reconcile_duration_seconds_count 2",
                             "vigie_reconcile_duration_seconds_bucket{le=\"0.25\"} 1",
                             "vigie_drift_total{kind=\"file\"} 1",
                             "vigie_source_requests_total{result=\"error\"} 1",
                             "vigie_source_requests_total{result=\"success\"} 0",
                             "vigie_webhook_requests_total{provider=\"github\",result=\"accepted\"} 1",
                             "vigie_http_requests_total{code=\"200\",method=\"GET\"} 1",
                             "vigie_http_request_duration_seconds_count{method=\"GET\"} 1",
                             "vigie_http_connections 5",
                             "process_open_fds ",
                             "process_max_fds ",
                             "process_resident_memory_bytes ",
                             "process_cpu_seconds_total ",
                             "process_start_time_seconds "}) {
        INFO(line << "\n" << text);
        CHECK(tests::contains(text, std::string("\n") + line));
    }
}

TEST_CASE("a revision, a peer or a kind that is gone leaves no series behind", "[controller][metrics]") {
    Metrics metrics("0.1.0", "vm");
    metrics.observe(busy());
    auto state = busy();
    state.lastAppliedRevision = "4567def";
    state.lastHandshakes.erase("spoke");
    state.resources = {{"file", 1}};
    state.conditions = {{"Ready", "True"}};
    metrics.observe(state);
    const auto text = metrics.text();
    for (const char* gone :
         {"0123abc", "spoke", "compose", "TunnelReady", "Ready\"} 0\nvigie_condition{status=\"Ready"}) {
        INFO(gone);
        CHECK_FALSE(tests::contains(text, gone));
    }
    CHECK(tests::contains(text, "vigie_condition{status=\"True\",type=\"Ready\"} 1"));
    metrics.observe({});
    CHECK_FALSE(tests::contains(metrics.text(), "4567def"));
}

TEST_CASE("promtool accepts the exposition of all metrics", "[controller][metrics]") {
    Metrics metrics("0.1.0", "vm");
    use(metrics);
    auto odd = busy();
    odd.stack = "quote \" backslash \\ line\nend";
    metrics.observe(odd);
    const tests::TemporaryDirectory directory;
    const auto file = directory.write("metrics", metrics.text());
    const auto said = directory.path + "/said";
    const int result = std::system(("promtool check metrics < " + file + " > " + said + " 2>&1").c_str());
    INFO(std::ifstream(said).rdbuf());
    CHECK(result == 0);
    CHECK(std::filesystem::file_size(said) == 0);
}

TEST_CASE("promtool rejects a metric without help and type", "[controller][metrics]") {
    const tests::TemporaryDirectory directory;
    const auto file = directory.write("metrics", "vigie_bad_total 1\n");
    CHECK(std::system(("promtool check metrics < " + file + " > /dev/null 2>&1").c_str()) != 0);
}

TEST_CASE("metrics can be updated and read by several threads at once", "[controller][metrics]") {
    Metrics metrics("0.1.0", "vm");
    std::atomic<bool> stop = false;
    std::thread scraper([&] {
        while (!stop) {
            CHECK(tests::contains(metrics.text(), "vigie_info"));
        }
    });
    std::thread other([&] {
        for (int i = 0; i < 200; ++i) {
            use(metrics);
        }
    });
    for (int i = 0; i < 200; ++i) {
        use(metrics);
        metrics.observe({});
    }
    other.join();
    stop = true;
    scraper.join();
    CHECK(tests::contains(metrics.text(), "vigie_reconcile_total{result=\"Converged\"} 400"));
}

TEST_CASE("the process metrics show memory, start time and open files", "[controller][metrics]") {
    const auto cost = processCost();
    CHECK(cost.residentBytes > 1e6);
    CHECK(cost.virtualBytes >= cost.residentBytes);
    CHECK(cost.startTime > 1.6e9);
    CHECK(cost.openFds >= 3);
    CHECK(cost.maxFds >= cost.openFds);
    const tests::TemporaryDirectory directory;
    const std::ofstream one(directory.path + "/one");
    CHECK(processCost().openFds == cost.openFds + 1);
}

}  // namespace
}  // namespace vigie::controller
