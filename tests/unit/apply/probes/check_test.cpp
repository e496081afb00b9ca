// Tests apply/check.
#include "apply/probes/check.hpp"

#include "apply/refused.hpp"
#include "base/error.hpp"
#include "system/memory_attach.hpp"
#include "system/memory_files.hpp"
#include "system/memory_names.hpp"
#include "system/memory_processes.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>
#include <tuple>

namespace vigie::apply {
namespace {

using render::Reload;
using render::Resource;

const std::string kStaging = "/var/lib/vigie/staging";

std::vector<Resource> desired() {
    render::Text password("password: ");
    password.append({"id", std::make_shared<const SecureBytes>(secureBytes("hunter2"))},
                    render::Encoding::raw);
    return {
        {"file:/opt/prometheus/prometheus.yml",
         render::File{"/opt/prometheus/prometheus.yml", "a: 1\n", 0644, {}},
         {},
         ""},
        {"file:/opt/prometheus/rules/r.yml",
         render::File{"/opt/prometheus/rules/r.yml", password, 0644, {}},
         {},
         ""},
        {"file:/opt/prometheus-other/x", render::File{"/opt/prometheus-other/x", "x", 0644, {}}, {}, ""},
        {"reload:prometheus",
         Reload{{Reload::Program::prometheus, "http://a", "d", {}, "/opt/prometheus/prometheus.yml"}},
         {},
         ""},
        {"reload:alertmanager",
         Reload{{Reload::Program::alertmanager, "http://b", "d", {}, "/opt/alertmanager/alertmanager.yml"}},
         {},
         ""},
    };
}

class NoTools : public system::MemoryProcesses {
public:
    [[nodiscard]] std::optional<std::string> find(const std::string& /*program*/) const override {
        return std::nullopt;
    }
};

struct Host {
    system::MemoryFiles files;
    system::MemoryProcesses processes;
    tests::FakeHttp http;
    tests::FakeHttp engine;
    tests::FakeClock clock;
    system::MemoryNames names;
    system::MemoryAttach attach;

    std::vector<Resource> wanted = desired();
    bool inContainers = false;

    std::vector<std::string> changed{"file:/opt/prometheus/rules/r.yml", "reload:alertmanager"};
    std::vector<std::string> progress;

    Host() { system::makeParents(files, kStaging); }
    void check(system::Processes& with) {
        checkWithTools(
            wanted, changed,
            {kStaging, inContainers, [this](const std::string& line) { progress.push_back(line); }},
            {files, with, http, engine, clock, names, attach});
    }
    void check() { check(processes); }
    std::string complaint() {
        try {
            check();
        } catch (const Error& error) {
            return error.what();
        }
        FAIL("accepted");
        return {};
    }
};

using Commands = std::vector<std::vector<std::string>>;

TEST_CASE("each checker gets the files at their container paths, with secrets masked", "[apply]") {
    Host host;
    std::map<std::string, std::string> staged;
    host.processes.answer = [&](const system::Command&) {
        for (const auto& [path, entry] : host.files.entries) {
            if (entry.info.type == FileInfo::Type::regular) {
                staged[path] = entry.bytes;
            }
        }
        return system::ProcessResult{0, false, "", ""};
    };
    host.check();
    CHECK(host.processes.commands == Commands{{"promtool", "check", "config", kStaging + "/prometheus.yml"},
                                              {"amtool", "check-config", kStaging + "/alertmanager.yml"}});
    CHECK(staged == std::map<std::string, std::string>{
                        {kStaging + "/prometheus.yml", "a: 1\n"},
                        {kStaging + "/rules/r.yml", "password: https://masked.invalid/"}});
    CHECK(host.files.list("/var/lib/vigie").empty());
    CHECK(host.progress == std::vector<std::string>{"check with promtool", "check with amtool"});
}

TEST_CASE("the checker of a program without changes is not run", "[apply]") {
    Host host;
    host.changed = {"file:/opt/prometheus-other/x", "file:/opt/alertmanager/alertmanager.yml"};
    host.check();
    REQUIRE(host.processes.commands.size() == 1);
    CHECK(host.processes.commands[0][0] == "amtool");
    host.changed.clear();
    host.files.mutations.clear();
    host.check();
    CHECK(host.files.mutations.empty());
}

TEST_CASE("files left in staging by an earlier check are removed before the next one", "[apply]") {
    Host host;
    system::makeParents(host.files, kStaging + "/rules/old.yml");
    host.files.write(kStaging + "/rules/old.yml", "broken", 0600, std::nullopt);
    host.processes.answer = [&](const system::Command&) {
        CHECK_FALSE(host.files.inspect(kStaging + "/rules/old.yml").exists());
        return system::ProcessResult{0, false, "", ""};
    };
    host.check();
}

TEST_CASE("a checker's complaint is shown without temporary paths", "[apply]") {
    Host host;
    host.processes.answer = [](const system::Command&) {
        return system::ProcessResult{
            1, false, "Checking " + kStaging + "/prometheus.yml\n SUCCESS: 1 rule file\n",
            "  FAILED: " + kStaging + "/rules/r.yml: bad, see " + kStaging + "/prometheus.yml\n\n"};
    };
    const auto complaint = host.complaint();
    CHECK(tests::contains(complaint, "promtool refuses the configuration:\n"));
    CHECK(tests::contains(complaint, "\n  rules/r.yml: bad, see prometheus.yml"));
    CHECK_FALSE(tests::contains(complaint, "staging"));
    CHECK_FALSE(tests::contains(complaint, "Checking"));
}

TEST_CASE("a checker that does not finish in time is an error", "[apply]") {
    Host host;
    host.processes.answer = [](const system::Command&) { return system::ProcessResult{-1, true, "", ""}; };
    CHECK(tests::contains(host.complaint(), "did not finish in time"));
}

TEST_CASE("a missing checker is an error, not a pass", "[apply]") {
    Host host;
    NoTools none;
    try {
        host.check(none);
        FAIL("passed");
    } catch (const Error& error) {
        CHECK(tests::contains(error.what(), "promtool is missing"));
        CHECK(tests::contains(error.hint(), "prometheus"));
    }
    CHECK(none.commands.empty());
}

TEST_CASE("a failed check leaves no files in staging", "[apply]") {
    Host host;
    host.processes.answer = [](const system::Command&) { return system::ProcessResult{1, false, "", "bad"}; };
    host.complaint();
    CHECK(host.files.list("/var/lib/vigie").empty());
}

/// Where an engine answers, and both servers are containers of the document.
struct EngineHost : Host {
    EngineHost() {
        inContainers = true;
        for (const std::string name : {"prometheus", "alertmanager"}) {
            render::ComposeService compose;
            compose.project = {"monitoring", "/opt", {"compose.yaml"}, {}, true};
            compose.service.name = name;
            compose.service.image = "prom/" + name + ":v3.5.0";
            compose.service.user = "65534:65534";
            compose.service.mounts = {{"./" + name, "/etc/" + name, true}};
            wanted.insert(wanted.begin(), {"compose:monitoring/" + name, compose, {}, ""});
        }
        changed = {"file:/opt/prometheus/rules/r.yml"};
    }
    /// What the container that an earlier check left is labelled with.
    void leftover(const std::string& labels) {
        engine.answer = [labels](const system::HttpRequest& request) {
            return request.method == "GET"
                       ? system::HttpResponse{200, R"({"Id":"abc","Config":{"Labels":)" + labels + "}}"}
                       : system::HttpResponse{204, ""};
        };
    }
};

bool has(const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

TEST_CASE("on a host with a Docker engine, the checker of the program's image is run", "[apply][check]") {
    EngineHost host;
    host.changed.emplace_back("reload:alertmanager");
    host.processes.answer = [&](const system::Command& command) {
        // Nobody of the host can enter the directory above; the container's user must read the copies.
        CHECK(host.files.entries.at(kStaging).info.mode == 0755);
        for (const auto& [path, entry] : host.files.entries) {
            CHECK_FALSE(tests::contains(entry.bytes, "hunter2"));
            if (entry.info.type == FileInfo::Type::regular) {
                CHECK(entry.info.mode == 0644);
            }
        }
        CHECK(command.environment.count("HOME") == 1);
        return system::ProcessResult{0, false, "", ""};
    };
    host.check();
    REQUIRE(host.processes.commands.size() == 2);
    const auto& words = host.processes.commands[0];
    CHECK(words[0] == "docker");
    CHECK(words[1] == "run");
    for (const char* each : {"--rm", "--network=none", "--read-only", "--cap-drop=ALL", "--pull=never",
                             "--user=65534:65534", "--entrypoint=promtool"}) {
        INFO(each);
        CHECK(has(words, each));
    }
    CHECK(has(words, "--volume=" + kStaging + ":/etc/prometheus:ro"));
    CHECK(std::vector<std::string>(words.end() - 4, words.end()) ==
          std::vector<std::string>{"prom/prometheus:v3.5.0", "check", "config",
                                   "/etc/prometheus/prometheus.yml"});
    CHECK(host.processes.commands[1].back() == "/etc/alertmanager/alertmanager.yml");
    CHECK(host.progress.front() == "check with promtool of prom/prometheus:v3.5.0");
    CHECK(host.files.list("/var/lib/vigie").empty());
}

TEST_CASE("a complaint of the image's checker is shown without container paths", "[apply][check]") {
    EngineHost host;
    host.processes.answer = [](const system::Command&) {
        return system::ProcessResult{1, false, "", "  FAILED: /etc/prometheus/rules/r.yml: bad\n"};
    };
    CHECK(host.complaint() ==
          "promtool of the image prom/prometheus:v3.5.0 refuses the configuration:\n  rules/r.yml: "
          "bad");
}

TEST_CASE("an image without the checker is an error, not a pass", "[apply][check]") {
    EngineHost host;
    host.processes.answer = [](const system::Command&) { return system::ProcessResult{127, false, "", "x"}; };
    CHECK(tests::contains(host.complaint(), "prom/prometheus:v3.5.0 has no promtool"));
    host.processes.answer = [](const system::Command&) { return system::ProcessResult{125, false, "", "x"}; };
    CHECK(tests::contains(host.complaint(), "could not be started:\n  x"));
    host.processes.answer = [](const system::Command&) { return system::ProcessResult{-1, false, "", ""}; };
    CHECK(tests::contains(host.complaint(), "was killed"));
}

TEST_CASE("a check removes a container that an earlier check left and refuses one of another owner",
          "[apply][check]") {
    EngineHost host;
    host.leftover(R"({"dev.vigie.check":"1"})");
    host.check();
    CHECK(host.engine.requests ==
          std::vector<std::string>{"GET http://docker/containers/vigie-check-promtool/json",
                                   "DELETE http://docker/containers/abc?force=1&v=1"});
    host.leftover(R"({"mine":"1"})");
    host.processes.commands.clear();
    CHECK(tests::contains(host.complaint(), "is not vigie's"));
    CHECK(host.processes.commands.empty());
}

TEST_CASE("a check that times out or is interrupted leaves no container", "[apply][check]") {
    EngineHost host;
    host.processes.answer = [&](const system::Command&) {
        host.leftover(R"({"dev.vigie.check":"1"})");
        return system::ProcessResult{-1, true, "", ""};
    };
    CHECK(tests::contains(host.complaint(), "did not finish in time"));
    CHECK(host.engine.requests.back() == "DELETE http://docker/containers/abc?force=1&v=1");
    host.engine.requests.clear();
    host.processes.answer = [&](const system::Command&) -> system::ProcessResult { throw Interrupted{}; };
    CHECK_THROWS_AS(host.check(), Interrupted);
    CHECK(host.engine.requests.back() == "DELETE http://docker/containers/abc?force=1&v=1");
    CHECK(host.files.list("/var/lib/vigie").empty());
}

TEST_CASE("a user's own configuration file is checked by itself, and a complaint shows none of its values",
          "[apply][check]") {
    EngineHost host;
    for (auto& resource : host.wanted) {
        auto* compose = std::get_if<render::ComposeService>(&resource.what);
        if (compose != nullptr && compose->service.name == "alertmanager") {
            compose->service.mounts = {{"./own.yml", "/etc/alertmanager/own.yml", true}};
        } else if (auto* reload = std::get_if<Reload>(&resource.what);
                   reload != nullptr && reload->program == Reload::Program::alertmanager) {
            reload->configPath = "/opt/own.yml";
            reload->owner = render::ConfigOwner::userFile;
        }
    }
    host.changed = {"file:/opt/compose.yaml"};
    host.check();
    CHECK(host.processes.commands.empty());
    host.changed = {"reload:alertmanager"};
    for (const std::string said :
         {"line 3: cannot unmarshal !!str `hunter2` into int", "line 3: `a` is not `b\nhunter2`",
          "bad \"a'\" 'hunter2'", "smtp_auth_password: hunter2"}) {
        host.processes.answer = [&](const system::Command&) {
            return system::ProcessResult{1, false, "", said + "\n"};
        };
        const auto complaint = host.complaint();
        CHECK(tests::contains(complaint, "***"));
        CHECK_FALSE(tests::contains(complaint, "hunter2"));
        const auto& words = host.processes.commands.back();
        CHECK(has(words, "--volume=/opt/own.yml:/etc/alertmanager/own.yml:ro"));
        CHECK(words.back() == "/etc/alertmanager/own.yml");
    }
}

/// Without an engine, and with a promtool that says so.
struct HostWithTool : EngineHost {
    std::string version = "promtool, version 2.42.0+ds (branch: debian/sid)\n";
    std::string said =
        "  FAILED: parsing YAML file " + kStaging +
        "/prometheus.yml: yaml: unmarshal errors:\n  line 3: field x not found in type config.plain";

    HostWithTool() {
        inContainers = false;
        processes.answer = [this](const system::Command& command) {
            return command.argv.back() == "--version" ? system::ProcessResult{0, false, version, ""}
                                                      : system::ProcessResult{1, false, "", said};
        };
    }
    std::pair<std::string, std::string> refusal() {
        try {
            check();
        } catch (const Refused& error) {
            return {error.what(), error.hint()};
        }
        FAIL("accepted");
        return {};
    }
};

TEST_CASE("an unknown field is blamed on the host's checker when that is older than the image",
          "[apply][check]") {
    HostWithTool host;
    auto [said, hint] = host.refusal();
    CHECK(said ==
          "promtool refuses the configuration:\n  prometheus.yml:3: field x not found in type "
          "config.plain\n  (promtool here is 2.42, the image is prom/prometheus:v3.5.0: what it refuses may "
          "be newer than it is)");
    CHECK(tests::contains(hint, "install promtool 3.5 or newer"));
    host.version = "promtool, version 3.9.0\n";
    std::tie(said, hint) = host.refusal();
    CHECK(tests::contains(said, "may be older than it is"));
    CHECK_FALSE(tests::contains(hint, "install"));
    host.version = "promtool, version 3.5.1\n";
    std::tie(said, hint) = host.refusal();
    CHECK(said ==
          "promtool refuses the configuration:\n  prometheus.yml:3: field x not found in type config.plain");
    CHECK(tests::contains(hint, "correct the setting's name"));
    CHECK(tests::contains(hint, "nothing was changed on this host"));
}

TEST_CASE("a syntax error is not blamed on an old checker; the hint explains the syntax", "[apply][check]") {
    HostWithTool host;
    host.said =
        "  FAILED:\n     " + kStaging +
        "/rules/r.yml: 5:15: group \"g\", rule 1, \"A\": could not parse expression: 1:4: parse error: "
        "unexpected \"=\"\n";
    const auto [said, hint] = host.refusal();
    CHECK(tests::contains(said, "\n  rules/r.yml:5:15: group"));
    CHECK(tests::contains(said, "(promtool here is 2.42, the image is prom/prometheus:v3.5.0)"));
    CHECK(tests::contains(hint, "PromQL compares with `==`"));
    CHECK_FALSE(tests::contains(hint, "install"));
}

TEST_CASE("a checker on the host finds files that the configuration names by container paths",
          "[apply][check]") {
    HostWithTool host;
    for (auto& resource : host.wanted) {
        if (auto* file = std::get_if<render::File>(&resource.what);
            file != nullptr && file->path == "/opt/prometheus/prometheus.yml") {
            file->content =
                "a: \"/etc/prometheus/secrets/s\"\nb: /etc/prometheus/x.yml\nc: \"see /etc/prometheus/y\"\n";
        }
    }
    std::string staged;
    host.processes.answer = [&](const system::Command&) {
        staged = host.files.entries.at(kStaging + "/prometheus.yml").bytes;
        return system::ProcessResult{0, false, "", ""};
    };
    host.check();
    CHECK(staged ==
          "a: \"" + kStaging + "/secrets/s\"\nb: \"" + kStaging + "/x.yml\"\nc: \"see /etc/prometheus/y\"\n");
    host.inContainers = true;
    host.check();
    CHECK(tests::contains(staged, "a: \"/etc/prometheus/secrets/s\""));
}

}  // namespace
}  // namespace vigie::apply
