// What `vigie status` says.
#include "cli/status_text.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>

namespace vigie::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::int64_t kNow = 1'800'000'000'000;  // 2027-01-15T08:00:00Z
constexpr std::int64_t kHour = 3'600'000;

ordered_json condition(const char* type, const char* status, const char* reason, const std::string& message) {
    return {{"type", type}, {"status", status}, {"reason", reason}, {"message", message}};
}

ordered_json told(const char* ready, const char* reconciling, const char* stalled, const char* reason,
                  const std::string& message) {
    return {
        {"host", "vm"},
        {"stack", "moments"},
        {"lastAttemptedRevision", "5a11d79a6e15aaaaaaaa"},
        {"lastAppliedRevision", "cda67343036bbbbbbbbb"},
        {"conditions",
         {condition("Ready", ready, reason, message), condition("Reconciling", reconciling, reason, message),
          condition("Stalled", stalled, reason, message),
          condition("Healthy", "True", "AllWell", "all well")}},
        {"page", "http://127.0.0.1:9469/"},
        {"startedAt", "2027-01-15T07:00:00Z"},
        {"observedAt", "2027-01-15T07:59:58Z"}};
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t out = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++out;
    }
    return out;
}

TEST_CASE("status shows a message once, with all its lines", "[cli][status]") {
    const auto status =
        told("False", "False", "True", "InvalidDocument",
             "the document has mistakes:\nstack.yaml:30:5: error[VG0101]: no\n 30 |     a\n   hint: b");
    const Seen seen{7, kNow, 0};
    const auto text = statusText(asSeen(status, seen), seen);
    CHECK(text ==
          "host vm, stack moments\n"
          "controller: running (process 7), since 2027-01-15T07:00:00Z\n"
          "page:       http://127.0.0.1:9469/\n"
          "observed:   2 s ago\n"
          "applied:    cda67343036b\n"
          "attempted:  5a11d79a6e15\n"
          "\n"
          "Stalled (InvalidDocument): it needs a commit or an operator\n"
          "  the document has mistakes:\n"
          "  stack.yaml:30:5: error[VG0101]: no\n"
          "   30 |     a\n"
          "     hint: b\n"
          "\n"
          "Ready=False  InvalidDocument\n"
          "Reconciling=False  InvalidDocument\n"
          "Stalled=True  InvalidDocument\n"
          "Healthy=True  AllWell: all well\n");
    CHECK_FALSE(tests::contains(text, "\\x0a"));
}

TEST_CASE("control characters of a message never reach the terminal", "[cli][status]") {
    const auto status = told("False", "True", "False", "ApplyFailed", "a\x1b[2Jb\nc\rd");
    const Seen seen{7, kNow, 0};
    const auto text = statusText(asSeen(status, seen), seen);
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.find('\r') == std::string::npos);
    CHECK(count(text, "ApplyFailed") == 4);
}

TEST_CASE("a host without a running controller is never shown as Ready", "[cli][status]") {
    const Seen seen{0, kNow, kNow - 3 * kHour};
    const auto status = asSeen(told("True", "False", "False", "Converged", "at revision cda67343036b"), seen);
    CHECK(readiness(status) == 1);
    for (const auto& each : status["conditions"]) {
        CHECK(each["status"] == "Unknown");
        CHECK(each["reason"] == "ControllerNotRunning");
    }
    CHECK(status["controller"]["running"] == false);
    const auto text = statusText(status, seen);
    CHECK(tests::contains(text,
                          "controller: not running; its last report was at 2027-01-15T05:00:00Z, 3 h ago\n"));
    CHECK(tests::contains(text, "systemctl start vigie"));
    CHECK_FALSE(tests::contains(text, "Ready=True"));
    CHECK(tests::contains(text, "its last status was True (Converged): at revision cda67343036b"));
}

TEST_CASE("status shows since when a stopped controller is stopped", "[cli][status]") {
    auto status = told("True", "False", "False", "Converged", "well");
    status["stoppedAt"] = "2027-01-15T07:30:00Z";
    const Seen seen{0, kNow, kNow - kHour};
    const auto seenAs = asSeen(status, seen);
    CHECK(seenAs["controller"]["since"] == "2027-01-15T07:30:00Z");
    CHECK(tests::contains(statusText(seenAs, seen), "not running, since 2027-01-15T07:30:00Z: stopped"));
}

TEST_CASE("status shows a running apply with its step and its age", "[cli][status]") {
    auto status =
        told("Unknown", "True", "False", "Applying", "revision 5a11d79a6e15: pull prom/prometheus:v3.5.0");
    status["applying"] = {{"revision", "5a11d79a6e15"},
                          {"repair", false},
                          {"step", "pull prom/prometheus:v3.5.0"},
                          {"since", "2027-01-15T07:55:00Z"}};
    const Seen seen{7, kNow, 0};
    const auto text = statusText(asSeen(status, seen), seen);
    CHECK(tests::contains(text,
                          "\nApplying, for 5 min\n  revision 5a11d79a6e15: pull prom/prometheus:v3.5.0\n"));
    CHECK(readiness(status) == 1);
}

TEST_CASE("status shows a suspension beside another problem and announces no retry", "[cli][status]") {
    auto status = told("False", "True", "False", "SourceFailed", "no answer");
    status["suspended"] = "suspended by the operator: kernel";
    const Seen seen{7, kNow, 0};
    const auto text = statusText(asSeen(status, seen), seen);
    CHECK(tests::contains(text, "\nsuspended:  suspended by the operator: kernel\n"));
    CHECK(tests::contains(text, "Suspended, and not ready (SourceFailed): nothing is changed on this host"));
    CHECK_FALSE(tests::contains(text, "tried again"));
}

TEST_CASE("status of a host that has applied nothing yet says so", "[cli][status]") {
    auto status = told("False", "True", "False", "SourceFailed", "no answer");
    status["lastAppliedRevision"] = "";
    status["stack"] = "";
    const Seen seen{7, kNow, 0};
    const auto text = statusText(asSeen(status, seen), seen);
    CHECK(tests::contains(text, "host vm, no stack yet\n"));
    CHECK(tests::contains(text, "applied:    nothing yet\n"));
    CHECK(tests::contains(text, "Not ready (SourceFailed): the controller retries by itself\n"));
}

TEST_CASE("a malformed status is shown without a crash", "[cli][status]") {
    const Seen seen{0, kNow, 0};
    for (const char* text :
         {"{}", R"({"conditions":7})", R"({"conditions":[{}]})", R"({"host":1,"applying":"x"})"}) {
        CAPTURE(text);
        CHECK_FALSE(statusText(asSeen(ordered_json::parse(text), seen), seen).empty());
    }
}

TEST_CASE("ages are shown in rounded units", "[cli][status]") {
    CHECK(roughly(-5) == "0 s");
    CHECK(roughly(119'999) == "119 s");
    CHECK(roughly(120'000) == "2 min");
    CHECK(roughly(3 * kHour) == "3 h");
    CHECK(roughly(72 * kHour) == "3 days");
}

}  // namespace
}  // namespace vigie::cli
