// Whether what runs on a host works.
#include "controller/health.hpp"

#include "base/error.hpp"
#include "system/memory_attach.hpp"
#include "system/memory_files.hpp"
#include "system/memory_names.hpp"
#include "system/memory_processes.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::controller {
namespace {

using system::HttpRequest;
using system::HttpResponse;

/// A host with an Alertmanager that counts.
struct Host {
    system::MemoryFiles files;
    system::MemoryProcesses processes;
    tests::FakeHttp http;
    tests::FakeClock clock;
    system::MemoryNames names;
    system::MemoryAttach attach;
    apply::DesiredState target;
    Health health;
    int requests = 0;
    int failed = 0;

    Host() {
        target.options.activation = plan::Activation::reload;
        render::Resource resource;
        resource.id = "reload:alertmanager";
        resource.what = render::Reload{
            {render::Reload::Program::alertmanager, "http://a:9093", "d", {}, "/alertmanager.yml"}};
        target.desired.push_back(resource);
        http.answer = [this](const HttpRequest& request) {
            if (tests::contains(request.url, "/metrics")) {
                const auto line = [](const char* name, int value) {
                    return std::string("alertmanager_notification_") + name + "{integration=\"email\"} " +
                           std::to_string(value) + "\n";
                };
                return HttpResponse{200,
                                    line("requests_total", requests) + line("requests_failed_total", failed)};
            }
            return HttpResponse{200,
                                R"({"config":{"original":"receivers:\n- name: vigie-render-info/d\n"}})"};
        };
    }
    std::string look() {
        HealthReport report;
        const system::System system{files, processes, http, http, clock, names, attach};
        health.observe(target, apply::observeAndPlan(target, {}, system), system, report);
        CHECK(report.known);
        return report.summary();
    }
};

TEST_CASE("a failed email notification is reported until one succeeds", "[controller][health]") {
    Host host;
    CHECK(host.look().empty());
    host.requests = host.failed = 2;
    CHECK(tests::contains(host.look(), "cannot notify by email"));
    CHECK(tests::contains(host.look(), "cannot notify by email"));
    host.requests = 3;
    CHECK(host.look().empty());
}

TEST_CASE("notification counters that restart are no success", "[controller][health]") {
    Host host;
    host.requests = host.failed = 9;
    CHECK_FALSE(host.look().empty());
    host.requests = host.failed = 1;
    CHECK_FALSE(host.look().empty());
    host.requests = host.failed = 0;
    CHECK_FALSE(host.look().empty());
    host.requests = 1;
    CHECK(host.look().empty());
}

TEST_CASE("a program that does not answer gets no further health requests", "[controller][health]") {
    Host host;
    host.http.answer = [](const HttpRequest&) -> HttpResponse { throw Error("connection refused"); };
    CHECK(tests::contains(host.look(), "reload:alertmanager does not answer"));
    CHECK(host.http.requests.size() == 1);
}

/// What is said of a tunnel to the vps, whose endpoint is `endpoint`.
HealthReport tunnelReport(const std::string& endpoint, const plan::ObservedWireguard& is,
                          const std::vector<render::WireguardPeer>& others = {}, bool alone = false) {
    render::WireguardInterface wireguard;
    wireguard.interface = "wg0";
    wireguard.publicKey = "own";
    wireguard.peers = {{"vps", "vps-key", "", endpoint, {"10.66.66.1/32"}, 25}};
    if (alone) {
        wireguard.peers.clear();
    }
    wireguard.peers.insert(wireguard.peers.end(), others.begin(), others.end());
    apply::DesiredState target;
    target.options.activation = plan::Activation::all;
    target.desired.push_back({"wireguard:wg0", wireguard, {}, "the tunnel"});
    apply::ObservedPlan look;
    look.observed.wireguard["wireguard:wg0"] = is;
    system::MemoryFiles files;
    system::MemoryProcesses processes;
    system::MemoryNames names;
    system::MemoryAttach attach;
    tests::FakeHttp http;
    tests::FakeClock clock;
    HealthReport report;
    Health().observe(target, look, {files, processes, http, http, clock, names, attach}, report);
    return report;
}

TEST_CASE("a peer seen at another address than its endpoint is reported as roaming", "[controller][health]") {
    plan::ObservedWireguard is;
    is.up = true;
    is.peers = {{"vps-key", "198.51.100.7:51820", {"10.66.66.1/32"}, 25, 1000, 10}};
    CHECK(tunnelReport("198.51.100.7:51820", is).roamingPeers.empty());
    CHECK(tunnelReport("", is).roamingPeers.empty());
    CHECK(tunnelReport("vps.example.org:51820", is).roamingPeers.empty());  // nobody knows
    is.names["vps.example.org"].addresses = {"198.51.100.7"};
    CHECK(tunnelReport("vps.example.org:51820", is).roamingPeers.empty());
    is.names["vps.example.org"].addresses = {"198.51.100.8"};
    for (const char* endpoint : {"vps.example.org:51820", "198.51.100.99:51820"}) {
        const auto report = tunnelReport(endpoint, is);
        CHECK(report.stalePeers.empty());
        CHECK(tests::contains(
            report.roamingPeers,
            "vps is heard of at 198.51.100.7:51820, and not at its endpoint " + std::string(endpoint)));
    }
}

TEST_CASE("a stale peer whose endpoint name does not resolve is reported with that reason",
          "[controller][health]") {
    plan::ObservedWireguard is;
    is.names["vps.example.org"].problem = "the resolver did not answer";
    CHECK(tunnelReport("vps.example.org:51820", is).stalePeers ==
          "vps (its endpoint vps.example.org has no address: the resolver did not answer)");
    CHECK(tunnelReport("198.51.100.7:51820", is).stalePeers == "vps");
    is.keyFiles = {{"/etc/wireguard/wg0.key", "other"}};
    CHECK_FALSE(tunnelReport("198.51.100.7:51820", is).keyFile.empty());
}

TEST_CASE("a guest's silence means nothing", "[controller][health]") {
    const std::vector<render::WireguardPeer> guest = {
        {"phone", "phone-key", "", "", {"10.66.66.9/32"}, 0, {}, true}};
    plan::ObservedWireguard is;
    is.up = true;
    is.peers = {{"vps-key", "198.51.100.7:51820", {"10.66.66.1/32"}, 25, 1000, 10},
                {"phone-key", "", {"10.66.66.9/32"}, 0, 0, 0}};
    auto report = tunnelReport("198.51.100.7:51820", is, guest);
    CHECK(report.stalePeers.empty());
    CHECK_FALSE(report.guestsOnly);
    is.peers[0].handshake = 0;
    CHECK(tunnelReport("198.51.100.7:51820", is, guest).stalePeers == "vps");
    report = tunnelReport("", is, guest, true);
    CHECK(report.tunnelKnown);
    CHECK(report.guestsOnly);
    CHECK(report.stalePeers.empty());
    is.up = false;
    CHECK_FALSE(tunnelReport("", is, guest, true).tunnelKnown);
}

TEST_CASE("a program that fails repeatedly stays unhealthy between failures", "[controller][health]") {
    Host host;
    const auto answers = host.http.answer;
    const auto dies = [](const HttpRequest&) -> HttpResponse { throw Error("connection refused"); };
    host.http.answer = dies;
    CHECK_FALSE(host.look().empty());
    host.clock.milliseconds += 1'000;
    host.http.answer = answers;
    CHECK(host.look().empty());  // once is a restart
    CHECK_FALSE(host.health.untilBelieved(host.clock.milliseconds));
    host.clock.milliseconds += 1'000;
    host.http.answer = dies;
    CHECK_FALSE(host.look().empty());
    host.clock.milliseconds += 1'000;
    host.http.answer = answers;
    CHECK(tests::contains(host.look(), "fell more than once within a minute"));
    CHECK(host.health.untilBelieved(host.clock.monotonic()) == 9'000);
    host.clock.milliseconds += 9'000;
    CHECK(host.look().empty());
    // What was a minute ago counts no more.
    host.clock.milliseconds += 60'000;
    CHECK(host.look().empty());
    host.http.answer = dies;
    CHECK_FALSE(host.look().empty());
    host.clock.milliseconds += 1'000;
    host.http.answer = answers;
    CHECK(host.look().empty());
}

TEST_CASE("an exporter that runs but cannot reach its service is reported by its own metric",
          "[controller][health]") {
    Host host;
    host.target.desired[0].id = "reload:prometheus";
    host.target.desired[0].what =
        render::Reload{{render::Reload::Program::prometheus, "http://p:9090", "d", {}, "/prometheus.yml"}};
    std::string result;
    host.http.answer = [&](const HttpRequest& request) {
        const bool unwell = tests::contains(request.url, "pgbouncer_up");
        return HttpResponse{200,
                            R"({"status":"success","data":{"result":[)" + (unwell ? result : "") + "]}}"};
    };
    CHECK_FALSE(tests::contains(host.look(), "cannot reach"));
    result =
        R"({"metric":{"__name__":"pgbouncer_up","job":"pgbouncer","instance":"10.66.66.1:9127"},"value":[1,"0"]})";
    CHECK(tests::contains(
        host.look(),
        "pgbouncer at 10.66.66.1:9127 runs, and cannot reach what it observes: `pgbouncer_up` is 0"));
}

TEST_CASE("a rule that cannot be evaluated is reported", "[controller][health]") {
    Host host;
    host.target.desired[0].id = "reload:prometheus";
    host.target.desired[0].what =
        render::Reload{{render::Reload::Program::prometheus, "http://p:9090", "d", {}, "/prometheus.yml"}};
    host.http.answer = [&](const HttpRequest& request) {
        return HttpResponse{200, tests::contains(request.url, "/api/v1/rules")
                                     ? R"({"data":{"groups":[{"name":"g","rules":[
                                           {"name":"Down","health":"err","lastError":"many-to-many matching"},
                                           {"name":"Fine","health":"ok"}]}]}})"
                                     : R"({"data":{"result":[]}})"};
    };
    CHECK(
        tests::contains(host.look(), "rule `Down` of group `g` cannot be evaluated: many-to-many matching"));
}

}  // namespace
}  // namespace vigie::controller
