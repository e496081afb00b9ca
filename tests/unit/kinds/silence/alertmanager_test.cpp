// Tests apply/silences.
#include "kinds/silence/alertmanager.hpp"

#include "base/error.hpp"
#include "kinds/models.hpp"
#include "plan/context.hpp"
#include "spec/format.hpp"
#include "system/memory_attach.hpp"
#include "system/memory_files.hpp"
#include "system/memory_names.hpp"
#include "system/memory_processes.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <nlohmann/json.hpp>

namespace vigie::apply {
namespace {

using nlohmann::json;
using system::HttpRequest;
using system::HttpResponse;

/// An Alertmanager that has silences only.
struct Alertmanager {
    system::MemoryFiles files;
    system::MemoryProcesses processes;
    tests::FakeHttp http;
    tests::FakeClock clock;
    system::MemoryNames names;
    system::MemoryAttach attach;
    json silences = json::array();
    int refusals = 0;  ///< requests that it does not answer, as it has just been started

    Alertmanager() {
        clock.milliseconds = *spec::parseTimestamp("2026-12-01T00:00:00Z");
        http.answer = [this](const HttpRequest& request) { return answer(request); };
    }

    HttpResponse answer(const HttpRequest& request) {
        if (refusals > 0) {
            --refusals;
            throw Error("connection refused");
        }
        if (request.method == "GET") {
            return {200, silences.dump()};
        }
        if (request.method == "POST") {
            auto body = json::parse(request.body);
            for (auto& silence : silences) {
                if (body.contains("id") && silence["id"] == body["id"]) {
                    silence["status"]["state"] = "expired";
                }
            }
            body["id"] = "id-" + std::to_string(silences.size());
            body["status"] = {{"state", "active"}};
            silences.push_back(body);
            return {200, json{{"silenceID", body["id"]}}.dump()};
        }
        const std::string id = request.url.substr(request.url.rfind('/') + 1);
        for (auto& silence : silences) {
            if (silence["id"] == id) {
                silence["status"]["state"] = "expired";
                return {200, ""};
            }
        }
        return {404, ""};
    }

    system::System system() { return {files, processes, http, http, clock, names, attach}; }
    std::vector<std::string> living() {
        std::vector<std::string> out;
        for (const auto& silence : silences) {
            if (silence["status"]["state"] != "expired") {
                out.push_back(silence["comment"]);
            }
        }
        return out;
    }
    void theirs() {
        silences.push_back({{"id", "theirs"},
                            {"matchers", json::array()},
                            {"startsAt", "2026-11-30T00:00:00Z"},
                            {"endsAt", "2026-12-30T00:00:00Z"},
                            {"createdBy", "somebody"},
                            {"comment", "by hand"},
                            {"status", {{"state", "active"}}}});
    }
};

render::Silence works() {
    return {"http://a:9093",
            "moments",
            "works",
            {{"job", "node", false, true}},
            0,
            *spec::parseTimestamp("2026-12-24T08:00:00Z"),
            "works"};
}

std::string mark() {
    return render::silenceMark("moments", "works");
}

plan::Change planned(Alertmanager& alertmanager, const render::Silence& silence, bool ours = false) {
    const render::Resource resource{"silence:works", silence, {}, "silenced"};
    plan::Observed observed;
    observed.silences[resource.id] = observeSilence(silence, alertmanager.system());
    state::Inventory inventory;
    if (ours) {
        inventory[resource.id] = {digestOf(resource), "", ""};
    }
    const plan::Options options;
    plan::Change out{resource.id, plan::Action::none, {}, {}, {}};
    kinds::difference({observed, inventory, options}, resource, out);
    return out;
}

TEST_CASE("a silence is made once and carries vigie's mark", "[apply][silences]") {
    Alertmanager alertmanager;
    alertmanager.theirs();
    CHECK(planned(alertmanager, works()).action == plan::Action::create);
    makeSilence(works(), std::chrono::seconds(1), alertmanager.system());
    CHECK(alertmanager.living() == std::vector<std::string>{"by hand", "works [vigie moments/works]"});
    CHECK(planned(alertmanager, works()).action == plan::Action::none);
}

TEST_CASE("a changed silence replaces the old one", "[apply][silences]") {
    Alertmanager alertmanager;
    makeSilence(works(), std::chrono::seconds(1), alertmanager.system());
    auto later = works();
    later.endsAt += 3'600'000;
    CHECK(planned(alertmanager, later).reason == "its end changed");
    auto other = works();
    other.matchers[0].value = "other";
    CHECK(planned(alertmanager, other).reason == "its matchers changed");
    makeSilence(other, std::chrono::seconds(1), alertmanager.system());
    CHECK(alertmanager.living().size() == 1);
    CHECK(planned(alertmanager, other).action == plan::Action::none);
}

TEST_CASE("a silence that has ended is not made again", "[apply][silences]") {
    Alertmanager alertmanager;
    alertmanager.clock.milliseconds = *spec::parseTimestamp("2026-12-25T00:00:00Z");
    CHECK(planned(alertmanager, works()).action == plan::Action::none);
    CHECK(planned(alertmanager, works()).reason == "has ended, and is not made again");
}

TEST_CASE("a silence ended by hand before its time is planned again", "[apply][silences]") {
    Alertmanager alertmanager;
    makeSilence(works(), std::chrono::seconds(1), alertmanager.system());
    alertmanager.silences[0]["status"]["state"] = "expired";
    CHECK(planned(alertmanager, works(), true).reason == "was ended by hand before its time");
}

TEST_CASE("a silence waits for an Alertmanager that has just been started", "[apply][silences]") {
    Alertmanager alertmanager;
    alertmanager.refusals = 3;
    CHECK_FALSE(observeSilence(works(), alertmanager.system()).answered);
    makeSilence(works(), std::chrono::seconds(1), alertmanager.system());
    CHECK(alertmanager.living().size() == 1);
    alertmanager.refusals = 1000;
    CHECK_THROWS_AS(makeSilence(works(), std::chrono::seconds(1), alertmanager.system()), Error);
}

TEST_CASE("only silences with vigie's mark are ended", "[apply][silences]") {
    Alertmanager alertmanager;
    alertmanager.theirs();
    makeSilence(works(), std::chrono::seconds(1), alertmanager.system());
    endSilences("http://a:9093", mark(), alertmanager.system());
    CHECK(alertmanager.living() == std::vector<std::string>{"by hand"});
    alertmanager.refusals = 1;
    CHECK_NOTHROW(endSilences("http://a:9093", mark(), alertmanager.system()));
}

TEST_CASE("a rollback restores the silence of before", "[apply][silences]") {
    Alertmanager alertmanager;
    const auto nothing = snapshotSilence("http://a:9093", mark(), alertmanager.system());
    makeSilence(works(), std::chrono::seconds(1), alertmanager.system());
    const auto first = snapshotSilence("http://a:9093", mark(), alertmanager.system());
    auto other = works();
    other.matchers[0].value = "other";
    makeSilence(other, std::chrono::seconds(1), alertmanager.system());
    restoreSilence(view(first), alertmanager.system());
    CHECK(planned(alertmanager, works()).action == plan::Action::none);
    const auto posts = alertmanager.http.posts();
    restoreSilence(view(first), alertmanager.system());
    CHECK(alertmanager.http.posts() == posts);
    restoreSilence(view(nothing), alertmanager.system());
    CHECK(alertmanager.living().empty());
}

}  // namespace
}  // namespace vigie::apply
