// Tests kinds/compose/host: what is refused before a transaction begins.

#include "kinds/compose/host.hpp"

#include "apply/refused.hpp"
#include "system/memory_attach.hpp"
#include "system/memory_files.hpp"
#include "system/memory_names.hpp"
#include "system/memory_processes.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::kinds {
namespace {

using tests::contains;

/// A host on which Prometheus is to be made, in the network of somebody else and with data that were there.
struct Host {
    system::MemoryFiles files;
    system::MemoryProcesses processes;
    tests::FakeHttp http;
    tests::FakeHttp engine;
    tests::FakeClock clock;
    system::MemoryNames names;
    system::MemoryAttach attach;
    system::System system{files, processes, http, engine, clock, names, attach};
    std::string networks = R"([{"Name": "shop_default", "Id": "1111"}])";
    std::string data = "/srv/metrics";
    plan::Action action = plan::Action::create;

    Host() {
        files.makeDirectory("/srv", 0755, std::nullopt);
        files.makeDirectory("/srv/metrics", 0755, Owner{65534, 65534});
        engine.answer = [this](const system::HttpRequest& request) -> system::HttpResponse {
            return contains(request.url, "/networks?") ? system::HttpResponse{200, networks}
                                                       : system::HttpResponse{404, "{}"};
        };
    }
    void require() const {
        render::ComposeService compose;
        compose.project = {"monitoring", "/opt/monitoring", {"compose.yaml"}, {}, true};
        compose.service.name = "prometheus";
        compose.service.image = "prom/prometheus:v3.5.0";
        compose.service.user = "65534:65534";
        compose.service.networks = {"shop_default"};
        compose.service.mounts = {{.source = data, .target = "/prometheus", .found = true}};
        const std::vector<render::Resource> desired{{"compose:monitoring/prometheus", compose, {}, "it"}};
        plan::Plan plan;
        plan.changes.push_back({.id = desired[0].id, .action = action, .reason = {}, .diff = {}});
        const state::Inventory inventory;
        ComposeHost::requireNeeds({.desired = desired,
                                   .plan = plan,
                                   .inventory = inventory,
                                   .stateDirectory = "/var/lib/vigie",
                                   .progress = {},
                                   .system = system,
                                   .patient = system});
    }
    /// What is refused, in words.
    [[nodiscard]] std::string refused() const {
        try {
            require();
        } catch (const apply::Refused& error) {
            return error.what();
        }
        return {};
    }
};

TEST_CASE("a container in a network that is not there is not begun", "[apply]") {
    Host host;
    CHECK(host.refused().empty());
    host.networks = "[]";
    CHECK_THROWS_AS(host.require(), apply::NetworkMissing);
    CHECK(contains(host.refused(), "`docker network create shop_default`"));
    host.action = plan::Action::none;
    CHECK(host.refused().empty());
}

TEST_CASE("data that were there before must be there, and belong to the program", "[apply]") {
    Host host;
    host.data = "/srv/elsewhere";
    CHECK(contains(host.refused(), "there is no such directory"));
    host.data = "metrics";
    CHECK(contains(host.refused(), "there is no such volume"));
    host.data = "/srv/metrics";
    host.files.setAttributes("/srv/metrics", 0755, Owner{1000, 1000});
    CHECK(contains(host.refused(), "chown -R 65534:65534 /srv/metrics"));
}

}  // namespace
}  // namespace vigie::kinds
