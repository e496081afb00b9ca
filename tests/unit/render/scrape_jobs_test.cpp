// The jobs that follow from a document.

#include "render/scrape_jobs.hpp"

#include "render/host.hpp"
#include "render/prometheus.hpp"
#include "spec/jobs.hpp"
#include "spec/load.hpp"
#include "spec/read_yaml.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"

#include <algorithm>
#include <filesystem>

namespace vigie::render {
namespace {

spec::Node configurationOn(const spec::Stack& stack, const spec::Replica& server) {
    const std::string path = prometheusDirectory(*stack.project(server.project)) + "/" + kPrometheusFile;
    for (const auto& resource : renderHost(stack, *stack.hostOf(server.project), {})) {
        if (resource.id == "file:" + path) {
            spec::Diagnostics diagnostics;
            return spec::readYaml(std::get<File>(resource.what).content.masked(), path, diagnostics).value();
        }
    }
    FAIL(path << " is not rendered");
    return {};
}

/// Every target of a derived job has the label `site` of some host.
std::size_t checkLabels(const spec::Stack& stack, const spec::Node& configuration) {
    const auto derived = spec::derivedJobs(stack);
    std::size_t seen = 0;
    for (const auto& job : configuration.find("scrape_configs")->items) {
        const auto& name = job.find("job_name")->scalar;
        if (std::find(derived.begin(), derived.end(), name) == derived.end()) {
            continue;
        }
        for (const auto& group : job.find("static_configs")->items) {
            CAPTURE(name);
            REQUIRE(group.find("labels") != nullptr);
            const auto* site = group.find("labels")->find("site");
            REQUIRE(site != nullptr);
            CHECK(stack.host(site->scalar) != nullptr);
            ++seen;
        }
    }
    return seen;
}

TEST_CASE("labels of hosts are on every target that is derived for them", "[render]") {
    std::size_t seen = 0;
    for (const auto& example : std::filesystem::directory_iterator(tests::sourcePath("examples"))) {
        const std::string name = example.path().filename();
        CAPTURE(name);
        spec::Diagnostics diagnostics;
        auto stack = spec::loadStack(tests::readSource("examples/" + name + "/stack.yaml"), "stack.yaml",
                                     "0.1.0", diagnostics)
                         .value()
                         .stack;
        for (auto& host : stack.hosts) {
            host.labels = {{"site", host.name}};
        }
        for (const auto& server : stack.prometheus->servers()) {
            seen += checkLabels(stack, configurationOn(stack, server));
        }
    }
    CHECK(seen > 20);
}

TEST_CASE("the targets of Prometheus itself and of the controllers have their hosts' labels", "[render]") {
    spec::Diagnostics diagnostics;
    auto stack = spec::loadStack(tests::readSource("examples/self-monitoring/stack.yaml"), "stack.yaml",
                                 "0.1.0", diagnostics)
                     .value()
                     .stack;
    for (auto& host : stack.hosts) {
        host.labels = {{"site", "at-" + host.name}};
    }
    const auto server = stack.prometheus->servers().front();
    const auto configuration = configurationOn(stack, server);
    for (const auto& job : configuration.find("scrape_configs")->items) {
        const auto& name = job.find("job_name")->scalar;
        const auto& groups = job.find("static_configs")->items;
        if (name == "prometheus") {
            CHECK(groups.at(0).find("labels")->find("site")->scalar ==
                  "at-" + stack.hostOf(server.project)->name);
        } else if (name == "vigie") {
            REQUIRE(groups.size() == stack.hosts.size());
            for (std::size_t i = 0; i < groups.size(); ++i) {
                CHECK(groups[i].find("labels")->find("site")->scalar == "at-" + stack.hosts[i].name);
                CHECK(groups[i].find("labels")->find("instance")->scalar == stack.hosts[i].name);
            }
        }
    }
}

spec::Stack loaded(const std::string& text) {
    spec::Diagnostics diagnostics;
    auto document = spec::loadStack(text, "stack.yaml", "0.1.0", diagnostics);
    for (const auto& each : diagnostics.all()) {
        UNSCOPED_INFO(each.message);
    }
    REQUIRE(diagnostics.empty());
    return std::move(document.value().stack);
}

const spec::Node* jobNamed(const spec::Node& configuration, const std::string& name) {
    for (const auto& job : configuration.find("scrape_configs")->items) {
        if (job.find("job_name")->scalar == name) {
            return &job;
        }
    }
    return nullptr;
}

std::string at(const spec::Node& node, std::initializer_list<const char*> path) {
    const auto* here = &node;
    for (const auto* key : path) {
        here = here->items.empty() ? here->find(key) : here->items.front().find(key);
        if (here == nullptr) {
            return "(absent)";
        }
    }
    return here->items.empty() ? here->scalar : here->items.front().scalar;
}

constexpr const char* kExporters = R"(apiVersion: vigie.dev/v1alpha1
kind: MonitoringStack
metadata: { name: shop }
spec:
  hosts: [{ name: vm, labels: { site: cellar, team: none }, sealingKey: "4J7Gj0zrCIMYwfXrRIrspeEhNGu7LYtuL1SKipPa0RE=" }]
  projects: [{ name: monitoring, host: vm, directory: /opt/monitoring }]
  exporters:
    - name: push
      type: custom
      project: monitoring
      image: prom/pushgateway:v1.11.1
      jobName: pushgateway
      instance: gateway
      scrapeInterval: 10s
      scrapeTimeout: 5s
      honorLabels: true
      scheme: https
      labels: { team: shop }
      relabelings: [{ sourceLabels: [__address__], targetLabel: node }]
      metricRelabelings: [{ sourceLabels: [__name__], regex: go_.*, action: drop }]
      basicAuth: { username: scraper, passwordFrom: { secret: scraper } }
      tlsConfig: { insecureSkipVerify: true }
      custom: { port: 9091 }
    - name: outside
      type: blackbox
      project: monitoring
      scheme: https
      basicAuth: { username: scraper, passwordFrom: { secret: scraper } }
      blackbox: { probes: [{ name: web, prober: http, targets: ["https://example.org/"] }] }
  prometheus: { project: monitoring }
  secrets:
    - name: scraper
      sealed: { vm: "ShvPrDZddmgCkT30+y9n87lJehknbDSGYBDQ6PFtGC9/YZxzqK75a5njlckmMRekdc1trAneFHwrYaFcrLY2EZwdWdxfo0SN5x+LnvU9Fu4mHGzoBY63SzuFp95CoEG6ID4t29u5j9faDOYc5Y8reS3lJUY+ZIQolidYMv+AeWyVBwy1AWxI" }
)";

TEST_CASE("what an exporter says of its job is in the derived one", "[render]") {
    const auto stack = loaded(kExporters);
    const auto configuration = configurationOn(stack, stack.prometheus->servers().front());
    CHECK(jobNamed(configuration, "push") == nullptr);
    const auto* job = jobNamed(configuration, "pushgateway");
    REQUIRE(job != nullptr);
    CHECK(at(*job, {"scrape_interval"}) == "10s");
    CHECK(at(*job, {"scrape_timeout"}) == "5s");
    CHECK(at(*job, {"honor_labels"}) == "true");
    CHECK(at(*job, {"scheme"}) == "https");
    CHECK(at(*job, {"static_configs", "labels", "team"}) == "shop");  // closer than that of the host
    CHECK(at(*job, {"static_configs", "labels", "site"}) == "cellar");
    CHECK(at(*job, {"static_configs", "labels", "instance"}) == "gateway");
    CHECK(at(*job, {"relabel_configs", "target_label"}) == "node");
    CHECK(at(*job, {"metric_relabel_configs", "action"}) == "drop");
    CHECK(at(*job, {"basic_auth", "password_file"}) == "/etc/prometheus/secrets/scraper");
    CHECK(at(*job, {"tls_config", "insecure_skip_verify"}) == "true");
    CHECK(spec::derivedJobs(stack) ==
          std::vector<std::string>{"prometheus", "pushgateway", "outside", "web"});
}

TEST_CASE("a blackbox exporter is asked for probes as it is asked for its own metrics", "[render]") {
    const auto stack = loaded(kExporters);
    const auto configuration = configurationOn(stack, stack.prometheus->servers().front());
    for (const char* name : {"outside", "web"}) {
        const auto* job = jobNamed(configuration, name);
        REQUIRE(job != nullptr);
        CHECK(at(*job, {"scheme"}) == "https");
        CHECK(at(*job, {"basic_auth", "username"}) == "scraper");
    }
    CHECK(at(*jobNamed(configuration, "web"), {"static_configs", "targets"}) == "https://example.org/");
}

}  // namespace
}  // namespace vigie::render
