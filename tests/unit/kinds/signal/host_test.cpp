// Tests kinds/signal: who reads a file is told that it was written.

#include "kinds/signal/host.hpp"

#include "base/error.hpp"
#include "kinds/attached/host.hpp"
#include "plan/plan.hpp"
#include "secrets/storage.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/attached_host.hpp"

namespace vigie::kinds {
namespace {

using plan::Action;
using render::FileSignal;
using Way = FileSignal::Way;

constexpr const char* kFile = "file:/srv/monitoring/blackbox.yml";

struct Host : tests::AttachedHost {
    FileSignal signal{"monitoring", "prometheus", Way::hup, {kFile}};
    std::vector<render::Resource> desired;
    plan::Plan plan;
    plan::Options options{.activation = plan::Activation::all};
    SecureBytes key = secureBytes(std::string(32, 'k'));
    system::System here = system();

    Host() { program().parent = 1; }
    Transaction transaction() {
        return {.desired = desired,
                .plan = plan,
                .options = options,
                .stateDirectory = "/",
                .timeout = std::chrono::seconds(1),
                .progress = {},
                .system = here,
                .before = {}};
    }
    Transaction make() {
        auto out = transaction();
        SignalHost::make(out, {}, {}, signal);
        return out;
    }
    attach::Process process(std::int64_t pid, std::int64_t parent, const std::string& exe) {
        attach::Process out;
        out.id = {pid, 7, tests::kContainer, exe};
        out.parent = parent;
        return out;
    }
};

bool asked(const Host& host, const std::string& what) {
    const auto& all = host.attach.asked;
    return std::find(all.begin(), all.end(), what) != all.end();
}

TEST_CASE("the program's own process is signalled, and watched", "[signal]") {
    Host host;
    const auto transaction = host.make();
    CHECK(asked(host, "signal 100 HUP"));
    CHECK(transaction.started.count({"monitoring", "prometheus"}) == 1);
    CHECK(host.engine.posts() == 0);  // through the engine it would cost the restart policy
}

TEST_CASE("a shell or an init swallows signals: whoever runs below gets them", "[signal]") {
    Host host;
    host.attach.groups[tests::kContainer].processes = {host.process(100, 1, "/sbin/docker-init"),
                                                       host.process(101, 100, "/bin/sh"),
                                                       host.process(102, 101, "/bin/blackbox_exporter")};
    host.make();
    CHECK(asked(host, "signal 102 HUP"));
    host.attach.groups[tests::kContainer].processes.push_back(host.process(103, 101, "/bin/sleep"));
    CHECK_THROWS_AS(host.make(), Error);
}

TEST_CASE("what does not run reads its files when it starts", "[signal]") {
    Host host;
    host.inspected()["State"] = {{"Status", "exited"}, {"Pid", 0}};
    const auto transaction = host.make();
    CHECK(transaction.started.empty());
    CHECK(host.attach.asked.empty());
}

TEST_CASE("a restart is the engine's, where it was asked for", "[signal]") {
    Host host;
    host.signal.way = Way::restart;
    std::string posted;
    const auto others = host.engine.answer;
    host.engine.answer = [&](const system::HttpRequest& request) {
        if (request.method != "POST") {
            return others(request);
        }
        posted = request.url;
        return system::HttpResponse{204, ""};
    };
    host.make();
    CHECK(tests::contains(posted, tests::kContainer + "/restart"));
}

TEST_CASE("nobody is told of a file that stays as it is", "[signal]") {
    Host host;
    render::File file{"/srv/monitoring/blackbox.yml", std::string("a: 1\n"), 0644, {}};
    host.desired = {{kFile, file, {}, "a file"},
                    {"signal:monitoring/prometheus/HUP", host.signal, {kFile}, "told"}};
    plan::Observed observed;
    const auto action = [&] {
        return plan::makePlan(host.desired, observed, {}, host.options).changes.back().action;
    };
    CHECK(action() == Action::reload);
    auto& is = observed.files[kFile];
    is.info.type = FileInfo::Type::regular;
    is.info.mode = 0644;
    is.bytes = secureBytes("a: 1\n");
    CHECK(action() == Action::none);
}

TEST_CASE("a rollback tells it again", "[signal]") {
    Host host;
    BeforeImages images(host.key, host.here);
    plan::Change change;
    change.id = "signal:monitoring/prometheus/HUP";
    SignalHost::capture({.change = change, .before = {}, .options = host.options, .system = host.here},
                        &host.signal, images);
    const auto taken = images.take();
    REQUIRE(taken.size() == 1);
    Restored restored;
    Undoing undoing{.system = host.here, .timeout = std::chrono::seconds(1), .out = restored};
    SignalHost::putBack(undoing, change.id, view(secrets::decrypt(taken[0].data, host.key)));
    CHECK(asked(host, "signal 100 HUP"));
    CHECK(restored.notes.empty());
}

}  // namespace
}  // namespace vigie::kinds
