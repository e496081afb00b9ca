// `vigie new`: whatever is asked for, the document has no mistake; what no document can say is refused in
// words.

#include "cli/new_document.hpp"

#include "base/error.hpp"
#include "lint/lint.hpp"
#include "source/directory.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <fstream>

namespace vigie::cli {
namespace {

NewStack stackOf(const std::vector<std::string>& hosts) {
    NewStack out;
    out.name = "watch";
    out.network = "10.66.66.0/24";
    for (const auto& host : hosts) {
        out.hosts.push_back(parseNewHost(host));
    }
    return out;
}

/// Errors and warnings of the document that is made of `stack`.
std::string mistakes(const NewStack& stack) {
    const tests::TemporaryDirectory place;
    std::ofstream(place.path + "/stack.yaml") << newDocument(stack);
    const auto loaded = source::loadDirectory(place.path);
    std::string out;
    for (const auto& each : loaded.diagnostics.all()) {
        out += each.severity == spec::Severity::info ? "" : each.code + " " + each.message + "\n";
    }
    return loaded.usable() || !out.empty() ? out : "not usable";
}

std::string refusal(const NewStack& stack) {
    try {
        (void)complete(stack);
    } catch (const Error& error) {
        CHECK_FALSE(error.hint().empty());
        return error.what();
    }
    return {};
}

TEST_CASE("every combination of options yields a new document without mistakes", "[cli][new]") {
    const std::vector<std::vector<std::string>> hosts = {
        {"shop"},
        {"true"},
        {"vps@203.0.113.10", "vm"},
        {"vps@vps.example.org", "vm=10.66.66.9"},
        {"a@192.0.2.1", "b@192.0.2.2", "c@192.0.2.3"},
        {"hub@192.0.2.1", "A", "a", "a.b", "a-b", std::string(63, 'x')},
    };
    const std::vector<std::vector<std::string>> exporters = {{}, {"node"}, {"node", "cadvisor"}};
    for (const auto& names : hosts) {
        for (const auto& types : exporters) {
            for (const bool more : {false, true}) {
                auto stack = stackOf(names);
                stack.exporters = types;
                stack.grafana = more;
                stack.mail = more ? "ops+alerts@example.org" : "";
                stack.smarthost = more ? "smtp.example.org:587" : "";
                CAPTURE(names, types, more);
                CHECK(mistakes(complete(stack)).empty());
            }
        }
    }
}

TEST_CASE("hosts that something joins already need no public address, and no tunnel", "[cli][new]") {
    auto stack = stackOf({"nas=192.168.1.10", "pc=192.168.1.20"});
    stack.exporters = {"node"};
    stack.over = "tailscale0";
    CHECK(mistakes(complete(stack)).empty());
    CHECK(newDocument(complete(stack)).find("network: { interface: \"tailscale0\" }") != std::string::npos);
    CHECK(newDocument(complete(stack)).find("wireguard") == std::string::npos);
    stack.over = "192.168.1.0/24";
    CHECK(mistakes(complete(stack)).starts_with("VG0332 "));
    CHECK(mistakes(complete(stack)).find('\n') + 1 == mistakes(complete(stack)).size());
    stack.over = "192.168.2.0/24";
    CHECK(refusal(stack) == "--host nas=192.168.1.10 is not in 192.168.2.0/24");
    stack.over = "no name!";
    CHECK(refusal(stack).starts_with("--over no name!: "));
    stack = stackOf({"nas", "pc=192.168.1.20"});
    stack.over = "eth0";
    CHECK(refusal(stack) == "--host nas has no address in the network of --over");
    stack = stackOf({"nas=192.168.1.20", "pc=192.168.1.20"});
    stack.over = "eth0";
    CHECK(refusal(stack) == "two hosts have the address 192.168.1.20");
}

TEST_CASE("by default Prometheus runs on a host behind NAT, unless an option names another", "[cli][new]") {
    CHECK(complete(stackOf({"vps@192.0.2.1", "vm", "nas"})).prometheus == "vm");
    CHECK(complete(stackOf({"a@192.0.2.1", "b@192.0.2.2"})).prometheus == "b");
    auto stack = stackOf({"vps@192.0.2.1", "vm"});
    stack.prometheus = "vps";
    CHECK(mistakes(complete(stack)).empty());
    stack.prometheus = "vsp";
    CHECK(refusal(stack) == "--prometheus vsp is not one of the hosts");
}

TEST_CASE("hosts of a new document get free addresses in their order", "[cli][new]") {
    const auto stack = complete(stackOf({"a@192.0.2.1", "b=10.66.66.1", "c", "d=10.66.66.3", "e"}));
    std::vector<std::string> out;
    for (const auto& host : stack.hosts) {
        out.push_back(host.address);
    }
    CHECK(out ==
          std::vector<std::string>{"10.66.66.2", "10.66.66.1", "10.66.66.4", "10.66.66.3", "10.66.66.5"});
    auto small = stackOf({"a@192.0.2.1", "b", "c"});
    small.network = "10.0.0.0/30";
    CHECK(refusal(small) == "10.0.0.0/30 has no free address for host `c`");
    auto six = stackOf({"a@192.0.2.1", "b"});
    six.network = "fd66::/64";
    six = complete(six);
    CHECK(six.hosts[1].address == "fd66::2");
    CHECK(mistakes(six).empty());
}

TEST_CASE("options that no document could express are refused by name", "[cli][new]") {
    CHECK(refusal(stackOf({})) == "the number of hosts must be from 1 to 200");
    CHECK(refusal(stackOf({"a", "b"})) ==
          "no host has a public address, so the hosts cannot connect to each other");
    CHECK(refusal(stackOf({"a@192.0.2.1", "a"})) == "two hosts have the name `a`");
    CHECK(refusal(stackOf({"a b"})).find("--host a b: ") == 0);
    CHECK(refusal(stackOf({"a@b@c"})).find("--host a@b@c: ") == 0);
    CHECK(refusal(stackOf({"a@192.0.2.1", "b=10.66.67.1"})) ==
          "--host b=10.66.67.1 is not an address for a host in 10.66.66.0/24");
    CHECK(refusal(stackOf({"a@192.0.2.1=10.66.66.7", "b=10.66.66.7"})) ==
          "two hosts have the address 10.66.66.7");
    CHECK(refusal(stackOf({"a@192.0.2.1=10.66.66.0", "b"})).find("--host a=10.66.66.0") == 0);
    auto stack = stackOf({"a"});
    stack.mail = "ops";
    CHECK(refusal(stack) == "--mail ops is not a mail address");
    stack.mail = "o\"ps@example.org";
    CHECK(refusal(stack).find("is not a mail address") != std::string::npos);
    stack.mail = "ops@example.org";
    CHECK(refusal(stack) == "--mail is given without --smarthost");
    stack.smarthost = "smtp";
    CHECK(refusal(stack).find("--smarthost smtp: ") == 0);
    stack.mail = "";
    CHECK(refusal(stack) == "--smarthost is given without --mail");
    auto network = stackOf({"a@192.0.2.1", "b"});
    network.network = "10.66.66.1/24";
    CHECK(refusal(network) == "--network 10.66.66.1/24 is not a network");
}

TEST_CASE("a new document marks with TODO where its author continues", "[cli][new]") {
    const auto text = newDocument(complete(stackOf({"vps@192.0.2.1", "vm"})));
    for (const auto* words :
         {"# TODO: `sudo vigie keys init`", "publicKey: \"REPLACE/with/the/key/of/vigie/keys/init/",
          "# TODO: alerts are not sent anywhere yet", "# TODO: add more rules"}) {
        CHECK(text.find(words) != std::string::npos);
    }
}

}  // namespace
}  // namespace vigie::cli
