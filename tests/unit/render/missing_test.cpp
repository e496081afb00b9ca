// A document that names a project which it does not have is refused before it is rendered; should one come
// through, that is an error and no crash.
#include "base/error.hpp"
#include "render/host.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <functional>

namespace vigie::render {
namespace {

TEST_CASE("a reference to a missing project renders to an error or to nothing", "[render]") {
    using Change = std::function<void(spec::Stack&)>;
    const std::vector<Change> changes = {
        [](spec::Stack& s) { s.exporters[0].project.clear(); },
        [](spec::Stack& s) { s.applications[0].project.clear(); },
        [](spec::Stack& s) { s.prometheus->project.clear(); },
        [](spec::Stack& s) { s.alertmanager->project.clear(); },
        [](spec::Stack& s) { s.jaeger->project.clear(); },
        [](spec::Stack& s) { s.projects[0].host = "nobody"; },
        [](spec::Stack& s) { s.projects[1].host.clear(); },
        [](spec::Stack& s) { s.projects.clear(); },
    };
    std::size_t errors = 0;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        CAPTURE(i);
        spec::Stack stack = tests::moments();
        changes[i](stack);
        for (const auto& host : stack.hosts) {
            try {
                const auto resources = renderHost(stack, host, {});
                CHECK_FALSE(resources.empty());
            } catch (const Error& error) {
                ++errors;
                CHECK(std::string(error.what()).find("that does not exist") != std::string::npos);
            }
        }
    }
    CHECK(errors > 0);
}

}  // namespace
}  // namespace vigie::render
