// Tests kinds/compose/override_read.

#include "kinds/compose/override_read.hpp"

#include "system/memory_files.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::apply {
namespace {

render::ComposeProject project(const std::string& override = "docker-compose.monitoring.yml") {
    return {"shop", "/opt/shop", {"compose.yml", override}, {}, false};
}

void writeEnv(system::MemoryFiles& files, const std::string& text) {
    for (const char* directory : {"/opt", "/opt/shop"}) {
        if (!files.inspect(directory).exists()) {
            files.makeDirectory(directory, 0755, std::nullopt);
        }
    }
    files.write("/opt/shop/.env", text, 0644, std::nullopt);
}

TEST_CASE("compose reads an override under a usual name, or one that COMPOSE_FILE names", "[apply]") {
    system::MemoryFiles files;
    CHECK(readsOverride(project("compose.override.yml"), files));
    CHECK_FALSE(readsOverride(project(), files));
    writeEnv(files, "A=b\nCOMPOSE_FILE=compose.yml\n");
    CHECK_FALSE(readsOverride(project(), files));
    for (const char* line : {"COMPOSE_FILE=compose.yml:docker-compose.monitoring.yml\n",
                             "export COMPOSE_FILE=\"./compose.yml:./docker-compose.monitoring.yml\"",
                             "COMPOSE_FILE=x\nCOMPOSE_FILE=/opt/shop/docker-compose.monitoring.yml\n"}) {
        INFO(line);
        writeEnv(files, line);
        CHECK(readsOverride(project(), files));
    }
    writeEnv(files, "#COMPOSE_FILE=docker-compose.monitoring.yml\n");
    CHECK_FALSE(readsOverride(project(), files));
}

TEST_CASE("a plan says that the next plain `up` drops servers in a user's project", "[apply]") {
    system::MemoryFiles files;
    render::ComposeService server{{project(), {}}, false};
    server.service.name = "prometheus";
    server.service.image = "prom/prometheus:v3.5.0";
    const auto notes = [&] {
        return notesOnOverrides({{"compose:shop/prometheus", server, {}, "the container"}}, files);
    };
    CHECK(notes().empty());  // an exporter, or an application's part
    server.service.component = "prometheus";
    REQUIRE(notes().size() == 1);
    CHECK(tests::contains(notes()[0], "docker-compose.monitoring.yml` and drops prometheus"));
    server.project.ours = true;
    CHECK(notes().empty());
    server.project = project("docker-compose.override.yml");
    CHECK(notes().empty());
}

}  // namespace
}  // namespace vigie::apply
