// Transactions on a host in memory.
#include "apply/apply.hpp"

#include "apply/refused.hpp"
#include "apply/transaction/generations.hpp"
#include "base/error.hpp"
#include "render/host.hpp"
#include "system/memory_attach.hpp"
#include "system/memory_files.hpp"
#include "system/memory_names.hpp"
#include "system/memory_processes.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"
#include "tests/unit/snapshot.hpp"

#include <sqlite3.h>

namespace vigie::apply {
namespace {

using plan::Action;
using plan::Activation;
using system::HttpRequest;
using system::HttpResponse;
using tests::snapshot;

const std::string kStateDirectory = "/var/lib/vigie";
const std::string kStaging = kStateDirectory + "/staging";
const std::string kConfig = "/opt/monitoring/prometheus/prometheus.yml";

/// Host `vm` of the example, changed by the test, with its secrets open.
DesiredState target(const std::function<void(spec::Stack&)>& change = {},
                    Activation activation = Activation::none) {
    auto stack = tests::moments();
    if (change) {
        change(stack);
    }
    render::Inputs inputs;
    inputs.files = {{"rules/alerting-rules.yml", "groups: []\n"},
                    {"rules/recording-rules.yml", "groups: []\n"}};
    inputs.secrets["smtp"] = {"smtp-id", std::make_shared<const SecureBytes>(secureBytes("hunter2"))};
    inputs.wireguardPrivateKey = {"key-id", std::make_shared<const SecureBytes>(secureBytes("private"))};
    DesiredState out{"moments", "vm", "abc", renderHost(stack, *stack.host("vm"), inputs), {}, {}};
    out.options.activation = activation;
    out.options.allowRemoval = {"alertmanager"};  // see `nextRevision`
    return out;
}

/// What the next revision changes: a file, a mode, and a whole program that goes.
void nextRevision(spec::Stack& stack) {
    stack.prometheus->scrapeInterval = "30s";
    stack.wireguard.mtu = 1400;
    stack.alertmanager.reset();
    stack.secrets.pop_back();
}

struct Host {
    system::MemoryFiles files;
    system::MemoryProcesses processes;
    tests::FakeHttp http;
    tests::FakeHttp engine;
    tests::FakeClock clock;
    system::MemoryNames names;
    system::MemoryAttach attach;
    tests::TemporaryDirectory directory;
    state::Store store = state::Store::open(directory.path + "/state.db");
    std::vector<std::string> progress;
    std::optional<ObservedPlan> verified;

    Host() { system::makeParents(files, kStaging); }
    plan::Plan plan(const DesiredState& to) { return planFor(to, store.inventory(), system()); }
    void apply(const DesiredState& to) {
        Settings settings;
        settings.stateDirectory = kStateDirectory;
        settings.reloadTimeout = std::chrono::seconds(5);
        settings.progress = [this](const std::string& line) { progress.push_back(line); };
        settings.verified = [this](ObservedPlan look) { verified = std::move(look); };
        apply::apply(to, plan(to), store, settings, system());
    }
    std::string failure(const DesiredState& to) {
        try {
            apply(to);
        } catch (const Error& error) {
            return error.what();
        }
        FAIL("applied");
        return {};
    }
    system::System system() { return {files, processes, http, engine, clock, names, attach}; }
};

void checkConverged(Host& host, const DesiredState& to) {
    for (const auto& resource : to.desired) {
        if (const auto* file = std::get_if<render::File>(&resource.what)) {
            INFO(file->path);
            const auto& entry = host.files.entries.at(file->path);
            CHECK(entry.bytes == view(file->content.reveal()));
            CHECK(entry.info.mode == file->mode);
            CHECK(entry.info.owner == file->owner);
        }
    }
    CHECK(host.plan(to).empty());
}

TEST_CASE("an apply on a fresh host creates everything in the document, and the next plan is empty",
          "[apply]") {
    Host host;
    const DesiredState to = target();
    CHECK(host.plan(to).count(Action::create) > 10);
    host.apply(to);
    checkConverged(host, to);
    CHECK(host.store.lastAppliedRevision() == "abc");
    CHECK(host.store.history(9).front().result == state::AttemptResult::applied);
    CHECK(host.processes.commands.size() == 2);  // promtool and amtool
}

/// The same out of a directory, which has no revision.
DesiredState directory(const std::function<void(spec::Stack&)>& change = {}) {
    auto out = target(change);
    out.revision.clear();
    out.bundle = {{"stack.yaml", "the same\n"}};
    return out;
}

TEST_CASE("applying a directory without changes keeps the applied commit and its generation", "[apply]") {
    Host host;
    auto commit = target();
    commit.bundle = {{"stack.yaml", "the document\n"}};
    host.apply(commit);
    const auto generations = host.store.generations();
    REQUIRE(generations.size() == 1);
    host.apply(directory());
    CHECK(host.store.lastAppliedRevision() == "abc");
    CHECK(host.store.history(9).size() == 1);

    host.files.remove(kConfig);  // what is mended then is mended at that commit
    host.apply(directory());
    CHECK(host.store.lastAppliedRevision() == "abc");
    CHECK(host.store.history(9).front().result == state::AttemptResult::repaired);
    CHECK(host.store.history(9).front().revision == "abc");
    CHECK(host.store.generations().size() == 1);
    CHECK(host.store.generations().front().number == generations.front().number);
    CHECK(isApplied(host.store.generations().front(), host.store));

    host.apply(directory(nextRevision));  // another render takes its place
    CHECK(host.store.lastAppliedRevision().empty());
    CHECK(host.store.generations().size() == 2);
    CHECK_FALSE(isApplied(host.store.generations().back(), host.store));
    CHECK(isApplied(host.store.generations().front(), host.store));
}

TEST_CASE("history of a rollback by the operator shows result Applied and the generation rolled back to",
          "[apply]") {
    Host host;
    host.apply(target());
    Settings settings;
    settings.stateDirectory = kStateDirectory;
    settings.story = wentBackTo({7, 1, "abc", "digest", "directory"});
    const auto to = target(nextRevision);
    apply::apply(to, host.plan(to), host.store, settings, host.system());
    CHECK(host.store.history(1).front().result == state::AttemptResult::applied);
    CHECK(host.store.history(1).front().message == "rolled back by the operator to generation 7");
}

TEST_CASE("a second apply of the same revision makes no mutation, command or request", "[apply]") {
    Host host;
    host.apply(target());
    host.files.mutations.clear();
    host.processes.commands.clear();
    const auto before = snapshot(host.files);
    host.apply(target());
    CHECK(host.files.mutations.empty());
    CHECK(host.processes.commands.empty());
    CHECK(host.http.requests.empty());
    CHECK(snapshot(host.files) == before);
    CHECK(host.store.history(9).size() == 1);
}

TEST_CASE("an apply after one changed setting writes only the file with that setting", "[apply]") {
    Host host;
    host.apply(target());
    host.files.mutations.clear();
    host.apply(target([](spec::Stack& stack) { stack.wireguard.mtu = 1400; }));
    CHECK(host.files.mutations == std::vector<std::string>{"write /etc/wireguard/wg0.conf"});
}

TEST_CASE("a resource gone from the document is removed; a user's file in its directory stays", "[apply]") {
    Host host;
    host.apply(target());
    host.files.write("/opt/monitoring/alertmanager/theirs", "x", 0644, std::nullopt);
    const DesiredState to = target(nextRevision);
    host.apply(to);
    checkConverged(host, to);
    CHECK(host.files.entries.count("/opt/monitoring/alertmanager/alertmanager.yml") == 0);
    CHECK(host.files.entries.count("/opt/monitoring/alertmanager-data") == 0);
    CHECK(host.files.entries.count("/opt/monitoring/alertmanager/theirs") == 1);
}

TEST_CASE("drift is repaired, and history shows result Repaired", "[apply]") {
    Host host;
    host.apply(target());
    host.files.write(kConfig, "edited by hand", 0600, Owner{7, 7});
    host.files.remove("/opt/monitoring/prometheus/rules/alerting-rules.yml");
    host.apply(target());
    checkConverged(host, target());
    CHECK(host.store.history(9).front().result == state::AttemptResult::repaired);
}

TEST_CASE("a first apply that fails at any mutation leaves the host as it was", "[apply]") {
    int n = 0;
    for (bool failed = true; failed;) {
        Host host;
        host.files.makeDirectory("/etc", 0751, Owner{1, 1});
        const auto before = snapshot(host.files, kStateDirectory);
        host.files.failAt = ++n;
        INFO("mutation " << n);
        try {
            host.apply(target());
            failed = false;
        } catch (const Error& error) {
            CHECK(tests::contains(error.what(), "No space left on device"));
            CHECK(snapshot(host.files, kStateDirectory) == before);
            CHECK(host.store.inventory().empty());
            CHECK_FALSE(host.store.journal().has_value());
            const auto result = host.store.history(9).front().result;
            CHECK((result == state::AttemptResult::failed || result == state::AttemptResult::rolledBack));
        }
    }
    CHECK(n > 20);
}

TEST_CASE("a later apply that fails at any mutation restores every byte of the revision before it",
          "[apply]") {
    int n = 0;
    for (bool failed = true; failed;) {
        Host host;
        host.apply(target());
        host.files.write(kConfig, "drifted", 0600, Owner{7, 7});
        const auto before = snapshot(host.files, kStateDirectory);
        const auto inventory = host.store.inventory();
        host.files.failAt = ++n;
        INFO("mutation " << n);
        try {
            host.apply(target(nextRevision));
            failed = false;
        } catch (const Error&) {
            CHECK(snapshot(host.files, kStateDirectory) == before);
            CHECK(host.store.inventory() == inventory);
            host.apply(target(nextRevision));  // the disk has room again
            checkConverged(host, target(nextRevision));
        }
    }
    CHECK(n > 10);
}

TEST_CASE("a configuration that promtool refuses changes nothing", "[apply]") {
    Host host;
    host.apply(target());
    const auto before = snapshot(host.files, kStateDirectory);
    host.processes.answer = [](const system::Command&) { return system::ProcessResult{1, false, "", "bad"}; };
    CHECK(tests::contains(host.failure(target(nextRevision)), "promtool refuses"));
    CHECK(snapshot(host.files, kStateDirectory) == before);
    CHECK(host.store.lastAppliedRevision() == "abc");
}

TEST_CASE("a refused resource stops the whole apply before anything changes", "[apply]") {
    Host host;
    system::makeParents(host.files, "/etc/wireguard/wg0.conf");
    host.files.write("/etc/wireguard/wg0.conf", "PrivateKey=hunter2\n", 0600, std::nullopt);
    host.files.mutations.clear();
    const auto message = host.failure(target());
    CHECK(tests::contains(message, "file:/etc/wireguard/wg0.conf"));
    CHECK_FALSE(tests::contains(message, "hunter2"));
    CHECK(host.files.mutations.empty());
    CHECK(host.store.history(9).front().result == state::AttemptResult::refused);
}

TEST_CASE("an adopted file is kept as a backup with its mode", "[apply]") {
    Host host;
    system::makeParents(host.files, "/etc/wireguard/wg0.conf");
    host.files.write("/etc/wireguard/wg0.conf", "theirs\n", 0644, std::nullopt);
    DesiredState to = target();
    to.options.adopt.insert("file:/etc/wireguard/wg0.conf");
    host.apply(to);
    checkConverged(host, to);
    const auto backup = host.store.inventory().at("file:/etc/wireguard/wg0.conf").backup;
    CHECK(host.files.entries.at(backup).bytes == "theirs\n");
    CHECK(host.files.entries.at(backup).info.mode == 0644);
    host.apply(target([](spec::Stack& stack) { stack.wireguard.mtu = 1400; }));
    CHECK(host.store.inventory().at("file:/etc/wireguard/wg0.conf").backup == backup);
}

TEST_CASE("an identical file is adopted with a backup and without being written", "[apply]") {
    Host host;
    host.apply(target());
    auto inventory = host.store.inventory();
    inventory.erase("file:" + kConfig);
    host.store.record(state::Applied{"moments", "abc", "", inventory, {}});
    host.files.mutations.clear();
    host.apply(target());
    const auto backup = host.store.inventory().at("file:" + kConfig).backup;
    CHECK(host.files.entries.at(backup).bytes == host.files.entries.at(kConfig).bytes);  // it was somebody's
    const auto& mutations = host.files.mutations;
    CHECK(std::find(mutations.begin(), mutations.end(), "write " + kConfig) == mutations.end());
}

TEST_CASE("an apply of a desired state without resources is refused and removes nothing", "[apply]") {
    Host host;
    host.apply(target());
    const auto before = snapshot(host.files);
    CHECK(tests::contains(host.failure({"moments", "vm", "abc", {}, {}, {}}), "delete everything"));
    CHECK(snapshot(host.files) == before);
}

/// Applies the first revision, and then one with a text left empty: nothing may happen. Returns what is said.
std::string refusedWithout(const std::function<void(spec::Stack&)>& change) {
    Host host;
    auto first = target();
    host.apply(first);
    const auto before = snapshot(host.files, kStateDirectory);
    auto next = target(change);
    next.options.allowRemoval.clear();
    std::string out;
    try {
        host.apply(next);
        FAIL("applied");
    } catch (const Refused& error) {
        out = error.what();
    }
    CHECK(snapshot(host.files, kStateDirectory) == before);
    CHECK_FALSE(host.store.journal());
    CHECK(host.store.history(1).front().result == state::AttemptResult::refused);
    return out;
}

TEST_CASE("an apply refuses to remove Prometheus and Alertmanager when their project's host is empty",
          "[apply]") {
    const auto said = refusedWithout([](spec::Stack& stack) { stack.projects[1].host = ""; });
    CHECK(tests::contains(said, "would remove Prometheus from this host"));
    CHECK(tests::contains(said, "would remove Alertmanager from this host"));
}

TEST_CASE("an apply refuses to remove a server whose project is empty", "[apply]") {
    for (const auto& [words, change] : std::vector<std::pair<std::string, std::function<void(spec::Stack&)>>>{
             {"Alertmanager", [](spec::Stack& stack) { stack.alertmanager->project = ""; }},
             {"Prometheus", [](spec::Stack& stack) { stack.prometheus->project = ""; }}}) {
        CHECK(tests::contains(refusedWithout(change), "would remove " + words));
    }
}

TEST_CASE("an apply refuses a secret with an empty name instead of writing a file or directory for it",
          "[apply]") {
    const auto said =
        refusedWithout([](spec::Stack& stack) { stack.alertmanager->smtp->passwordFrom->secret = ""; });
    CHECK(tests::contains(said, "`/opt/monitoring/alertmanager/secrets/` is no path of one file"));
    const auto grafana = refusedWithout([](spec::Stack& stack) {
        stack.grafana.emplace();
        stack.grafana->project = "monitoring";
        stack.grafana->adminPasswordFrom = spec::SecretReference{""};
    });
    CHECK(tests::contains(grafana, "`/opt/monitoring/grafana/secrets/` is no path of one file"));
}

TEST_CASE("a project with a new directory is moved by an apply without allowed removals", "[apply]") {
    Host host;
    host.apply(target());
    auto moved = target([](spec::Stack& stack) { stack.projects[1].directory = "/srv/monitoring"; });
    moved.options.allowRemoval.clear();
    host.apply(moved);
    checkConverged(host, moved);
    CHECK_FALSE(host.files.inspect(kConfig).exists());
}

TEST_CASE("a data directory gone from the document is released, not deleted, and leaves the inventory",
          "[apply]") {
    Host host;
    host.apply(target());
    const std::string data = "/opt/monitoring/alertmanager-data";
    host.files.write(data + "/silences", "by a program", 0644, std::nullopt);
    const auto plan = host.plan(target(nextRevision));
    const auto it = std::find_if(plan.changes.begin(), plan.changes.end(),
                                 [&](const plan::Change& each) { return each.id == "directory:" + data; });
    REQUIRE(it != plan.changes.end());
    CHECK(it->action == Action::release);
    host.apply(target(nextRevision));
    CHECK(host.files.inspect(data + "/silences").exists());
    CHECK(host.store.inventory().count("directory:" + data) == 0);
    CHECK(host.plan(target(nextRevision)).empty());
}

TEST_CASE("without an identity secrets are written as stars", "[apply]") {
    Host host;
    DesiredState to = target();
    to.options.masked = true;
    host.apply(to);
    CHECK(tests::contains(host.files.entries.at("/etc/wireguard/wg0.conf").bytes, "PrivateKey = ***"));
    CHECK(host.plan(to).empty());
}

/// Prometheus and Alertmanager that load what lies in the host's files when they are told to.
struct Programs {
    explicit Programs(Host& host) : files(host.files) {
        host.http.answer = [this](const HttpRequest& request) { return answer(request); };
    }
    HttpResponse answer(const HttpRequest& request) {
        if (request.method == "POST") {
            if (onReload) {
                onReload();
            }
            if (deaf) {
                return {200, ""};
            }
            load();
            return {200, ""};
        }
        if (proving) {
            proving();
        }
        if (tests::contains(request.url, "/api/v1/rules")) {
            const auto at = rule.find("digest: \"");
            const auto digest = at == std::string::npos ? "" : rule.substr(at + 9, 64);
            return {200, R"({"data":{"groups":[{"rules":[{"name":"vigie_render_info","labels":{"digest":")" +
                             digest + R"("}}]}]}})"};
        }
        const bool prometheus = tests::contains(request.url, "/api/v1/status/config");
        std::string yaml;
        for (const char c : prometheus ? config : alertmanager) {
            yaml += c == '\n' ? "\\n" : c == '"' ? "\\\"" : std::string(1, c);
        }
        return {200, prometheus ? R"({"data":{"yaml":")" + yaml + R"("}})"
                                : R"({"config":{"original":")" + yaml + R"("}})"};
    }
    void load() {
        config = bytes(kConfig);
        rule = bytes("/opt/monitoring/prometheus/vigie-render-info.yml");
        alertmanager = bytes("/opt/monitoring/alertmanager/alertmanager.yml");
    }
    std::string bytes(const std::string& path) {
        const auto it = files.entries.find(path);
        return it == files.entries.end() ? "" : it->second.bytes;
    }

    system::MemoryFiles& files;
    std::string config;
    std::string rule;
    std::string alertmanager;
    bool deaf = false;  ///< answers 200 and loads nothing, as with a single mounted file that was replaced
    std::function<void()> onReload;
    std::function<void()> proving;
};

/// A host on which the first revision runs.
struct RunningHost : Host {
    Programs programs{*this};
    RunningHost() {
        apply(target());
        programs.load();
        http.requests.clear();
    }
};

DesiredState changed() {
    return target([](spec::Stack& stack) { stack.prometheus->scrapeInterval = "30s"; }, Activation::reload);
}

TEST_CASE("a running program that has loaded the rendered configuration is not reloaded", "[apply]") {
    RunningHost host;
    CHECK(host.plan(target({}, Activation::reload)).empty());
    host.apply(target({}, Activation::reload));
    CHECK(host.http.posts() == 0);
}

TEST_CASE("a changed configuration is reloaded once and proven", "[apply]") {
    RunningHost host;
    host.apply(changed());
    CHECK(host.http.posts() == 1);
    REQUIRE(host.verified);
    CHECK(host.verified->plan.empty());
    CHECK(host.verified->observed.reloads.at("reload:prometheus").answered);
    CHECK(host.plan(changed()).empty());
    CHECK(tests::contains(host.programs.config, "30s"));
}

TEST_CASE("a reload that answers 200 without loading rolls the apply back and quarantines the render",
          "[apply]") {
    RunningHost host;
    const auto before = snapshot(host.files, kStateDirectory);
    host.programs.deaf = true;
    const auto message = host.failure(changed());
    CHECK(tests::contains(message, "has not loaded this configuration"));
    CHECK(tests::contains(message, "Everything was put back"));
    CHECK(snapshot(host.files, kStateDirectory) == before);
    CHECK(host.http.posts() == 2);  // it may have taken a part of it, which cannot be seen
    CHECK(host.store.quarantined(digestOf(changed().desired)).has_value());
}

TEST_CASE("a failed repair does not quarantine the render that worked on this host before", "[apply]") {
    RunningHost host;
    const DesiredState same = target({}, Activation::reload);
    host.files.entries.at(kConfig).bytes = "edited: by hand\n";
    host.programs.load();
    host.programs.deaf = true;
    const auto message = host.failure(same);
    CHECK(tests::contains(message, "has not loaded this configuration"));
    CHECK(tests::contains(message, "This host is the cause, not the revision"));
    CHECK_FALSE(tests::contains(message, "quarantine"));
    CHECK_FALSE(host.store.quarantined(renderDigest(same)));
    CHECK(host.store.history(1).front().result == state::AttemptResult::rolledBack);
}

TEST_CASE("a rollback that cannot reload a program reports that and why", "[apply]") {
    RunningHost host;
    host.programs.onReload = [&] {
        host.programs.load();
        throw Error("connection refused");
    };
    const auto message = host.failure(changed());
    CHECK(tests::contains(message, "not proven, it reads its configuration when it starts"));
    CHECK(tests::contains(message, "connection refused"));
}

TEST_CASE("an interrupted reload rolls back the files and the loaded configuration", "[apply]") {
    RunningHost host;
    const auto before = snapshot(host.files, kStateDirectory);
    const auto plan = host.plan(changed());
    bool once = true;
    host.programs.proving = [&] {
        if (std::exchange(once, false)) {
            throw Interrupted{};
        }
    };
    const DesiredState to = changed();
    Settings settings;
    settings.stateDirectory = kStateDirectory;
    settings.reloadTimeout = std::chrono::seconds(5);
    CHECK_THROWS_AS(apply::apply(to, plan, host.store, settings, host.system()), Interrupted);
    CHECK(snapshot(host.files, kStateDirectory) == before);
    CHECK_FALSE(tests::contains(host.programs.config, "30s"));
}

TEST_CASE("an apply that cannot be recorded rolls back the files and the loaded configuration", "[apply]") {
    RunningHost host;
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open((host.directory.path + "/state.db").c_str(), &database) == SQLITE_OK);
    REQUIRE(
        sqlite3_exec(database,
                     "CREATE TRIGGER full BEFORE INSERT ON inventory BEGIN SELECT RAISE(ABORT, 'full'); END",
                     nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(database);
    const auto before = snapshot(host.files, kStateDirectory);
    host.failure(changed());
    CHECK(snapshot(host.files, kStateDirectory) == before);
    CHECK_FALSE(tests::contains(host.programs.config, "30s"));
}

}  // namespace
}  // namespace vigie::apply
