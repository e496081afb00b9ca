// What each host of each example becomes, file by file, secrets masked.

#include "apply/inputs/desired_state.hpp"
#include "kinds/models.hpp"
#include "source/directory.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"

#include <filesystem>

namespace vigie::tests {
namespace {

TEST_CASE("every example renders to its golden files", "[golden][render]") {
    for (const auto& example : std::filesystem::directory_iterator(sourcePath("examples"))) {
        const std::string name = example.path().filename();
        CAPTURE(name);
        const auto loaded = source::loadDirectory(example.path());
        // That facts are missing is no finding.
        REQUIRE(loaded.diagnostics.count(spec::Severity::info) == loaded.diagnostics.all().size());
        for (const auto& host : loaded.document->stack.hosts) {
            const auto target = apply::makeSealedDesiredState(loaded, host.name);
            std::string resources;
            for (const auto& resource : target.desired) {
                resources += resource.id + "\n";
                for (const auto& id : resource.dependsOn) {
                    resources += "  after " + id + "\n";
                }
                if (const auto* file = std::get_if<render::File>(&resource.what)) {
                    checkGolden("render/" + name + "/" + host.name + file->path, file->content.masked());
                } else if (const auto text = kinds::describe(resource); !text.empty()) {
                    resources += "  " + text;
                }
            }
            checkGolden("render/" + name + "/" + host.name + "/resources.txt", resources);
        }
    }
}

}  // namespace
}  // namespace vigie::tests
