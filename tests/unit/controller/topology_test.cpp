// Tests controller/topology.

#include "controller/topology.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <nlohmann/json.hpp>

namespace vigie::controller {
namespace {

using nlohmann::json;

spec::Stack stack() {
    spec::Stack out;
    out.name = "shop";
    spec::Host vps;
    vps.name = "vps";
    vps.endpoint = "203.0.113.10";
    vps.vpnAddress = "10.66.66.1";
    spec::Host vm;
    vm.name = "vm";
    vm.vpnAddress = "10.66.66.2";
    out.hosts = {vps, vm};
    out.wireguard.interface = "wg0";
    out.wireguard.network = "10.66.66.0/24";
    spec::Project monitoring;
    monitoring.name = "monitoring";
    monitoring.host = "vm";
    out.projects = {monitoring};
    out.prometheus.emplace();
    out.prometheus->project = "monitoring";
    out.prometheus->port = 9090;
    out.jaeger.emplace();
    out.jaeger->project = "monitoring";
    out.jaeger->port = 16686;
    return out;
}

json picture(const spec::Stack& stack, const std::string& self, const std::vector<AskedHost>& asked = {}) {
    return json::parse(topology(stack, self, nullptr, nullptr, {}, asked));
}

std::string url(const json& picture, const std::string& name) {
    for (const auto& each : picture["components"]) {
        if (each["name"] == name) {
            return each["url"];
        }
    }
    return "?";
}

}  // namespace

TEST_CASE("a component's URL is its external URL, or its address and published port",
          "[controller][topology]") {
    auto document = stack();
    CHECK(url(picture(document, "vps"), "prometheus") == "http://10.66.66.2:9090/");
    CHECK(url(picture(document, "vps"), "jaeger") == "http://10.66.66.2:16686/");
    document.prometheus->web.routePrefix = "/prom";
    CHECK(url(picture(document, "vps"), "prometheus") == "http://10.66.66.2:9090/prom/");
    document.prometheus->web.externalUrl = "https://prometheus.example.org/";
    CHECK(url(picture(document, "vps"), "prometheus") == "https://prometheus.example.org/");
    document.prometheus->web.externalUrl = "javascript:alert(1)";
    CHECK(url(picture(document, "vps"), "prometheus").empty());
}

TEST_CASE("the URL of a loopback port is shown only on its own host", "[controller][topology]") {
    auto document = stack();
    document.jaeger->exposure = "local";
    CHECK(url(picture(document, "vm"), "jaeger") == "http://127.0.0.1:16686/");
    CHECK(url(picture(document, "vps"), "jaeger").empty());
    document.jaeger->exposure = "public";
    CHECK(url(picture(document, "vps"), "jaeger") == "http://10.66.66.2:16686/");
}

TEST_CASE("the topology shows another host's readiness, revision and time of its answer",
          "[controller][topology]") {
    AskedHost asked;
    asked.status.host = "vm";
    asked.status.answered = true;
    asked.status.ready = "False";
    asked.status.message = "why";
    asked.status.lastAppliedRevision = "abc";
    asked.at = 5000;
    const auto out = picture(stack(), "vps", {asked});
    CHECK(out["hosts"][0]["controller"].is_null());
    const auto& vm = out["hosts"][1]["controller"];
    CHECK(vm["ready"] == "False");
    CHECK(vm["lastAppliedRevision"] == "abc");
    CHECK(vm["askedAt"] == "1970-01-01T00:00:05Z");
    asked.status = {};
    asked.status.host = "vm";
    asked.status.problem = "no answer";
    const auto silent = picture(stack(), "vps", {asked});
    CHECK(silent["hosts"][1]["controller"]["ready"] == "Unknown");
    CHECK(silent["hosts"][1]["controller"]["problem"] == "no answer");
}

}  // namespace vigie::controller
