#include "apply/check.hpp"

#include "base/error.hpp"
#include "system/memory_files.hpp"
#include "system/memory_processes.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

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
         render::Effect::reload,
         ""},
        {"file:/opt/prometheus/rules/r.yml",
         render::File{"/opt/prometheus/rules/r.yml", password, 0644, {}},
         {},
         render::Effect::reload,
         ""},
        {"file:/opt/prometheus-other/x",
         render::File{"/opt/prometheus-other/x", "x", 0644, {}},
         {},
         render::Effect::none,
         ""},
        {"reload:prometheus",
         Reload{Reload::Program::prometheus, "http://a", "d", {}, "/opt/prometheus/prometheus.yml"},
         {},
         render::Effect::none,
         ""},
        {"reload:alertmanager",
         Reload{Reload::Program::alertmanager, "http://b", "d", {}, "/opt/alertmanager/alertmanager.yml"},
         {},
         render::Effect::none,
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
    tests::FakeClock clock;

    std::vector<std::string> changed{"file:/opt/prometheus/rules/r.yml", "reload:alertmanager"};
    std::vector<std::string> progress;

    Host() { system::makeParents(files, kStaging); }
    void check(system::Processes& with) {
        checkWithTools(desired(), changed, kStaging, {files, with, http, http, clock},
                       [this](const std::string& line) { progress.push_back(line); });
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

TEST_CASE("each tool sees the files as its container will see them, with secrets masked", "[apply]") {
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

TEST_CASE("a program of which nothing changed is not checked", "[apply]") {
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

TEST_CASE("the leftover of an earlier check is not checked", "[apply]") {
    Host host;
    system::makeParents(host.files, kStaging + "/rules/old.yml");
    host.files.write(kStaging + "/rules/old.yml", "broken", 0600, std::nullopt);
    host.processes.answer = [&](const system::Command&) {
        CHECK_FALSE(host.files.inspect(kStaging + "/rules/old.yml").exists());
        return system::ProcessResult{0, false, "", ""};
    };
    host.check();
}

TEST_CASE("the tool's complaint is passed on without our temporary paths", "[apply]") {
    Host host;
    host.processes.answer = [](const system::Command&) {
        return system::ProcessResult{
            1, false, "Checking " + kStaging + "/prometheus.yml\n SUCCESS: 1 rule file\n",
            "  FAILED: " + kStaging + "/rules/r.yml: bad, see " + kStaging + "/prometheus.yml\n\n"};
    };
    const auto complaint = host.complaint();
    CHECK(tests::contains(complaint, "promtool refuses the configuration:\n"));
    CHECK(tests::contains(complaint, "  FAILED: rules/r.yml: bad, see prometheus.yml"));
    CHECK_FALSE(tests::contains(complaint, "staging"));
    CHECK_FALSE(tests::contains(complaint, "Checking"));
}

TEST_CASE("a tool that does not finish is an error", "[apply]") {
    Host host;
    host.processes.answer = [](const system::Command&) { return system::ProcessResult{-1, true, "", ""}; };
    CHECK(tests::contains(host.complaint(), "did not finish in time"));
}

TEST_CASE("a tool that is missing is an error, not a pass", "[apply]") {
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

TEST_CASE("a refused check leaves nothing behind", "[apply]") {
    Host host;
    host.processes.answer = [](const system::Command&) { return system::ProcessResult{1, false, "", "bad"}; };
    host.complaint();
    CHECK(host.files.list("/var/lib/vigie").empty());
}

}  // namespace
}  // namespace vigie::apply
