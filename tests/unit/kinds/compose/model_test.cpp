// Tests plan/containers: What is said of a container that runs and is not as it should be.

#include "plan/plan.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::plan {
namespace {

using tests::contains;

const std::string kId = "compose:monitoring/prometheus";

/// A container of ours.
render::ComposeService ours() {
    render::ComposeService out;
    out.project = {"monitoring", "/opt/monitoring", {"compose.yaml"}, {}, true};
    auto& service = out.service;
    service.name = "prometheus";
    service.image = "prom/prometheus:v3.5.0";
    service.containerName = "prometheus";
    service.user = "65534:65534";
    service.restart = "unless-stopped";
    service.command = {"--config=/etc/prometheus/prometheus.yml", "--web.enable-lifecycle"};
    service.ports = {{"10.66.66.1", 9090, 9090}, {"127.0.0.1", 9090, 9090}};
    service.environment = {{"GOGC", "75"}};
    service.mounts = {{"./prometheus", "/etc/prometheus", true}, {"./data", "/prometheus", false}};
    service.contentDigest = "content";
    return out;
}

/// A container of the user's, to which only environment is added.
render::ComposeService users() {
    render::ComposeService out;
    out.project = {"monitoring", "/srv/app", {"compose.yaml", "override.yml"}, {}, false};
    out.service.name = "prometheus";
    out.service.environment = {{"ENABLE_METRICS", "true"}};
    return out;
}

ObservedImage image() {
    return {
        "sha256:one", {"/bin/prometheus"}, {"--of-the-image"}, "nobody", {{"LANG", "C"}, {"PATH", "/bin"}}};
}

/// The container that compose makes of `compose`.
ObservedContainer made(const render::ComposeService& compose) {
    const auto& service = compose.service;
    ObservedContainer out;
    out.id = "0123";
    out.service = service.name;
    out.state = "running";
    out.quietMs = 3'600'000;
    out.environment = service.environment;
    out.labels = service.labels();
    out.labels["com.docker.compose.project"] = "monitoring";
    if (!service.whole()) {
        out.image = "registry.example.org/app:latest";
        out.imageId = "sha256:app";
        return out;
    }
    out.name = service.containerName;
    out.image = service.image;
    out.imageId = image().id;
    out.entrypoint = image().entrypoint;
    for (const auto& argument : service.command) {
        out.command.emplace_back(view(argument.reveal()));
    }
    out.user = service.user;
    out.restart = service.restart;
    out.environment["LANG"] = "C";
    out.environment["PATH"] = "/bin";
    out.ports = {"10.66.66.1:9090:9090", "127.0.0.1:9090:9090"};
    out.binds = {{"/opt/monitoring/data", "/prometheus", false},
                 {"/opt/monitoring/prometheus", "/etc/prometheus", true}};
    out.networks = {"monitoring_default"};
    return out;
}

struct Host {
    explicit Host(const render::ComposeService& compose) : wanted(compose), is(made(compose)) {
        observed.images[ours().service.image] = image();
    }
    render::ComposeService wanted;
    std::optional<ObservedContainer> is;
    std::string problem;
    Observed observed;
    state::Inventory inventory;

    [[nodiscard]] render::Resource resource() const { return {kId, wanted, {}, "the container"}; }
    Change plan() {
        observed.projects["monitoring"] = {problem, {}};
        if (is) {
            observed.projects["monitoring"].containers.push_back(*is);
        }
        return makePlan({resource()}, observed, inventory, {Activation::all}).changes.at(0);
    }
    /// The document still says what was applied.
    Change again() {
        inventory[kId].digest = digestOf(resource());
        return plan();
    }
};

TEST_CASE("a container that matches the document is left alone", "[plan][containers]") {
    for (const auto& compose : {ours(), users()}) {
        Host host(compose);
        CHECK(host.plan().action == Action::none);
        CHECK(host.again().action == Action::none);
        CHECK(host.again().reason == "as it should be");
        CHECK(host.again().diff.empty());
        host.is->id = "4567";
        host.is->restartCount = 9;
        host.is->labels["com.docker.compose.config-hash"] = "anything";
        CHECK(host.again().action == Action::none);
    }
}

TEST_CASE("a field that the image sets itself is compared with the image", "[plan][containers]") {
    auto compose = ours();
    compose.service.user.clear();
    compose.service.command.clear();
    compose.service.containerName.clear();
    Host host(compose);
    host.is->user = image().user;
    host.is->command = image().command;
    host.is->name = "monitoring-prometheus-1";
    CHECK(host.plan().action == Action::none);
    host.is->command = {"sh"};
    CHECK(contains(host.plan().reason, "command changed"));
    host.observed.images.clear();
    CHECK(host.plan().action == Action::none);
}

struct Edit {
    std::string field;
    std::string shown;  // a line of the diff
    std::function<void(ObservedContainer&)> edit;
};

const std::vector<Edit> kEdits = {
    {"image", "-image: prom/prometheus:v2\n+image: prom/prometheus:v3.5.0\n",
     [](auto& is) { is.image = "prom/prometheus:v2"; }},
    {"image digest", "-image digest: sha256:old\n+image digest: sha256:one\n",
     [](auto& is) { is.imageId = "sha256:old"; }},
    {"command", "---web.debug\n", [](auto& is) { is.command.emplace_back("--web.debug"); }},
    {"entrypoint", "-entrypoint: sh\n+entrypoint: /bin/prometheus\n",
     [](auto& is) { is.entrypoint = {"sh"}; }},
    {"health check", "-health check: CMD true Interval=1\n",
     [](auto& is) {
         is.healthcheck = {"CMD", "true", "Interval=1"};
     }},
    {"user", "-user: 0:0\n+user: 65534:65534\n", [](auto& is) { is.user = "0:0"; }},
    {"environment GOGC", "+environment GOGC: 75\n", [](auto& is) { is.environment.erase("GOGC"); }},
    {"environment GOGC", "-environment GOGC: ***\n+environment GOGC: 75\n",
     [](auto& is) { is.environment["GOGC"] = "1"; }},
    {"environment LD_PRELOAD", "-environment LD_PRELOAD: ***\n",
     [](auto& is) { is.environment["LD_PRELOAD"] = "/x.so"; }},
    {"environment LANG", "-environment LANG: ***\n", [](auto& is) { is.environment["LANG"] = "de"; }},
    {"restart policy", "-restart policy: no\n+restart policy: unless-stopped\n",
     [](auto& is) { is.restart = "no"; }},
    {"ports", "-ports: 10.66.66.1:9090:9090\n", [](auto& is) { is.ports.pop_back(); }},
    {"ports", "-ports: 0.0.0.0:9090:9090\n", [](auto& is) { is.ports = {"0.0.0.0:9090:9090"}; }},
    {"mounts", "-mounts: /opt/monitoring/data:/prometheus, /opt/monitoring/prometheus:/etc/prometheus\n",
     [](auto& is) { is.binds[1].readOnly = false; }},
    {"mounts", "-mounts: /opt/monitoring/data:/prometheus\n", [](auto& is) { is.binds.pop_back(); }},
    {"mounts", "/tmp/x:/prometheus\n", [](auto& is) { is.binds[0].source = "/tmp/x"; }},
    {"networks", "-networks: host\n+networks: monitoring_default\n",
     [](auto& is) { is.networks = {"host"}; }},
    {"networks", "-networks: monitoring_default, other\n",
     [](auto& is) { is.networks.emplace_back("other"); }},
    {"capabilities", "-capabilities: +NET_ADMIN, privileged\n",
     [](auto& is) {
         is.capabilities = {"+NET_ADMIN", "privileged"};
     }},
    {"name", "-name: other\n+name: prometheus\n", [](auto& is) { is.name = "other"; }},
    {"content of its mounts", "changed: the files are read at the start only\n",
     [](auto& is) { is.labels["dev.vigie.content"] = "older"; }},
    {"content of its mounts", "changed: the files are read at the start only\n",
     [](auto& is) { is.labels.erase("dev.vigie.content"); }},
    {"label dev.vigie.config", "-label dev.vigie.config: older\n",
     [](auto& is) { is.labels["dev.vigie.config"] = "older"; }},
    {"label dev.vigie.config",
     "+label dev.vigie.config: ", [](auto& is) { is.labels.erase("dev.vigie.config"); }},
};

TEST_CASE("a container that differs in any one field is recreated, and the field is named",
          "[plan][containers]") {
    for (const auto& [field, shown, edit] : kEdits) {
        INFO(field << ": " << shown);
        Host host(ours());
        edit(*host.is);
        const auto changed = host.plan();
        CHECK(changed.action == Action::recreate);
        CHECK_FALSE(changed.reversible());
        CHECK(changed.reason == field + " changed; what it holds in memory is lost");
        CHECK(contains(changed.diff.text(Audience::terminal), shown));
        const auto drift = host.again();
        CHECK(drift.action == Action::recreate);
        CHECK(drift.reason == field + " differ on the host; what it holds in memory is lost");
    }
}

TEST_CASE("neither the order of ports nor that of mounts matters", "[plan][containers]") {
    auto compose = ours();
    std::swap(compose.service.ports[0], compose.service.ports[1]);
    std::swap(compose.service.mounts[0], compose.service.mounts[1]);
    Host host(compose);
    std::swap(host.is->binds[0], host.is->binds[1]);
    CHECK(host.plan().action == Action::none);
}

TEST_CASE("all differing fields of a container are named", "[plan][containers]") {
    Host host(ours());
    host.is->user = "0:0";
    host.is->restart = "no";
    host.is->networks = {"host"};
    CHECK(contains(host.plan().reason, "user, restart policy, networks changed"));
}

constexpr const char* kCanary = "canary-4711";

TEST_CASE("a changed secret in a container's command recreates it and is not shown", "[plan][containers]") {
    auto compose = ours();
    render::Text argument("--dsn=");
    argument.append({"id", std::make_shared<const SecureBytes>(secureBytes("canary-new"))},
                    render::Encoding::raw);
    compose.service.command.push_back(argument);
    Host host(compose);
    CHECK(host.plan().action == Action::none);
    host.is->command.back() = "--dsn=canary-old";
    const auto change = host.plan();
    CHECK(change.action == Action::recreate);
    CHECK(change.diff.text(Audience::terminal) == "a secret in the command differs; it is not shown\n");
    host.is->command.emplace_back("--other canary-other");
    CHECK(host.plan().action == Action::recreate);
    CHECK_FALSE(contains(host.plan().diff.text(Audience::terminal), "canary"));
}

TEST_CASE("a changed secret in a container's environment recreates it and is not shown",
          "[plan][containers]") {
    for (auto compose : {ours(), users()}) {
        compose.service.secretEnvironment["TOKEN"] = {
            "id", std::make_shared<const SecureBytes>(secureBytes("canary-new"))};
        Host host(compose);
        CHECK(host.plan().reason == "environment TOKEN changed; what it holds in memory is lost");
        CHECK(host.plan().diff.text(Audience::terminal) == "+environment TOKEN: ***\n");
        host.is->environment["TOKEN"] = "canary-old";
        CHECK(host.plan().action == Action::recreate);
        CHECK_FALSE(contains(host.plan().diff.text(Audience::terminal), "canary"));
        host.is->environment["TOKEN"] = "canary-new";
        CHECK(host.plan().action == Action::none);
    }
}

TEST_CASE("a user's service without a mount of vigie is recreated; its own mounts do not matter",
          "[plan][containers]") {
    auto compose = users();
    compose.service.mounts = {{"./vigie-secrets/prometheus", "/etc/vigie-secrets", true}};
    Host host(compose);
    host.is->binds = {{"/srv/app/data", "/data", false}};
    CHECK(contains(host.plan().diff.text(Audience::terminal),
                   "+mounts: /srv/app/vigie-secrets/prometheus:/etc/vigie-secrets:ro"));
    host.is->binds.push_back({"/srv/app/vigie-secrets/prometheus", "/etc/vigie-secrets", true});
    CHECK(host.plan().action == Action::none);
}

TEST_CASE("capabilities of the document are no drift, others are", "[plan][containers]") {
    auto compose = ours();
    compose.service.capabilities = {"NET_RAW"};
    Host host(compose);
    CHECK(contains(host.plan().diff.text(Audience::terminal), "+capabilities: +NET_RAW, -ALL\n"));
    host.is->capabilities = {"+NET_RAW", "-ALL"};
    CHECK(host.plan().action == Action::none);
    host.is->capabilities.emplace_back("privileged");
    CHECK(host.plan().action == Action::recreate);
}

TEST_CASE("values set on a container by hand are never quoted", "[plan][containers]") {
    const std::string canary = kCanary;
    const std::vector<std::function<void(ObservedContainer&)>> edits = {
        [&](auto& is) { is.environment["POSTGRES_PASSWORD"] = canary; },
        [&](auto& is) { is.environment["GOGC"] = canary; },
        [&](auto& is) { is.environment["LANG"] = canary; },
        [&](auto& is) { is.command.push_back("--password=" + canary); },
        [&](auto& is) {
            is.command.insert(is.command.end(), {"--password", canary});
        },
        [&](auto& is) {
            is.command.insert(is.command.end(), {"--db-pass", "x " + canary, "more"});
        },
        [&](auto& is) { is.command.push_back("postgres://u:" + canary + "@db/app"); },
        [&](auto& is) {
            is.entrypoint = {"sh", "-c", "TOKEN=" + canary + " run"};
        },
        [&](auto& is) {
            is.entrypoint = {"run", "--api-key", canary};
        },
        [&](auto& is) {
            is.entrypoint = {"run", "--api-key=" + canary};
        },
        [&](auto& is) {
            is.entrypoint = {"sh", "-c", "run --password " + canary};
        },
        [&](auto& is) {
            is.command = {"--password", "--token", canary};
        },
    };
    for (std::size_t i = 0; i < edits.size(); ++i) {
        for (const bool ownCommand : {true, false}) {
            INFO(i << " " << ownCommand);
            auto compose = ours();
            if (!ownCommand) {
                compose.service.command.clear();
            }
            Host host(compose);
            edits[i](*host.is);
            const auto change = host.plan();
            CHECK(change.action == Action::recreate);
            CHECK_FALSE(contains(change.diff.text(Audience::terminal) + change.reason, canary));
        }
    }
}

TEST_CASE("a user's service is compared only in fields that vigie adds", "[plan][containers]") {
    for (const auto& [field, shown, edit] : kEdits) {
        if (field == "environment GOGC" || field == "label dev.vigie.config") {
            continue;
        }
        INFO(field);
        auto compose = users();
        compose.service.contentDigest = field == "content of its mounts" ? "" : compose.service.contentDigest;
        Host host(compose);
        host.is->binds = {{"/a", "/a", true}, {"/b", "/b", true}};
        host.is->ports = {"0.0.0.0:80:80"};
        edit(*host.is);
        CHECK(host.again().action == Action::none);
    }
    Host host(users());
    host.is->environment.erase("ENABLE_METRICS");
    CHECK(host.plan().action == Action::recreate);
    CHECK(contains(host.plan().reason, "environment ENABLE_METRICS"));
}

TEST_CASE("a user's service that already has vigie's additions is adopted without a restart",
          "[plan][containers]") {
    Host host(users());
    host.is->labels.erase("dev.vigie.config");
    CHECK(host.plan().action == Action::none);
    host.is->labels["dev.vigie.config"] = "older";  // made by us with something that has to go
    CHECK(host.plan().action == Action::recreate);
}

TEST_CASE("drift of a user's service is repaired only after it was quiet for a minute",
          "[plan][containers]") {
    Host host(users());
    host.is->environment.erase("ENABLE_METRICS");
    host.is->quietMs = 59'999;
    CHECK(host.again().action == Action::none);
    CHECK(contains(host.again().reason, "changed less than a minute ago"));
    host.is->quietMs = 60'000;
    CHECK(host.again().action == Action::recreate);
    host.is = made(users());
    host.is->state = "exited";
    host.is->quietMs = 0;
    CHECK(host.again().action == Action::none);
    host.is->quietMs = 60'000;
    CHECK(host.again().action == Action::restart);
}

TEST_CASE("a stale mount restarts vigie's container and is only reported for a user's container",
          "[plan][containers]") {
    Host host(ours());
    host.is->staleMounts = {"/somewhere/else"};
    CHECK(host.again().action == Action::none);
    host.is->staleMounts = {ours().service.mounts.at(0).target};
    CHECK(host.again().action == Action::restart);
    CHECK(contains(host.again().reason, "was replaced on this host"));
    CHECK(contains(host.again().reason, ours().service.mounts.at(0).target));
    host.is->health = "unhealthy";  // because of that
    CHECK(host.again().action == Action::restart);
    auto theirs = users();
    theirs.service.mounts = {{"./vigie/app", "/etc/vigie", true}};
    Host other(theirs);
    other.is->binds = {{"/srv/app/vigie/app", "/etc/vigie", true}};
    other.is->staleMounts = {"/etc/vigie"};
    CHECK(other.again().action == Action::drift);
    CHECK(contains(other.again().reason, "only reported"));
}

TEST_CASE("a changed document and drift of vigie's own container are applied without a delay",
          "[plan][containers]") {
    Host host(users());
    host.is->environment.erase("ENABLE_METRICS");
    host.is->quietMs = 0;
    CHECK(host.plan().action == Action::recreate);
    Host whole(ours());
    whole.is->quietMs = 0;
    whole.is->user = "0:0";
    CHECK(whole.again().action == Action::recreate);
}

TEST_CASE("a missing container of vigie is created, a user's one is not", "[plan][containers]") {
    Host host(ours());
    host.is.reset();
    CHECK(host.plan().action == Action::create);
    CHECK(host.plan().reason == "the container: does not exist yet");
    CHECK(host.again().reason == "the container: is gone");
    Host theirs(users());
    theirs.is.reset();
    CHECK(theirs.plan().action == Action::none);
    CHECK_FALSE(theirs.plan().ownable);
}

TEST_CASE("a container that ended is started again", "[plan][containers]") {
    for (const char* state : {"exited", "created", "dead", "paused"}) {
        INFO(state);
        Host host(ours());
        host.is->state = state;
        CHECK(host.again().action == Action::restart);
        CHECK(contains(host.again().reason, state));
    }
    Host host(ours());
    host.is->state = "exited";
    host.is->exitCode = 137;
    CHECK(host.again().reason == "is exited (exit code 137)");
}

TEST_CASE("a running container that is unhealthy or restarting is only reported", "[plan][containers]") {
    Host host(ours());
    host.is->state = "restarting";
    host.is->exitCode = 2;
    CHECK(host.again().action == Action::drift);
    CHECK(host.again().reason == "keeps restarting (exit code 2): only reported");
    host.is->state = "running";
    host.is->health = "unhealthy";
    CHECK(host.again().action == Action::drift);
    CHECK(host.again().reason == "runs and is unhealthy: only reported");
    host.is->health = "starting";
    CHECK(host.again().action == Action::none);
    host.is->health = "unhealthy";
    host.is->user = "0:0";
    CHECK(host.again().action == Action::recreate);
}

TEST_CASE("without a Docker engine a changed or new container is refused, and an applied one stays",
          "[plan][containers]") {
    Host host(ours());
    host.problem = "cannot connect to /run/docker.sock";
    CHECK(host.plan().action == Action::refuse);
    CHECK(host.plan().reason == host.problem);
    CHECK(host.again().action == Action::none);
    CHECK(host.again().reason == host.problem);
    host.inventory.clear();
    CHECK(makePlan({host.resource()}, {}, {}, {Activation::all}).changes.at(0).action == Action::refuse);
}

TEST_CASE("a rebuild is done once for each token", "[plan][containers]") {
    const auto resource = [](const char* token) {
        return render::Resource{"rebuild:monitoring/app",
                                render::Rebuild{users().project, "app", token},
                                {},
                                "the image is built anew"};
    };
    Observed observed;
    const auto plan = [&](const char* token, const state::Inventory& inventory) {
        return makePlan({resource(token)}, observed, inventory, {Activation::all}).changes.at(0);
    };
    CHECK(plan("1", {}).action == Action::refuse);
    observed.projects["monitoring"];
    CHECK(plan("1", {}).action == Action::recreate);
    const state::Inventory done{{"rebuild:monitoring/app", {digestOf(resource("1")), ""}}};
    CHECK(plan("1", done).action == Action::none);
    CHECK(plan("2", done).action == Action::recreate);
    observed.projects["monitoring"].problem = "dead";
    CHECK(plan("1", done).action == Action::none);
    CHECK(plan("2", done).action == Action::refuse);
}

/// Ours, in a network of somebody else's and with data that were there before.
render::ComposeService placed() {
    auto out = ours();
    out.service.networks = {"shop_default"};
    out.service.mounts[1] = {.source = "metrics", .target = "/prometheus", .found = true};
    return out;
}

ObservedContainer madePlaced() {
    auto out = made(placed());
    out.networks = {"shop_default", "monitoring_default"};
    out.networkIds = {{"shop_default", "aaaaaaaaaaaaaaaa"}};
    out.binds = {{"/opt/monitoring/prometheus", "/etc/prometheus", true}};
    out.volumes = {{"metrics", "/prometheus", false}, {"f00d", "/anonymous", false}};
    return out;
}

TEST_CASE("a container in a network that was made anew is made anew", "[plan][containers]") {
    Host host(placed());
    host.is = madePlaced();
    host.observed.networks = {{"shop_default", "aaaaaaaaaaaaaaaa"}};
    CHECK(host.again().reason == "as it should be");
    host.observed.networks = {{"shop_default", "bbbbbbbbbbbbbbbb"}};
    for (const char* state : {"running", "exited"}) {
        host.is->state = state;
        const auto change = host.again();
        CHECK(change.action == Action::recreate);
        CHECK(contains(change.reason, "network shop_default"));
    }
    host.is->networks = {"monitoring_default"};
    host.is->networkIds.clear();
    CHECK(contains(host.again().reason, "networks differ"));
}

TEST_CASE("a plan says which network or data an apply would miss", "[plan][containers]") {
    Host host(placed());
    host.is.reset();
    host.observed.networks = {{"shop_default", ""}};
    CHECK(contains(host.plan().reason, "the network `shop_default` is not there"));
    host.observed.networks = {{"shop_default", "aaaa"}};
    host.observed.data = {{"metrics", {{}, {65534, 65534}}}};
    CHECK_FALSE(contains(host.plan().reason, "refuses"));
    host.observed.data = {{"metrics", {{}, {1000, 1000}}}};
    CHECK(contains(host.plan().reason, "belong to 1000:1000, and the program runs as 65534:65534"));
    host.observed.data = {{"metrics", {"are not there: there is no such volume", {}}}};
    CHECK(contains(host.plan().reason, "there is no such volume"));
}

TEST_CASE("a server does not take the place of a service that the user's project has", "[plan][containers]") {
    auto compose = ours();
    compose.project = {"monitoring", "/srv/app", {"compose.yaml", "override.yml"}, {}, false};
    Host host(compose);
    host.is->labels.erase(render::kConfigLabel);
    CHECK(host.plan().action == Action::recreate);  // an exporter
    host.wanted.service.component = "prometheus";
    const auto change = host.plan();
    CHECK(change.action == Action::refuse);
    CHECK(contains(change.reason, "`attach: prometheus`"));
    host.is->labels[render::kConfigLabel] = "of a state that was lost";
    CHECK(host.plan().action == Action::recreate);
    host.is->labels.erase(render::kConfigLabel);
    host.inventory[kId].digest = "ours";
    CHECK(host.plan().action == Action::recreate);
}

TEST_CASE("another volume, or none, in the place of the wanted one is a difference", "[plan][containers]") {
    Host host(placed());
    host.is = madePlaced();
    host.is->volumes[0].source = "other";
    CHECK(contains(host.again().diff.text(), "+mounts: metrics:/prometheus"));
    host.is->volumes.clear();
    CHECK(host.again().action == Action::recreate);
}

TEST_CASE("what the document adds to a container is compared, or counts by its digest",
          "[plan][containers]") {
    auto compose = ours();
    compose.service.restart = "on-failure:3";
    const auto node = [](std::string text) {
        spec::Node out;
        out.kind = spec::Node::Kind::scalar;
        out.scalar = std::move(text);
        return out;
    };
    spec::Node capabilities;
    capabilities.kind = spec::Node::Kind::sequence;
    capabilities.items = {node("CAP_NET_ADMIN")};
    compose.service.compose.kind = spec::Node::Kind::map;
    compose.service.compose.entries = {{"mem_limit", {}, node("1g")}, {"cap_add", {}, capabilities}};
    Host host(compose);
    host.is->restart = "on-failure";
    host.is->capabilities = {"+NET_ADMIN"};
    CHECK(host.again().reason == "as it should be");
    host.wanted.service.compose.entries[0].value = node("2g");
    CHECK(host.plan().action == Action::recreate);
}

}  // namespace
}  // namespace vigie::plan
