// Tests cli/compose_facts: The facts of a compose service.

#include "cli/compose_facts.hpp"

#include "facts/model.hpp"
#include "system/memory_files.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::cli {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

ordered_json ofService(const char* text) {
    return serviceFacts(json::parse(text), system::MemoryFiles{});
}

TEST_CASE("a service's facts hold names of variables and none of their values", "[facts]") {
    const auto canary = "canary-7f31";
    const auto written =
        GENERATE(as<const char*>{}, R"({"environment": {"TOKEN": "canary-7f31", "B": null}})",
                 R"({"environment": ["TOKEN=canary-7f31", "B"]})");
    const auto out = ofService(written);
    CHECK(out["environment"].size() == 2);
    CHECK(std::count(out["environment"].begin(), out["environment"].end(), "TOKEN") == 1);
    CHECK_FALSE(tests::contains(out.dump(), canary));
    const auto more =
        ofService(R"({"image": "a:1", "command": ["--password=canary-7f31"], "labels": {"a": "canary-7f31"},
        "build": {"args": {"K": "canary-7f31"}}, "healthcheck": {"test": ["CMD", "canary-7f31"]}})");
    CHECK_FALSE(tests::contains(more.dump(), canary));
    CHECK(more["build"] == true);
    CHECK(more["healthcheck"] == true);
}

TEST_CASE("ports yield the same facts in every form that Compose prints", "[facts]") {
    const auto wanted =
        json::parse(R"([{"target": 80, "protocol": "udp", "host_ip": "10.0.0.1", "published": "8080"},
        {"target": 5, "protocol": "tcp"}])");
    for (
        const char* written :
        {R"({"ports": ["10.0.0.1:8080:80/udp", "5"]})", R"({"ports": ["10.0.0.1:8080:80/udp", 5]})",
         R"({"ports": [{"target": 80, "protocol": "udp", "host_ip": "10.0.0.1", "published": "8080", "mode": "ingress"},
                        {"target": 5, "protocol": "tcp", "published": ""}]})",
         R"({"ports": [{"target": 80, "protocol": "udp", "host_ip": "10.0.0.1", "published": 8080},
                        {"target": 5, "protocol": "tcp"}]})"}) {
        CAPTURE(written);
        CHECK(json(ofService(written)["ports"]) == wanted);
    }
    CHECK(ofService(R"({"ports": ["6000-6002:6000-6002"]})")["ports"].size() == 3);
    CHECK(json(ofService(R"({"ports": ["${P:-9}:90"]})")["ports"]) ==
          json::parse(R"([{"expression": "${P:-9}:90"}])"));
}

TEST_CASE("facts of a mount say whether its source is a file or directory, its owner and its mode",
          "[facts]") {
    system::MemoryFiles files;
    files.makeDirectory("/data", 0755, Owner{1000, 1000});
    files.write("/data/a.conf", "x", 0644, Owner{0, 0});
    const auto out = serviceFacts(json::parse(R"({"volumes": [
        {"type": "bind", "source": "/data", "target": "/d"},
        {"type": "bind", "source": "/data/a.conf", "target": "/a", "read_only": true},
        {"type": "bind", "source": "/gone", "target": "/g"}, {"type": "volume", "source": "v", "target": "/v"}]})"),
                                  files)["volumes"];
    CHECK(out[0]["kind"] == "directory");
    CHECK(out[0]["owner"] == 1000);
    CHECK(out[0]["writable"] == false);
    CHECK(out[1]["kind"] == "file");
    CHECK(out[1]["read_only"] == true);
    CHECK_FALSE(out[2].contains("kind"));
    CHECK_FALSE(out[3].contains("kind"));
}

TEST_CASE("facts list the networks of interfaces, without those of the tunnel and the engine", "[facts]") {
    const auto out = interfaceFacts(json::parse(R"([
        {"ifname": "lo", "addr_info": [{"local": "127.0.0.1", "prefixlen": 8, "scope": "host"}]},
        {"ifname": "eth0", "addr_info": [{"local": "192.168.1.43", "prefixlen": 24, "scope": "global"},
                                         {"local": "192.168.1.44", "prefixlen": 24, "scope": "global"},
                                         {"local": "fe80::1", "prefixlen": 64, "scope": "link"},
                                         {"local": "2001:db8::7", "prefixlen": 60, "scope": "global"}]},
        {"ifname": "wg0", "addr_info": [{"local": "10.66.66.2", "prefixlen": 30, "scope": "global"}]},
        {"ifname": "br-1", "addr_info": [{"local": "172.18.0.1", "prefixlen": 16, "scope": "global"}]}, {}])"),
                                    "wg0");
    CHECK(json(out) ==
          json::parse(R"([{"name": "eth0", "network": "192.168.1.0/24", "address": "192.168.1.43"},
                                       {"name": "eth0", "network": "192.168.1.0/24", "address": "192.168.1.44"},
                                       {"name": "eth0", "network": "2001:db8::/60", "address": "2001:db8::7"}])"));
    CHECK(interfaceFacts(nullptr, "wg0").empty());
    CHECK(json(dockerNetworkFacts(json::parse(R"([{"Name": "host", "IPAM": {"Config": null}},
        {"Name": "bridge", "IPAM": {"Config": [{"Subnet": "172.17.0.0/16"}]}}])"))) ==
          json::parse(R"([{"name": "bridge", "subnets": ["172.17.0.0/16"]}])"));
}

/// tests/unit/cli/compose_config.json is what Compose 2.26 prints for
/// tests/lab/moments/docker-compose.prod.yml.
TEST_CASE("the example's facts match the runbook's compose file", "[facts]") {
    system::MemoryFiles files;
    files.makeDirectory("/opt", 0755, {});
    files.makeDirectory("/opt/moments", 0755, {});
    files.makeDirectory("/opt/moments/pgbouncer", 0755, Owner{0, 0});
    const auto committed = json::parse(tests::readSource("examples/moments/facts/vps.json"));
    const auto model = json::parse(tests::readSource("tests/unit/cli/compose_config.json"));
    const auto& project = committed["projects"][0];
    CHECK(project["services"].size() == model["services"].size());
    for (const auto& [name, service] : model["services"].items()) {
        CAPTURE(name);
        CHECK(project["services"][name] == json(serviceFacts(service, files)));
    }
    CHECK(project["digests"]["/opt/moments/docker-compose.prod.yml"] ==
          facts::composeFileDigest(tests::readSource("tests/lab/moments/docker-compose.prod.yml")));
}

}  // namespace
}  // namespace vigie::cli
