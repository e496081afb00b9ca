// Tests cli/project_facts: The facts of the compose projects of this host.

#include "cli/project_facts.hpp"

#include "facts/model.hpp"
#include "render/builder.hpp"
#include "system/memory_attach.hpp"
#include "system/memory_files.hpp"
#include "system/memory_names.hpp"
#include "system/memory_processes.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>

namespace vigie::cli {
namespace {

using nlohmann::json;

/// A host on which the runbook's project runs with the file that vigie adds, and one that vigie renders.
struct Vps {
    system::MemoryFiles files;
    system::MemoryProcesses processes;
    tests::FakeHttp http;
    tests::FakeHttp engine;
    tests::FakeClock clock;
    system::MemoryNames names;
    system::MemoryAttach attach;

    Vps() {
        files.makeDirectory("/opt", 0755, {});
        files.makeDirectory("/opt/moments", 0755, {});
        files.write("/opt/moments/docker-compose.prod.yml", "services: {}\n", 0644, {});
        files.write("/opt/moments/docker-compose.monitoring.yml",
                    "# " + std::string(render::kManaged) + "\nservices: {}\n", 0600, {});
        engine.answer = [](const system::HttpRequest& request) {
            return system::HttpResponse{
                200, tests::contains(request.url, "/networks")
                         ? R"([{"Name": "bridge", "IPAM": {"Config": [{"Subnet": "172.17.0.0/16"}]}}])"
                         : containers()};
        };
        processes.answer = [](const system::Command& command) {
            const bool compose = command.argv[0] == "docker";
            return system::ProcessResult{
                0,
                false,
                compose
                    ? tests::readSource("tests/unit/cli/compose_config.json")
                    : R"([{"ifname": "eth0", "addr_info": [{"local": "203.0.113.10", "prefixlen": 24, "scope": "global"}]}])",
                {}};
        };
    }

    static std::string containers() {
        const auto container = [](const char* project, const std::string& composeFiles) {
            return json{{"Labels",
                         {{"com.docker.compose.project", project},
                          {"com.docker.compose.project.working_dir", std::string("/opt/") + project},
                          {"com.docker.compose.project.config_files", composeFiles},
                          {"com.docker.compose.project.environment_file",
                           "/opt/moments/.env,/opt/moments/.env.monitoring"}}}};
        };
        const std::string managed = "/opt/moments/docker-compose.monitoring.yml";
        return json::array({container("moments", "/opt/moments/docker-compose.prod.yml," + managed),
                            container("moments", "/opt/moments/docker-compose.prod.yml," + managed),
                            container("ours", managed), json{{"Labels", json::object()}}})
            .dump();
    }

    system::System system() { return {files, processes, http, engine, clock, names, attach}; }
};

TEST_CASE("facts of a project are read without the files that vigie writes", "[facts]") {
    Vps host;
    const auto out = projectFacts(host.system(), {});
    REQUIRE(out.size() == 1);
    CHECK(out[0]["name"] == "moments");
    CHECK(out[0]["files"].dump() == R"(["/opt/moments/docker-compose.prod.yml"])");
    CHECK(out[0]["digests"]["/opt/moments/docker-compose.prod.yml"] ==
          facts::composeFileDigest("services: {}\n"));
    CHECK(out[0]["services"].size() == 3);
    REQUIRE(host.processes.commands.size() == 1);
    const auto& command = host.processes.commands[0];
    CHECK(std::count(command.begin(), command.end(), "--file") == 1);
    CHECK(std::count(command.begin(), command.end(), "--env-file") == 2);
    // Values of the environment files stay where they are.
    CHECK(std::count(command.begin(), command.end(), "--no-interpolate") == 1);
    CHECK(host.files.mutations.size() == 4);  // those of the test itself
}

TEST_CASE("a file that vigie will replace can be left out of a project's facts", "[facts]") {
    Vps host;
    host.files.write("/opt/moments/docker-compose.monitoring.yml", "services: {}\n", 0600, {});
    CHECK(projectFacts(host.system(), {})[0]["files"].size() == 2);
    CHECK(projectFacts(host.system(), {"docker-compose.monitoring.yml"})[0]["files"].size() == 1);
}

TEST_CASE("facts that could not be collected are null", "[facts]") {
    Vps host;
    SECTION("Compose fails") {
        host.processes.answer = [](const system::Command&) {
            return system::ProcessResult{1, false, "{}", "no"};
        };
        CHECK(projectFacts(host.system(), {})[0]["services"].is_null());
    }
    SECTION("the engine does not answer") {
        host.engine.answer = [](const system::HttpRequest&) { return system::HttpResponse{500, "[]"}; };
        CHECK(projectFacts(host.system(), {}).is_null());
        CHECK(networkFacts(host.system(), "wg0").is_null());
    }
    SECTION("`ip` prints nothing") {
        host.processes.answer = {};
        CHECK(networkFacts(host.system(), "wg0").is_null());
    }
}

TEST_CASE("collected facts are read back without mistakes", "[facts]") {
    Vps host;
    const json all = {{"apiVersion", "vigie.dev/v1alpha1"},
                      {"kind", "HostFacts"},
                      {"tools", nullptr},
                      {"networks", networkFacts(host.system(), "wg0")},
                      {"projects", projectFacts(host.system(), {})}};
    spec::Diagnostics mistakes;
    const auto facts = facts::loadFacts(all.dump(2), "facts/vps.json", mistakes);
    CHECK(mistakes.empty());
    REQUIRE(facts);
    CHECK(facts->networks->size() == 2);
    CHECK(facts->projects->at(0).services->count("backend") == 1);
}

}  // namespace
}  // namespace vigie::cli
