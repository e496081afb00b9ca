// Tests spec/datasources: The data sources of Grafana that follow from the document.

#include "spec/datasources.hpp"

#include "spec/ports.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::spec {
namespace {

/// examples/moments with a Grafana in `project`.
Stack withGrafana(const std::string& project = "monitoring") {
    Stack stack = tests::moments();
    stack.projects.push_back({"other", "vps", "/opt/other", {}, {}, {}});
    Grafana grafana;
    grafana.project = project;
    grafana.port = 3000;
    stack.grafana = grafana;
    return stack;
}

std::string urls(const Stack& stack) {
    std::string out;
    for (const auto& source : derivedDatasources(stack)) {
        out += source.name + "=" + source.url + " ";
    }
    return out;
}

TEST_CASE("in the same project Grafana queries its data sources by service name", "[spec][grafana]") {
    const auto stack = withGrafana();
    CHECK(urls(stack) ==
          "Prometheus=http://prometheus:9090 Alertmanager=http://alertmanager:9093 "
          "Jaeger=http://jaeger:16686 ");
    CHECK(grafanaTarget(stack, stack.prometheus->servers().front()) == "grafana:3000");
    const auto plain = tests::moments();
    CHECK(portsReachedOverTunnel(stack, *stack.host("vm")).size() ==
          portsReachedOverTunnel(plain, *plain.host("vm")).size());
}

TEST_CASE("from another host Grafana queries its data sources over the tunnel, and the ports are opened",
          "[spec][grafana]") {
    auto stack = withGrafana("other");
    stack.prometheus->web.externalUrl = "https://example.org/metrics/";
    CHECK(urls(stack) ==
          "Prometheus=http://10.66.66.2:9090/metrics Alertmanager=http://10.66.66.2:9093 "
          "Jaeger=http://10.66.66.2:16686 ");
    CHECK(grafanaTarget(stack, stack.prometheus->servers().front()) == "10.66.66.1:3000");
    std::string reached;
    for (const auto& host : stack.hosts) {
        for (const auto& port : portsReachedOverTunnel(stack, host)) {
            reached += host.name + ":" + std::to_string(port.number) + " ";
        }
    }
    for (const char* port : {"vps:3000 ", "vm:9090 ", "vm:9093 ", "vm:16686 "}) {
        INFO(port);
        CHECK(tests::contains(reached, port));
    }
}

TEST_CASE("in another project of the same host Grafana queries its data sources by the host's address",
          "[spec][grafana]") {
    auto stack = withGrafana("other");
    stack.projects.back().host = "vm";
    CHECK(tests::contains(urls(stack), "Prometheus=http://10.66.66.2:9090 "));
    std::string reached;
    for (const auto& port : portsReachedByContainers(stack, *stack.host("vm"))) {
        reached += std::to_string(port.number) + " ";
    }
    for (const char* port : {"9090 ", "9093 ", "16686 ", "3000 "}) {
        INFO(port);
        CHECK(tests::contains(reached, port));
    }
}

TEST_CASE("without a tunnel Grafana uses the host network and loopback addresses", "[spec][grafana]") {
    auto stack = withGrafana();
    stack.wireguard = {};
    CHECK(grafanaInHostNetwork(stack));
    CHECK(urls(stack) ==
          "Prometheus=http://127.0.0.1:9090 Alertmanager=http://127.0.0.1:9093 "
          "Jaeger=http://127.0.0.1:16686 ");
    CHECK(grafanaTarget(stack, stack.prometheus->servers().front()) == "127.0.0.1:3000");
}

TEST_CASE("each Prometheus replica is a data source named after its host", "[spec][grafana]") {
    auto stack = withGrafana();
    stack.prometheus->replicas = {{"other"}};
    const auto sources = derivedDatasources(stack);
    CHECK(sources[0].name == "Prometheus");
    CHECK(sources[0].uid == "prometheus");
    CHECK(sources[1].name == "Prometheus (vps)");
    CHECK(sources[1].uid == "prometheus-2");
    CHECK(sources[1].url == "http://10.66.66.1:9090");
    CHECK(grafanaTarget(stack, stack.prometheus->servers().back()) == "10.66.66.2:3000");
}

}  // namespace
}  // namespace vigie::spec
