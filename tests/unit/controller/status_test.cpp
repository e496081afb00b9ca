// The conditions of a host, and its status in JSON.
#include "controller/status.hpp"

#include "apply/refused.hpp"
#include "controller/reconcile/failure.hpp"
#include "tests/property/holds.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <nlohmann/json.hpp>

namespace vigie::controller {
namespace {

constexpr std::array kResults = {
    Result::converged, Result::pending,         Result::unapproved,  Result::sourceFailed, Result::failed,
    Result::waiting,   Result::invalidDocument, Result::quarantined, Result::suspended,    Result::untrusted,
    Result::blocked,   Result::blockedTooLong,  Result::refused,     Result::starting};

Findings outcome(Result result) {
    return {.outcome = {.result = result, .message = "message"}};
}

/// A condition in the texts that others read.
struct Shown {
    std::string type;
    std::string status;
    std::string reason;
    std::string message;
    std::int64_t lastTransition = 0;
};

Shown shown(const Condition& condition) {
    return {toText(condition.type), toText(condition.status), toText(condition.reason), condition.message,
            condition.lastTransition};
}

Shown find(const std::vector<Condition>& conditions, const std::string& type) {
    for (const auto& condition : conditions) {
        if (toText(condition.type) == type) {
            return shown(condition);
        }
    }
    throw std::runtime_error(type);
}

std::string status(const std::vector<Condition>& conditions, const std::string& type) {
    return find(conditions, type).status;
}

TEST_CASE("conditions never contradict each other", "[controller]") {
    for (const auto result : kResults) {
        const auto conditions = conditionsFor(outcome(result), {}, 1);
        INFO(static_cast<int>(result));
        CHECK_FALSE((status(conditions, "Reconciling") == "True" && status(conditions, "Stalled") == "True"));
        CHECK((status(conditions, "Stalled") != "True" || status(conditions, "Ready") == "False"));
        CHECK((status(conditions, "Ready") != "True" || status(conditions, "Reconciling") == "False"));
        CHECK((status(conditions, "Ready") == "True") == (result == Result::converged));
        CHECK((status(conditions, "Ready") == "Unknown") ==
              (result == Result::suspended || result == Result::starting));
    }
}

TEST_CASE("a refused apply is Stalled; a failed apply is Reconciling", "[controller]") {
    const auto refused = conditionsFor(outcome(Result::refused), {}, 1);
    CHECK(status(refused, "Stalled") == "True");
    CHECK(status(refused, "Reconciling") == "False");
    CHECK(find(refused, "Ready").reason == "ApplyFailed");
    const auto failed = conditionsFor(outcome(Result::failed), {}, 1);
    CHECK(status(failed, "Stalled") == "False");
    CHECK(status(failed, "Reconciling") == "True");
}

TEST_CASE("a network that is not there is a reason of its own", "[controller]") {
    const apply::NetworkMissing missing("the network `shop_default` is not there");
    CHECK(dispositionOf(missing) == Disposition::stalled);
    auto findings = outcome(Result::refused);
    findings.outcome.reason = reasonOf(missing);
    const auto conditions = conditionsFor(findings, {}, 1);
    CHECK(find(conditions, "Ready").reason == "NetworkMissing");
    CHECK(find(conditions, "Stalled").reason == "NetworkMissing");
    CHECK_FALSE(reasonOf(apply::Refused("something else")).has_value());
}

TEST_CASE("every condition of the CRD occurs once, with a reason of one word", "[controller]") {
    for (const auto result : kResults) {
        const auto conditions = conditionsFor(outcome(result), {}, 1);
        CHECK(conditions.size() == 6);
        for (const char* type :
             {"Ready", "Reconciling", "Stalled", "SourceVerified", "Healthy", "TunnelReady"}) {
            const auto condition = find(conditions, type);
            CHECK(
                (condition.status == "True" || condition.status == "False" || condition.status == "Unknown"));
            CHECK_FALSE(condition.reason.empty());
            CHECK(condition.reason.find(' ') == std::string::npos);
        }
    }
}

TEST_CASE("only results that do not pass by themselves are Stalled", "[controller]") {
    for (const auto result : kResults) {
        CHECK((status(conditionsFor(outcome(result), {}, 1), "Stalled") == "True") ==
              (result == Result::invalidDocument || result == Result::quarantined ||
               result == Result::untrusted || result == Result::refused || result == Result::blockedTooLong));
    }
}

/// Any outcome.
Findings anyOutcome() {
    Findings out = outcome(*rc::gen::elementOf(kResults));
    out.health.known = *rc::gen::arbitrary<bool>();
    out.health.tunnelKnown = *rc::gen::arbitrary<bool>();
    if (*rc::gen::arbitrary<bool>()) {
        out.health.problems.push_back({Reason::targetsDown, "a target is down"});
    }
    out.health.stalePeers = *rc::gen::arbitrary<bool>() ? "vps" : "";
    return out;
}

TEST_CASE("conditions stay consistent over any sequence of reconcile results", "[controller]") {
    tests::holds([] {
        std::vector<Condition> before;
        const int length = *rc::gen::inRange(1, 12);
        for (int now = 1; now <= length; ++now) {
            const auto one = anyOutcome();
            const auto after = conditionsFor(one, before, now, now / 2);
            RC_ASSERT(after.size() == 6U);
            RC_ASSERT(!(status(after, "Reconciling") == "True" && status(after, "Stalled") == "True"));
            RC_ASSERT(status(after, "Stalled") != "True" || status(after, "Ready") == "False");
            RC_ASSERT(status(after, "Ready") != "True" || one.outcome.result == Result::converged);
            RC_ASSERT(one.health.known || status(after, "Healthy") == "Unknown");
            RC_ASSERT(one.health.tunnelKnown || status(after, "TunnelReady") == "Unknown");
            RC_ASSERT(status(after, "Healthy") != "True" || one.health.problems.empty());
            RC_ASSERT(status(after, "TunnelReady") != "True" || one.health.stalePeers.empty());
            for (const auto& condition : after) {
                RC_ASSERT(condition.observedGeneration == now / 2);
                const bool same =
                    !before.empty() && status(before, toText(condition.type)) == toText(condition.status);
                RC_ASSERT(condition.lastTransition ==
                          (same ? find(before, toText(condition.type)).lastTransition : now));
            }
            before = after;
        }
    });
}

TEST_CASE("a condition keeps the time of its last transition as long as its status stays", "[controller]") {
    for (const auto from : kResults) {
        for (const auto to : kResults) {
            const auto before = conditionsFor(outcome(from), {}, 1);
            for (const auto& condition : conditionsFor(outcome(to), before, 2)) {
                CHECK(condition.lastTransition ==
                      (toText(condition.status) == status(before, toText(condition.type)) ? 1 : 2));
            }
        }
    }
}

TEST_CASE("a condition with a new message or reason and the same status keeps its transition time",
          "[controller]") {
    const auto before = conditionsFor(outcome(Result::sourceFailed), {}, 1);
    const auto after = conditionsFor(outcome(Result::failed), before, 2);
    CHECK(find(after, "Ready").reason != find(before, "Ready").reason);
    CHECK(find(after, "Ready").lastTransition == 1);
}

TEST_CASE("a condition that was not observed is Unknown", "[controller]") {
    Findings seen = outcome(Result::converged);
    CHECK(status(conditionsFor(seen, {}, 1), "Healthy") == "Unknown");
    CHECK(status(conditionsFor(seen, {}, 1), "SourceVerified") == "Unknown");
    CHECK(status(conditionsFor(seen, {}, 1), "TunnelReady") == "Unknown");
    seen.health.known = true;
    CHECK(status(conditionsFor(seen, {}, 1), "Healthy") == "True");
    seen.health.problems = {{Reason::notRunning, "prometheus does not answer"},
                            {Reason::targetsDown, "target a is down"}};
    CHECK(find(conditionsFor(seen, {}, 1), "Healthy").status == "False");
    CHECK(find(conditionsFor(seen, {}, 1), "Healthy").message ==
          "prometheus does not answer; target a is down");
    CHECK(find(conditionsFor(seen, {}, 1), "Healthy").reason == "NotRunning");
}

TEST_CASE("a tunnel that works with a replaced key file or unused endpoint is ready and says so",
          "[controller]") {
    Findings seen = outcome(Result::converged);
    seen.health.tunnelKnown = true;
    const auto tunnel = [&] { return find(conditionsFor(seen, {}, 1), "TunnelReady"); };
    CHECK(tunnel().reason == "Handshake");
    seen.health.keyFile = "wg0.key holds another key";
    CHECK(tunnel().reason == "KeyFileReplaced");
    seen.health.roamingPeers = "vps is heard of elsewhere";
    CHECK(tunnel().reason == "EndpointNotUsed");
    CHECK(tunnel().status == "True");
    CHECK(tunnel().message ==
          "every peer was heard of within three minutes; vps is heard of elsewhere; "
          "wg0.key holds another key");
    seen.health.stalePeers = "laptop";
    CHECK(tunnel().reason == "NoHandshake");
    CHECK(tunnel().status == "False");
    CHECK(tests::contains(tunnel().message, "not heard of within three minutes: laptop; vps is heard of"));
}

TEST_CASE("a tunnel with guests only is ready, and nobody is said to be heard of", "[controller]") {
    Findings seen = outcome(Result::converged);
    seen.health.tunnelKnown = true;
    seen.health.guestsOnly = true;
    const auto tunnel = find(conditionsFor(seen, {}, 1), "TunnelReady");
    CHECK(tunnel.status == "True");
    CHECK(tunnel.reason == "GuestsOnly");
    CHECK(tests::contains(tunnel.message, "guests"));
}

TEST_CASE("an untrusted revision gives the reason in conditions, a trusted one names its signer",
          "[controller]") {
    Findings seen = outcome(Result::untrusted);
    seen.trust = {ConditionStatus::no, Reason::notSigned, "revision 1 is not signed"};
    for (const char* type : {"Ready", "Stalled", "SourceVerified"}) {
        CHECK(find(conditionsFor(seen, {}, 1), type).reason == "NotSigned");
    }
    CHECK(status(conditionsFor(seen, {}, 1), "SourceVerified") == "False");
    seen = outcome(Result::sourceFailed);  // what was found before stays true of what is applied
    seen.trust = {ConditionStatus::yes, Reason::verified, "signed by alice"};
    CHECK(status(conditionsFor(seen, {}, 1), "SourceVerified") == "True");
    CHECK(find(conditionsFor(seen, {}, 1), "Ready").reason == "SourceFailed");
}

TEST_CASE("status JSON has timestamps in Kubernetes' format and valid text", "[controller]") {
    Status out;
    out.host = "vm";
    out.conditions = conditionsFor(outcome(Result::converged), {}, 1'700'000'000'999);
    out.inventory = {"file:/a"};
    out.history = {{0, "abc", state::AttemptResult::failed, "bad byte \xff"}};
    const auto json = nlohmann::json::parse(toJson(out));
    CHECK(json["conditions"][0]["lastTransitionTime"] == "2023-11-14T22:13:20Z");
    CHECK(json["history"][0]["time"] == "1970-01-01T00:00:00Z");
    CHECK(json["inventory"][0] == "file:/a");
}

TEST_CASE("during an apply a host is neither Ready nor Stalled, and its health conditions stay",
          "[controller]") {
    Status status;
    status.host = "vm";
    auto before = outcome(Result::invalidDocument);
    before.health.known = before.health.tunnelKnown = true;
    status.conditions = conditionsFor(before, {}, 1000);
    const Activity activity{"5a11d79a6e15aaaa", false, "reload reload:prometheus", 5000, 7000};
    const auto applying = whileApplying(status, activity, 7000);
    CHECK(find(applying.conditions, "Ready").status == "Unknown");
    CHECK(find(applying.conditions, "Ready").reason == "Applying");
    CHECK(find(applying.conditions, "Ready").message == "revision 5a11d79a6e15: reload reload:prometheus");
    CHECK(find(applying.conditions, "Reconciling").status == "True");
    CHECK(find(applying.conditions, "Reconciling").lastTransition == 7000);
    CHECK(find(applying.conditions, "Stalled").status == "False");
    CHECK(find(applying.conditions, "Healthy").reason == "AllWell");
    CHECK(find(applying.conditions, "Healthy").lastTransition == 1000);
    CHECK(find(applying.conditions, "TunnelReady").reason == "Handshake");
    const auto json = nlohmann::json::parse(toJson(applying));
    CHECK(json["applying"]["step"] == "reload reload:prometheus");
    CHECK(json["applying"]["since"] == "1970-01-01T00:00:05Z");
    // The next step is no other transition.
    const auto next = whileApplying(applying, {"5a11d79a6e15aaaa", false, "watch", 5000, 9000}, 9000);
    CHECK(find(next.conditions, "Reconciling").lastTransition == 7000);
    CHECK_FALSE(nlohmann::json::parse(toJson(status)).contains("applying"));
}

TEST_CASE("status of a waiting change shows its deadline if it has one", "[controller]") {
    Status status;
    status.mode = "auto";
    status.version = "1.2.3";
    CHECK_FALSE(nlohmann::json::parse(toJson(status)).contains("waiting"));
    status.waiting = Waiting{"5a11d79a6e15", 5000};
    const auto json = nlohmann::json::parse(toJson(status));
    CHECK(json["waiting"]["revision"] == "5a11d79a6e15");
    CHECK(json["waiting"]["deadline"] == "1970-01-01T00:00:05Z");
    CHECK(json["mode"] == "auto");
    CHECK(json["version"] == "1.2.3");
    status.waiting->deadline = 0;
    CHECK_FALSE(nlohmann::json::parse(toJson(status))["waiting"].contains("deadline"));
}

TEST_CASE("status shows subject, author and time of a revision once they are known", "[controller]") {
    Status status;
    CHECK_FALSE(nlohmann::json::parse(toJson(status)).contains("tip"));
    status.tip = RevisionNote{"5a11d79a6e15", "subject \xff", "Ann", 5000};
    const auto json = nlohmann::json::parse(toJson(status));
    CHECK(json["tip"]["subject"] == "subject \xef\xbf\xbd");
    CHECK(json["tip"]["author"] == "Ann");
    CHECK(json["tip"]["time"] == "1970-01-01T00:00:05Z");
    CHECK_FALSE(json.contains("applied"));
}

TEST_CASE("an apply before the first reconcile has all conditions, unknown where nothing was observed",
          "[controller]") {
    const auto applying = whileApplying({}, {"5a11", false, "pull", 1, 1}, 1);
    CHECK(applying.conditions.size() == 6);
    CHECK(find(applying.conditions, "Healthy").status == "Unknown");
    CHECK(find(applying.conditions, "SourceVerified").status == "Unknown");
}

}  // namespace
}  // namespace vigie::controller
