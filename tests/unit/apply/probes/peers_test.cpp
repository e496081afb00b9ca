// Tests apply/peers.
#include "apply/probes/peers.hpp"

#include "base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::apply {
namespace {

constexpr auto kPatience = std::chrono::seconds(3);

struct Peer {
    tests::FakeHttp http;
    spec::Stack stack;

    Peer() {
        spec::Host host;
        host.name = "vm";
        host.vpnAddress = "10.66.66.2";
        stack.hosts.push_back(host);
        stack.wireguard.network = "10.66.66.0/24";
    }
    void says(int status, const std::string& body) {
        http.answer = [=](const auto& request) {
            CHECK(request.ofOtherHost);
            return system::HttpResponse{status, body};
        };
    }
    PeerStatus ask() { return askPeer(stack, stack.hosts.front(), kPatience, http); }
};

std::string statusOf(const std::string& healthy, const std::string& reason) {
    return R"({"host": "vm", "lastAppliedRevision": "abc", "conditions": [
        {"type": "Ready", "status": "True", "message": "at abc"},
        {"type": "Healthy", "status": ")" +
           healthy + R"(", "reason": ")" + reason + R"("}]})";
}

TEST_CASE("a peer is healthy only at the revision that it has applied", "[apply]") {
    Peer peer;
    peer.says(200, statusOf("True", "AllWell"));
    CHECK(peer.ask().healthyAt("abc"));
    CHECK_FALSE(peer.ask().healthyAt("def"));
    CHECK(peer.http.requests.front() == "GET http://10.66.66.2:9469/api/v1/status");
    CHECK(peer.ask().ready == "True");
}

TEST_CASE(
    "a peer of unknown health is not healthy; a peer with down targets or no observation does not block "
    "others",
    "[apply]") {
    Peer peer;
    peer.says(200, statusOf("Unknown", "SomethingElse"));
    CHECK_FALSE(peer.ask().healthyAt("abc"));
    peer.says(200, statusOf("Unknown", "NotObserved"));  // a hub, on which there is nothing but the tunnel
    CHECK(peer.ask().healthyAt("abc"));
    peer.says(200, statusOf("False", "NotRunning"));
    CHECK_FALSE(peer.ask().healthyAt("abc"));
    peer.says(200, statusOf("False", "TargetsDown"));
    CHECK(peer.ask().healthyAt("abc"));
}

TEST_CASE("a peer that does not answer, or answers for another host, is reported as such", "[apply]") {
    Peer peer;
    peer.http.answer = [](const auto&) -> system::HttpResponse { throw Error("no route"); };
    CHECK(peer.ask().problem == "no route");
    for (const std::string body : {"", "[]", "null", "{", R"({"host": "vps"})", R"({"host": 7})"}) {
        peer.says(200, body);
        CHECK_FALSE(peer.ask().answered);
        CHECK(peer.ask().problem.find("not the controller of vm") != std::string::npos);
    }
    peer.says(503, statusOf("True", "AllWell"));
    CHECK_FALSE(peer.ask().answered);
    peer.says(200, R"({"host": "vm", "conditions": [7, {"type": "Healthy"}, {"status": "True"}]})");
    CHECK_FALSE(peer.ask().healthyAt(""));
}

}  // namespace
}  // namespace vigie::apply
