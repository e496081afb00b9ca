// Tests spec/references: Checks that what the document names exists.

#include "spec/references.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <functional>

namespace vigie::spec {
namespace {

using Codes = std::vector<std::string>;

Diagnostics check(const std::function<void(Stack&)>& change) {
    Stack stack = tests::moments();
    change(stack);
    Diagnostics out;
    checkReferences(stack, Reporter(out, "a.yaml"));
    return out;
}

TEST_CASE("examples/moments has no reference to a missing name", "[spec]") {
    CHECK(check([](Stack&) {}).empty());
}

TEST_CASE("each reference to a missing name is one mistake", "[spec]") {
    const std::vector<std::function<void(Stack&)>> changes = {
        [](Stack& s) { s.projects[0].host = "vpz"; },
        [](Stack& s) { s.applications[0].project = "moment"; },
        [](Stack& s) { s.exporters[0].project = "moment"; },
        [](Stack& s) { s.exporters[0].pgbouncer->passwordFrom.secret = "x"; },
        [](Stack& s) { s.secrets[0].sealed["nowhere"] = "x"; },
        [](Stack& s) { s.prometheus->project = "x"; },
        [](Stack& s) { s.jaeger->project = "x"; },
        [](Stack& s) { s.wireguard.hub = "x"; },
        [](Stack& s) {
            s.wireguard.presharedKeys = {{{"vps", "x"}, {"smtp"}}};
        },
        [](Stack& s) {
            s.wireguard.presharedKeys = {{{"vps", "vm"}, {"x"}}};
        },
        [](Stack& s) {
            s.registries = {{"docker.io", "me", {"x"}}};
        },
        [](Stack& s) {
            s.healthChecks = {{"x", "backend", {}, {}}};
        },
        [](Stack& s) {
            s.healthChecks = {{{}, {}, "http://a", "x"}};
        },
        [](Stack& s) { s.alertmanager->project = "x"; },
        [](Stack& s) { s.alertmanager->smtp->passwordFrom->secret = "x"; },
        [](Stack& s) { s.alertmanager->route.receiver = "x"; },
        [](Stack& s) {
            s.alertmanager->route.routes.push_back({"x", {"a=b"}, false});
        },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        INFO("change " << i);
        CHECK(tests::codesOf(check(changes[i])) == Codes{"VG0201"});
    }
}

TEST_CASE("a health check must name either a container or a URL", "[spec]") {
    const auto codes = [](const HealthCheck& one) {
        return tests::codesOf(check([&](Stack& s) { s.healthChecks = {one}; }));
    };
    CHECK(codes({"moments", "backend", {}, {}}).empty());
    CHECK(codes({{}, {}, "http://127.0.0.1:8000/", {}}).empty());
    CHECK(codes({{}, {}, "http://127.0.0.1:8000/", "vps"}).empty());
    for (const auto& wrong : std::vector<HealthCheck>{{{}, {}, {}, {}},
                                                      {"moments", {}, {}, {}},
                                                      {{}, "backend", {}, {}},
                                                      {"moments", "backend", {}, "vps"},
                                                      {"moments", "backend", "http://a", {}},
                                                      {{}, {}, {}, "vps"}}) {
        CHECK(codes(wrong) == Codes{"VG0511"});
    }
}

TEST_CASE("only fields that are compared can be ignored", "[spec]") {
    const auto codes = [](const std::string& resource, const std::vector<std::string>& fields) {
        return tests::codesOf(check([&](Stack& s) { s.ignore = {{resource, fields}}; }));
    };
    CHECK(codes("compose:moments/backend", {"image", "labels", "healthcheck"}).empty());
    CHECK(codes("file:/etc/a", {"content", "mode", "owner"}).empty());
    CHECK(codes("wireguard:wg0", {}).empty());
    CHECK(codes("compose:moments/backend", {"mode"}) == Codes{"VG0512"});
    CHECK(codes("directory:/etc", {"content"}) == Codes{"VG0512"});
    CHECK(codes("wireguard:wg0", {"mtu", "peers"}) == Codes{"VG0512", "VG0512"});
}

TEST_CASE("an empty reference is a mistake where a name is required", "[spec]") {
    const std::vector<std::function<void(Stack&)>> changes = {
        [](Stack& s) { s.projects[0].host.clear(); },
        [](Stack& s) { s.applications[0].project.clear(); },
        [](Stack& s) { s.exporters[0].project.clear(); },
        [](Stack& s) { s.prometheus->project.clear(); },
        [](Stack& s) { s.alertmanager->route.receiver.clear(); },
        [](Stack& s) { s.alertmanager->smtp->passwordFrom->secret.clear(); },
        [](Stack& s) { s.rollout = {""}; },
        [](Stack& s) { s.hosts[0].dependsOn = {""}; },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        INFO("change " << i);
        CHECK(tests::codesOf(check(changes[i])) == Codes{"VG0201"});
    }
}

TEST_CASE("an optional reference that is empty is no mistake", "[spec]") {
    CHECK(check([](Stack& s) { s.wireguard.hub.clear(); }).empty());
    CHECK(check([](Stack& s) { s.alertmanager->route.routes.push_back({"", {"a=b"}, false}); }).empty());
}

TEST_CASE("an empty reference that the schema refuses is one mistake", "[spec]") {
    for (const char* written : {"\"\"", "null", "[a]", "{ a: b }"}) {
        CAPTURE(written);
        Diagnostics found;
        loadStack(
            "apiVersion: vigie.dev/v1alpha1\nkind: MonitoringStack\nmetadata: { name: a }\nspec:\n"
            "  hosts: [{ name: vm }]\n"
            "  projects: [{ name: p, host: vm, directory: /opt/p }]\n"
            "  prometheus: { project: " +
                std::string(written) + " }\n",
            "a.yaml", "0.1.0", found);
        CHECK(found.errors() == 1);
    }
}

TEST_CASE("the hint for a missing name suggests a similar one or lists the existing ones", "[spec]") {
    const auto near = check([](Stack& s) { s.projects[0].host = "vsp"; });
    CHECK(near.all()[0].hint == "did you mean `vps`?");
    const auto far = check([](Stack& s) { s.projects[0].host = "elsewhere"; });
    CHECK(far.all()[0].hint == "known: vps, vm");
    const auto none = check([](Stack& s) {
        s.secrets.clear();
        s.alertmanager.reset();
    });
    CHECK(none.all()[0].hint ==
          "create it with `printf %s 'the value' | vigie seal pgbouncer-stats DIR`, which prints the lines "
          "for `spec.secrets`");
}

TEST_CASE("a server may be in a user's project", "[spec]") {
    for (const auto& change : std::vector<std::function<void(Stack&)>>{
             [](Stack& s) { s.prometheus->project = "moments"; },
             [](Stack& s) { s.alertmanager->project = "moments"; },
             [](Stack& s) { s.jaeger->project = "moments"; },
         }) {
        CHECK(tests::codesOf(check(change)).empty());
    }
}

}  // namespace
}  // namespace vigie::spec
