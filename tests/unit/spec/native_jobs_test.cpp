// Tests spec/native_jobs: which derived jobs native configuration has already.

#include "spec/native_jobs.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>

namespace vigie::spec {
namespace {

NativeJob jobNamed(const Stack& stack, const std::string& name, const std::string& target,
                   const std::string& called = "mine") {
    Diagnostics diagnostics;
    const auto root = readNative(
        "scrape_configs: [{ job_name: " + called + ", static_configs: [{ targets: ['" + target + "'] }] }]\n",
        "f.yml", diagnostics);
    REQUIRE(root);
    const auto jobs = nativeJobs(stack, stack.prometheus->servers().front(), {*root});
    const auto it =
        std::find_if(jobs.begin(), jobs.end(), [&](const NativeJob& each) { return each.name == name; });
    REQUIRE(it != jobs.end());
    return *it;
}

}  // namespace

TEST_CASE("a job counts as a component's by any way to its port, and by no other", "[spec][native]") {
    auto stack = tests::moments();
    REQUIRE_FALSE(stack.exporters.empty());
    const auto& exporter = stack.exporters.front();
    const auto& host = stack.hostOfProject(exporter.project);
    const auto port = ":" + std::to_string(exporter.port);
    CHECK(jobNamed(stack, exporter.name, host.vpnAddress + port).covered);
    CHECK(jobNamed(stack, exporter.name, host.name + port).covered);
    CHECK_FALSE(jobNamed(stack, exporter.name, host.vpnAddress + ":1").covered);
    CHECK_FALSE(jobNamed(stack, exporter.name, "192.0.2.77" + port).covered);
    // Service and container are names on the same host only.
    const bool here = &host == stack.hostOf(stack.prometheus->project);
    CHECK(jobNamed(stack, exporter.name, exporter.serviceName() + port).covered == here);
    CHECK(jobNamed(stack, exporter.name, "localhost" + port).covered == here);
}

TEST_CASE("a job of the name alone takes the place", "[spec][native]") {
    const auto stack = tests::moments();
    const auto& name = stack.exporters.front().name;
    const auto taken = jobNamed(stack, name, "192.0.2.77:1", name);
    CHECK(taken.nameTaken);
    CHECK_FALSE(taken.covered);
    CHECK_FALSE(jobNamed(stack, name, "192.0.2.77:1").nameTaken);
}

}  // namespace vigie::spec
