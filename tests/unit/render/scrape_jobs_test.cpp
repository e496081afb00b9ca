// The jobs that follow from a document.

#include "render/scrape_jobs.hpp"

#include "render/host.hpp"
#include "render/prometheus.hpp"
#include "spec/jobs.hpp"
#include "spec/load.hpp"
#include "spec/read_yaml.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"

#include <algorithm>
#include <filesystem>

namespace vigie::render {
namespace {

spec::Node configurationOn(const spec::Stack& stack, const spec::Replica& server) {
    const std::string path = prometheusDirectory(*stack.project(server.project)) + "/" + kPrometheusFile;
    for (const auto& resource : renderHost(stack, *stack.hostOf(server.project), {})) {
        if (resource.id == "file:" + path) {
            spec::Diagnostics diagnostics;
            return spec::readYaml(std::get<File>(resource.what).content.masked(), path, diagnostics).value();
        }
    }
    FAIL(path << " is not rendered");
    return {};
}

/// Every target of a derived job has the label `site` of some host.
std::size_t checkLabels(const spec::Stack& stack, const spec::Node& configuration) {
    const auto derived = spec::derivedJobs(stack);
    std::size_t seen = 0;
    for (const auto& job : configuration.find("scrape_configs")->items) {
        const auto& name = job.find("job_name")->scalar;
        if (std::find(derived.begin(), derived.end(), name) == derived.end()) {
            continue;
        }
        for (const auto& group : job.find("static_configs")->items) {
            CAPTURE(name);
            REQUIRE(group.find("labels") != nullptr);
            const auto* site = group.find("labels")->find("site");
            REQUIRE(site != nullptr);
            CHECK(stack.host(site->scalar) != nullptr);
            ++seen;
        }
    }
    return seen;
}

TEST_CASE("labels of hosts are on every target that is derived for them", "[render]") {
    std::size_t seen = 0;
    for (const auto& example : std::filesystem::directory_iterator(tests::sourcePath("examples"))) {
        const std::string name = example.path().filename();
        CAPTURE(name);
        spec::Diagnostics diagnostics;
        auto stack = spec::loadStack(tests::readSource("examples/" + name + "/stack.yaml"), "stack.yaml",
                                     "0.1.0", diagnostics)
                         .value()
                         .stack;
        for (auto& host : stack.hosts) {
            host.labels = {{"site", host.name}};
        }
        for (const auto& server : stack.prometheus->servers()) {
            seen += checkLabels(stack, configurationOn(stack, server));
        }
    }
    CHECK(seen > 20);
}

TEST_CASE("the targets of Prometheus itself and of the controllers have their hosts' labels", "[render]") {
    spec::Diagnostics diagnostics;
    auto stack = spec::loadStack(tests::readSource("examples/self-monitoring/stack.yaml"), "stack.yaml",
                                 "0.1.0", diagnostics)
                     .value()
                     .stack;
    for (auto& host : stack.hosts) {
        host.labels = {{"site", "at-" + host.name}};
    }
    const auto server = stack.prometheus->servers().front();
    const auto configuration = configurationOn(stack, server);
    for (const auto& job : configuration.find("scrape_configs")->items) {
        const auto& name = job.find("job_name")->scalar;
        const auto& groups = job.find("static_configs")->items;
        if (name == "prometheus") {
            CHECK(groups.at(0).find("labels")->find("site")->scalar ==
                  "at-" + stack.hostOf(server.project)->name);
        } else if (name == "vigie") {
            REQUIRE(groups.size() == stack.hosts.size());
            for (std::size_t i = 0; i < groups.size(); ++i) {
                CHECK(groups[i].find("labels")->find("site")->scalar == "at-" + stack.hosts[i].name);
                CHECK(groups[i].find("labels")->find("instance")->scalar == stack.hosts[i].name);
            }
        }
    }
}

}  // namespace
}  // namespace vigie::render
