// Tests compose/read: how a compose file is read.

#include "compose/project.hpp"
#include "spec/read_yaml.hpp"
#include "tests/support/catch.hpp"

namespace vigie::compose {
namespace {

File read(const std::string& text, const Variables& variables = {}) {
    spec::Diagnostics diagnostics;
    const auto root = spec::readYaml(text, "compose.yaml", diagnostics);
    REQUIRE(diagnostics.empty());
    return readFile(*root, variables);
}

TEST_CASE("ports of a compose file are read in the short and the long form", "[import][compose]") {
    const auto out = read(R"(services:
  a:
    ports: ["8000:80", "127.0.0.1:53:53/udp", "9090", "[::1]:7000:70", "3000-3001:4000-4001",
            {target: 80, published: "8000", host_ip: 10.66.66.1, protocol: tcp}]
)");
    const auto& ports = out.services.at(0).ports;
    REQUIRE(ports.size() == 7);
    const auto is = [&](std::size_t i, const char* address, int outside, int inside, const char* protocol) {
        CAPTURE(i);
        CHECK(ports[i].address == address);
        CHECK(ports[i].hostPort == outside);
        CHECK(ports[i].containerPort == inside);
        CHECK(ports[i].protocol == protocol);
    };
    is(0, "", 8000, 80, "tcp");
    is(1, "127.0.0.1", 53, 53, "udp");
    is(2, "", 0, 9090, "tcp");
    is(3, "::1", 7000, 70, "tcp");
    is(4, "", 3000, 4000, "tcp");
    is(5, "", 3001, 4001, "tcp");
    is(6, "10.66.66.1", 8000, 80, "tcp");
}

TEST_CASE("volumes of a compose file are distinguished from bind mounts", "[import][compose]") {
    const auto out = read(R"(services:
  a:
    volumes: ["./p:/etc/p:ro", "data:/data", /anonymous, {type: bind, source: /x, target: /y, read_only: true},
              {type: volume, source: v, target: /z}]
)");
    const auto& mounts = out.services.at(0).mounts;
    REQUIRE(mounts.size() == 4);
    CHECK(
        (mounts[0].bind && mounts[0].readOnly && mounts[0].source == "./p" && mounts[0].target == "/etc/p"));
    CHECK((!mounts[1].bind && !mounts[1].readOnly && mounts[1].source == "data"));
    CHECK((mounts[2].bind && mounts[2].readOnly && mounts[2].source == "/x"));
    CHECK((!mounts[3].bind && mounts[3].source == "v"));
}

TEST_CASE("a compose file's environment is a map or a list, its command a text or a list",
          "[import][compose]") {
    const auto out = read(
        "services:\n  a: { environment: [A=1, B=x=y, C], command: 'run --x=\"a b\" c' }\n"
        "  b: { environment: { A: 1, B: x=y }, command: [run, '--x=a b', c] }\n");
    CHECK(out.services[0].environment == std::map<std::string, std::string>{{"A", "1"}, {"B", "x=y"}});
    CHECK(out.services[1].environment == out.services[0].environment);
    CHECK(out.services[1].command == std::vector<std::string>{"run", "--x=a b", "c"});
    CHECK(out.services[0].command == out.services[1].command);
}

TEST_CASE("JSON printed by `docker compose config` is read like a compose file", "[import][compose]") {
    const auto out =
        read(R"({"name": "moments", "services": {"a": {"command": ["x"], "ports": [{"mode": "ingress",
        "target": 9090, "published": "9090", "protocol": "tcp"}]}}})");
    CHECK(out.name == "moments");
    CHECK(out.services.at(0).ports.at(0).hostPort == 9090);
}

TEST_CASE("variables are substituted as compose does", "[import][compose]") {
    const Variables variables{{"A", "one"}, {"EMPTY", ""}};
    const auto is = [&](const char* text, const char* wanted) {
        CAPTURE(text);
        CHECK(interpolate(text, variables) == wanted);
    };
    is("$A-${A}", "one-one");
    is("$$A", "$A");
    is("${B}", "");
    is("${B:-x}${B-y}", "xy");
    is("${EMPTY:-x}${EMPTY-y}", "x");
    is("${B:-${A}}", "one");
    is("${A:+set}", "set");
    is("100$", "100$");
    is("${A", "one");
}

TEST_CASE("a compose file's extra hosts are a list with `:` or `=`, or a map", "[import][compose]") {
    const auto out = read(
        "services:\n  a: { extra_hosts: ['vm:100.64.0.2', 'six=[fd00::1]', 'v:fd00::2', 'g:host-gateway'] }\n"
        "  b: { extra_hosts: { vm: 100.64.0.2, six: 'fd00::1', v: 'fd00::2', g: host-gateway } }\n");
    CHECK(out.services[0].extraHosts ==
          std::map<std::string, std::string>{
              {"vm", "100.64.0.2"}, {"six", "fd00::1"}, {"v", "fd00::2"}, {"g", "host-gateway"}});
    CHECK(out.services[1].extraHosts == out.services[0].extraHosts);
}

TEST_CASE("quotes, comments and exports of an environment file are understood", "[import][compose]") {
    CHECK(readEnvFile("# c\nA=1\nexport B='x # y'\nC=\"q\" # c\nD=v # c\n\nE=a=b\nnonsense\n") ==
          Variables{{"A", "1"}, {"B", "x # y"}, {"C", "q"}, {"D", "v"}, {"E", "a=b"}});
}

TEST_CASE("a later compose file overrides and extends an earlier one", "[import][compose]") {
    auto out = read(
        "services: { a: { image: x, ports: ['1:1'], volumes: ['./a:/t'], environment: { A: 1, B: 1 }, "
        "extra_hosts: ['h:10.0.0.1', 'i:10.0.0.1'] } }");
    merge(out, read("name: n\nservices: { a: { ports: ['2:2'], volumes: ['./b:/t'], environment: { B: "
                    "2 } }, b: { image: y } }"));
    CHECK(out.name == "n");
    REQUIRE(out.services.size() == 2);
    CHECK(out.services[0].image == "x");
    CHECK(out.services[0].ports.size() == 2);
    REQUIRE(out.services[0].mounts.size() == 1);
    CHECK(out.services[0].mounts[0].source == "./b");
    merge(out, read("services: { a: { extra_hosts: ['h:10.0.0.2'] } }"));
    CHECK(out.services[0].extraHosts ==
          std::map<std::string, std::string>{{"h", "10.0.0.2"}, {"i", "10.0.0.1"}});
    CHECK(out.services[0].environment == std::map<std::string, std::string>{{"A", "1"}, {"B", "2"}});
}

TEST_CASE("a compose file with an unexpected structure yields no services or empty fields",
          "[import][compose]") {
    CHECK(read("[]").services.empty());
    CHECK(read("services: text").services.empty());
    CHECK(
        read("services: { a: ~, b: [1], c: { ports: x, volumes: { y: z }, command: ~ } }").services.size() ==
        3);
}

}  // namespace
}  // namespace vigie::compose
