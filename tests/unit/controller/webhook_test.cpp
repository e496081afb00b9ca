// Tests controller/webhook.

#include "controller/webhook.hpp"

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <sys/stat.h>

namespace vigie::controller {
namespace {

// Made with `printf '%s' "$BODY" | openssl dgst -sha256 -hmac "$SECRET"`.
const std::string kSecret = "correct-horse-battery";
const std::string kBody = R"({"ref":"refs/heads/main"})";
const std::string kMac = "b7c617a7095aff1fba04619fb18d3779a7a1205e7018657492c7300d937e3e6e";
const std::string kMacOfNothing = "d73bde2dba7d2f7a18adfe8d49d189a39fd7d428f52d9ddc41000491cedbd682";
constexpr std::int64_t kNow = 1700000000;
// Of `1700000000.BODY`.
const std::string kGenericMac = "aff2cba8d1ff9662e98def3cb5f15d81088595a9c8bc0aa14820bb4f0f2ed1e9";
// Of `msg_1.1700000000.BODY` with the key that the signing token encodes.
const std::string kSigningToken = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const std::string kGitlabMac = "yBPlVyRzjGtG9eBrdI/0C1ubVxd+0vVVkvbgwuU8O5k=";

HttpHeaders generic(const std::string& time = "1700000000", const std::string& mac = kGenericMac) {
    return {{"x-timestamp", time}, {"x-signature", "sha256=" + mac}};
}

HttpHeaders gitlab(const std::string& signature, const std::string& time = "1700000000") {
    return {{"webhook-id", "msg_1"}, {"webhook-timestamp", time}, {"webhook-signature", signature}};
}

TEST_CASE("HMAC-SHA256 equals the output of openssl", "[controller][webhook]") {
    CHECK(hexEncode(hmacSha256(kSecret, kBody)) == kMac);
    CHECK(hexEncode(hmacSha256(kSecret, "")) == kMacOfNothing);
    // A key longer than a block is hashed first.
    CHECK(hexEncode(hmacSha256(std::string(100, 'k'), kBody)) ==
          "42e9a917d8c93c55d094af6ca67cc1babc13838b853bfa0f1c5507fed0968c6e");
}

TEST_CASE("webhook signatures of GitHub, Gitea, Forgejo, Gogs and Bitbucket are verified",
          "[controller][webhook]") {
    const auto verify = [](HookProvider provider, const char* header, const std::string& value) {
        return verifyHook(provider, {{header, value}}, kBody, kSecret, kNow);
    };
    using P = HookProvider;
    using V = HookVerdict;
    CHECK(verify(P::github, "x-hub-signature-256", "sha256=" + kMac) == V::good);
    CHECK(verify(P::gitea, "x-gitea-signature", kMac) == V::good);
    CHECK(verify(P::gitea, "x-hub-signature-256", "sha256=" + kMac) == V::good);
    CHECK(verify(P::forgejo, "x-forgejo-signature", kMac) == V::good);
    CHECK(verify(P::forgejo, "x-gitea-signature", kMac) == V::good);
    CHECK(verify(P::gogs, "x-gogs-signature", kMac) == V::good);
    CHECK(verify(P::bitbucket, "x-hub-signature", "sha256=" + kMac) == V::good);
    // Only a header that this provider sends counts.
    CHECK(verify(P::github, "x-gitea-signature", kMac) == V::unsigned_);
    CHECK(verify(P::github, "x-hub-signature", "sha1=" + kMac.substr(0, 40)) == V::unsigned_);
    CHECK(verify(P::bitbucket, "x-hub-signature", "sha1=" + kMac.substr(0, 40)) == V::forged);
    CHECK(verify(P::bitbucket, "x-hub-signature-256", "sha256=" + kMac) == V::unsigned_);
    CHECK(verify(P::gogs, "x-gitea-signature", kMac) == V::unsigned_);
}

TEST_CASE("a webhook with a bad new signature and a good old one is refused", "[controller][webhook]") {
    const HttpHeaders headers = {{"x-forgejo-signature", kMacOfNothing}, {"x-gitea-signature", kMac}};
    CHECK(verifyHook(HookProvider::forgejo, headers, kBody, kSecret, kNow) == HookVerdict::forged);
}

TEST_CASE("a webhook with any changed byte of body, secret or signature is refused",
          "[controller][webhook]") {
    const auto verdict = [](const std::string& signature, const std::string& body,
                            const std::string& secret) {
        return verifyHook(HookProvider::github, {{"x-hub-signature-256", signature}}, body, secret, kNow);
    };
    const std::string good = "sha256=" + kMac;
    REQUIRE(verdict(good, kBody, kSecret) == HookVerdict::good);
    for (std::size_t i = 0; i < kBody.size(); ++i) {
        auto body = kBody;
        body[i] = static_cast<char>(body[i] ^ 1);
        REQUIRE(verdict(good, body, kSecret) == HookVerdict::forged);
    }
    for (std::size_t i = 7; i < good.size(); ++i) {
        auto signature = good;
        signature[i] = signature[i] == '0' ? '1' : '0';
        REQUIRE(verdict(signature, kBody, kSecret) == HookVerdict::forged);
        REQUIRE(verdict(good.substr(0, i), kBody, kSecret) == HookVerdict::forged);
    }
    CHECK(verdict(good, kBody, kSecret + "x") == HookVerdict::forged);
    for (const auto& odd : {std::string(), std::string("sha256="), good + "00", good + ", " + good,
                            "sha256=" + std::string(64, 'g'), "sha256=" + kMac.substr(1) + '\0'}) {
        INFO(odd);
        CHECK(verdict(odd, kBody, kSecret) == HookVerdict::forged);
    }
}

TEST_CASE("GitLab's secret token is compared, its signing token is verified", "[controller][webhook]") {
    using V = HookVerdict;
    const auto token = [](const std::string& value, const std::string& secret) {
        return verifyHook(HookProvider::gitlab, {{"x-gitlab-token", value}}, kBody, secret, kNow);
    };
    CHECK(token(kSecret, kSecret) == V::good);
    CHECK(token(kSecret + "x", kSecret) == V::forged);
    CHECK(token("", kSecret) == V::forged);
    // With a signing token nothing that everybody on the way has seen is good enough.
    CHECK(token(kSigningToken, kSigningToken) == V::unsigned_);

    const auto with = [](const HttpHeaders& headers, std::int64_t now = kNow) {
        return verifyHook(HookProvider::gitlab, headers, kBody, kSigningToken, now);
    };
    CHECK(with(gitlab("v1," + kGitlabMac)) == V::good);
    CHECK(with(gitlab("v1,AAAA v1," + kGitlabMac)) == V::good);
    CHECK(with(gitlab("v2," + kGitlabMac)) == V::forged);
    CHECK(with(gitlab("v1,")) == V::forged);
    CHECK(with(gitlab("v1," + kGitlabMac, "1700000001")) == V::forged);
    CHECK(with(gitlab("v1," + kGitlabMac), kNow + 301) == V::stale);
    CHECK(with({}) == V::unsigned_);
}

TEST_CASE("a generic webhook signs its time, which is accepted within five minutes",
          "[controller][webhook]") {
    using V = HookVerdict;
    const auto at = [](std::int64_t now, const HttpHeaders& headers = generic()) {
        return verifyHook(HookProvider::generic, headers, kBody, kSecret, now);
    };
    CHECK(at(kNow) == V::good);
    CHECK(at(kNow + 300) == V::good);
    CHECK(at(kNow - 300) == V::good);
    CHECK(at(kNow + 301) == V::stale);
    CHECK(at(kNow - 301) == V::stale);
    CHECK(at(kNow, generic("1700000001")) == V::forged);
    CHECK(at(kNow, generic("")) == V::forged);
    CHECK(at(kNow, generic("9223372036854775807")) == V::forged);
    CHECK(at(kNow, {{"x-signature", "sha256=" + kMac}}) == V::forged);
    CHECK(at(kNow, {{"x-timestamp", "1700000000"}}) == V::unsigned_);
}

TEST_CASE("a generic webhook with a malformed time is refused as stale, even if signed",
          "[controller][webhook]") {
    for (const auto* time : {"", "now", "-1", "1700000000.5", "99999999999999999999", " 1700000000"}) {
        INFO(time);
        const auto mac = hexEncode(hmacSha256(kSecret, std::string(time) + "." + kBody));
        CHECK(verifyHook(HookProvider::generic, generic(time, mac), kBody, kSecret, kNow) ==
              HookVerdict::stale);
    }
}

TEST_CASE("a repeated webhook delivery is recognised by its signed content, not by its id",
          "[controller][webhook]") {
    const auto mark = [](HookProvider provider, const char* id, const std::string& body) {
        return deliveryMark(provider, {{"x-github-delivery", id}}, body);
    };
    SeenDeliveries seen(2);
    CHECK(seen.remember(mark(HookProvider::github, "1", "a")));
    CHECK_FALSE(seen.remember(mark(HookProvider::gitea, "1", "a")));
    CHECK(seen.remember(mark(HookProvider::github, "1", "b")));
    // However often it is replayed, under whatever id, nothing is pushed out.
    for (int i = 0; i < 1000; ++i) {
        CHECK_FALSE(seen.remember(mark(HookProvider::github, std::to_string(i).c_str(), "b")));
    }
    CHECK_FALSE(seen.remember(mark(HookProvider::github, "2", "a")));
    // What is signed with its time differs with it.
    CHECK(deliveryMark(HookProvider::generic, generic("1"), "a") !=
          deliveryMark(HookProvider::generic, generic("2"), "a"));
}

TEST_CASE("the memory of webhook deliveries is bounded", "[controller][webhook]") {
    SeenDeliveries seen(10);
    for (int i = 0; i < 1000; ++i) {
        CHECK(seen.remember("content " + std::to_string(i)));
        CHECK(seen.size() <= 10);
    }
    CHECK_FALSE(seen.remember("content 999"));
    CHECK(seen.remember("content 0"));
}

class Endpoint {
public:
    Endpoint() {
        const auto file = directory.write("secret", kSecret + "\n");
        ::chmod(file.c_str(), 0600);
        addHooks(router,
                 {file, [this](std::string why) { wakes.push_back(std::move(why)); }, [] { return kNow; },
                  [this](std::string_view provider, std::string_view result) {
                      told.push_back(std::string(provider) + " " + std::string(result));
                  }});
    }
    int post(const std::string& path, HttpHeaders headers, const std::string& body = kBody) {
        HttpRequest request;
        request.method = "POST";
        request.path = path;
        request.headers = std::move(headers);
        request.body = body;
        int status = 0;
        router(request, [&](const HttpResponse& response) {
            status = response.status;
            answered = response.body.text();
            CHECK_FALSE(tests::contains(response.body.text(), kSecret));
            CHECK_FALSE(tests::contains(response.body.text(), kMac));
        });
        return status;
    }

    tests::TemporaryDirectory directory;
    Router router;
    std::vector<std::string> wakes;
    std::vector<std::string> told;
    std::string answered;
};

TEST_CASE("a valid webhook delivery triggers one reconcile, a repeated one none", "[controller][webhook]") {
    Endpoint endpoint;
    const HttpHeaders good = {{"x-hub-signature-256", "sha256=" + kMac}, {"x-github-delivery", "1"}};
    CHECK(endpoint.post("/hooks/github", good) == 202);
    CHECK(endpoint.wakes == std::vector<std::string>{"webhook of github"});
    CHECK(endpoint.post("/hooks/github", good) == 200);
    CHECK(endpoint.answered == "{\"result\":\"already processed\"}\n");
    CHECK(endpoint.post("/hooks/github/", good) == 200);
    CHECK(endpoint.post("/hooks/github", {}) == 403);
    CHECK(endpoint.post("/hooks/github", {{"x-hub-signature-256", "sha256=" + kMacOfNothing}}) == 403);
    CHECK(endpoint.post("/hooks/nobody", good) == 404);
    CHECK(endpoint.wakes.size() == 1);
    CHECK(endpoint.told == std::vector<std::string>{"github accepted", "github replayed", "github replayed",
                                                    "github refused", "github refused"});
    CHECK(endpoint.post("/hooks/generic", generic()) == 202);
    CHECK(endpoint.wakes.size() == 2);
}

TEST_CASE("a webhook ping is answered and triggers no reconcile", "[controller][webhook]") {
    Endpoint endpoint;
    CHECK(endpoint.post("/hooks/github",
                        {{"x-hub-signature-256", "sha256=" + kMac}, {"x-github-event", "ping"}}) == 200);
    CHECK(endpoint.post("/hooks/bitbucket",
                        {{"x-hub-signature", "sha256=" + kMacOfNothing}, {"x-event-key", "diagnostics:ping"}},
                        "") == 200);
    CHECK(endpoint.wakes.empty());
}

TEST_CASE("every git server's webhook path works with and without a trailing slash, and ids do not matter",
          "[controller][webhook]") {
    const std::vector<std::tuple<std::string, std::string, std::string>> servers = {
        {"github", "x-hub-signature-256", "x-github-delivery"},
        {"gitea", "x-gitea-signature", "x-gitea-delivery"},
        {"forgejo", "x-forgejo-signature", "x-forgejo-delivery"},
        {"gogs", "x-gogs-signature", "x-gogs-delivery"},
        {"bitbucket", "x-hub-signature", "x-request-uuid"},
        {"bitbucket", "x-hub-signature", "x-request-id"}};
    for (const auto& [server, signature, id] : servers) {
        INFO(server);
        Endpoint endpoint;
        const auto post = [&, &signature = signature, &id = id, &server = server](
                              const char* end, const std::string& body, const std::string& delivery) {
            return endpoint.post(
                "/hooks/" + server + end,
                {{signature, "sha256=" + hexEncode(hmacSha256(kSecret, body))}, {id, delivery}}, body);
        };
        CHECK(post("", "a", "1") == 202);
        CHECK(post("/", "b", "2") == 202);
        CHECK(post("", "c", "2") == 202);
        CHECK(post("", "b", "3") == 200);
        CHECK(endpoint.wakes.size() == 3);
    }
}

TEST_CASE("a forged webhook delivery does not mark its content as delivered", "[controller][webhook]") {
    Endpoint endpoint;
    CHECK(endpoint.post("/hooks/github",
                        {{"x-hub-signature-256", "sha256=00"}, {"x-github-delivery", "1"}}) == 403);
    CHECK(endpoint.post("/hooks/github",
                        {{"x-hub-signature-256", "sha256=" + kMac}, {"x-github-delivery", "1"}}) == 202);
}

}  // namespace
}  // namespace vigie::controller
