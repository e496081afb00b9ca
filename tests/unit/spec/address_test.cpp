// Tests spec/address: IP addresses and networks.

#include "spec/address.hpp"

#include "spec/image_version.hpp"
#include "spec/ports.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::spec {
namespace {

TEST_CASE("an IP address is parsed and printed in canonical form", "[spec]") {
    for (const char* text :
         {"0.0.0.0", "10.66.66.1", "255.255.255.255", "::", "::1", "2001:db8::1", "fd00:1:2:3:4:5:6:7"}) {
        INFO(text);
        const auto address = parseIp(text);
        REQUIRE(address);
        CHECK(toText(*address) == text);
    }
    CHECK(toText(*parseIp("2001:DB8:0:0::1")) == "2001:db8::1");
    for (const char* text :
         {"", "1.2.3", "01.2.3.4", "1.2.3.4 ", "1.2.3.256", ":::", "1::2::3", "::1%eth0"}) {
        INFO(text);
        CHECK_FALSE(parseIp(text));
    }
    CHECK_FALSE(parseIp(std::string_view("10.0.0.1\0", 9)));
}

TEST_CASE("a network contains its first and last address and not their neighbours", "[spec]") {
    const auto network = *parseNetwork("10.66.66.0/30");
    CHECK(network.contains(*parseIp("10.66.66.0")));
    CHECK(network.contains(*parseIp("10.66.66.3")));
    CHECK_FALSE(network.contains(*parseIp("10.66.66.4")));
    CHECK_FALSE(network.contains(*parseIp("10.66.65.255")));
    CHECK_FALSE(network.contains(*parseIp("::")));
    CHECK(parseNetwork("0.0.0.0/0")->contains(*parseIp("8.8.8.8")));
    CHECK(parseNetwork("fd00::/127")->contains(*parseIp("fd00::1")));
    CHECK_FALSE(parseNetwork("fd00::/127")->contains(*parseIp("fd00::2")));
}

TEST_CASE("host bits are seen for every prefix length", "[spec]") {
    for (unsigned prefix = 0; prefix <= 32; ++prefix) {
        const auto all = parseNetwork("255.255.255.255/" + std::to_string(prefix));
        CHECK(all->hasHostBits() == (prefix < 32));
        CHECK_FALSE(parseNetwork("0.0.0.0/" + std::to_string(prefix))->hasHostBits());
    }
}

TEST_CASE("an IPv6 address with a port stands in brackets", "[spec]") {
    CHECK(hostPort("10.0.0.1", 80) == "10.0.0.1:80");
    CHECK(hostPort("::1", 80) == "[::1]:80");
    CHECK(hostPort("vps.example.org", 51820) == "vps.example.org:51820");
}

TEST_CASE("an image's version is read from its tag, not from the registry's port", "[spec]") {
    const auto version = [](const char* image) {
        const auto found = imageVersion(image);
        return found ? std::to_string(found->major) + "." + std::to_string(found->minor) : "none";
    };
    CHECK(version("prom/prometheus:v3.5.0") == "3.5");
    CHECK(version("prom/prometheus:2.45") == "2.45");
    CHECK(version("a:3") == "3.0");
    CHECK(version("registry:5000/prom/prometheus:v2.1.0") == "2.1");
    CHECK(version("registry:5000/prom/prometheus") == "none");
    CHECK(version("a:v2.1@sha256:00") == "2.1");
    CHECK(version("a@sha256:00") == "none");
    CHECK(version("a:latest") == "none");
    CHECK(version("a") == "none");
}

std::vector<int> numbers(const std::vector<Port>& ports) {
    std::vector<int> out;
    for (const auto& port : ports) {
        out.push_back(port.number);
    }
    return out;
}

TEST_CASE("published and tunnel ports of examples/moments follow from which components use each other",
          "[spec]") {
    const Stack stack = tests::moments();
    const Host& vps = *stack.host("vps");
    const Host& vm = *stack.host("vm");
    CHECK(numbers(portsReachedOverTunnel(stack, vps)) == std::vector<int>{8000, 9127});
    CHECK(numbers(portsReachedOverTunnel(stack, vm)) == std::vector<int>{kOtlpHttpPort});
    CHECK(numbers(portsPublished(stack, vps)) == std::vector<int>{9127});
    CHECK(numbers(portsPublished(stack, vm)) ==
          std::vector<int>{9090, 9093, 16686, kOtlpGrpcPort, kOtlpHttpPort});
}

TEST_CASE("a stack on one host needs no ports over the tunnel", "[spec]") {
    Stack stack = tests::moments();
    for (auto& project : stack.projects) {
        project.host = "vm";
    }
    for (const auto& host : stack.hosts) {
        CHECK(portsReachedOverTunnel(stack, host).empty());
    }
}

TEST_CASE("an Alertmanager on another host than Prometheus is reached over the tunnel", "[spec]") {
    Stack stack = tests::moments();
    stack.projects.push_back({"alerts", "vps", "/opt/alerts", {}, "", ""});
    stack.alertmanager->project = "alerts";
    CHECK(numbers(portsReachedOverTunnel(stack, stack.hosts[0])) == std::vector<int>{8000, 9127, 9093});
}

}  // namespace
}  // namespace vigie::spec
