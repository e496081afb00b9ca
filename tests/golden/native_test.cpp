// What native configuration becomes: each directory of tests/golden/native is a rule of the merge.

#include "apply/inputs/desired_state.hpp"
#include "source/directory.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"

#include <filesystem>

namespace vigie::tests {
namespace {

/// The files of the directories of configuration, as anybody may see them.
std::string filesOf(const source::Loaded& loaded) {
    std::string out;
    const auto target = apply::makeSealedDesiredState(loaded, loaded.document->stack.hosts.front().name);
    for (const auto& resource : target.desired) {
        const auto* file = std::get_if<render::File>(&resource.what);
        if (file == nullptr || (file->path.find("/prometheus/") == std::string::npos &&
                                file->path.find("/alertmanager/") == std::string::npos)) {
            continue;
        }
        const auto user = " (0400, of " + std::to_string(file->owner.uid) + ")";
        out += "=== " + file->path + (file->mode == 0400 ? user : "") + "\n" + file->content.masked();
    }
    return out;
}

TEST_CASE("every native configuration renders to its golden file", "[golden][native]") {
    std::size_t cases = 0;
    for (const auto& entry : std::filesystem::directory_iterator(sourcePath("tests/golden/native"))) {
        const std::string name = entry.path().filename();
        CAPTURE(name);
        const auto loaded = source::loadDirectory(entry.path());
        for (const auto& diagnostic : loaded.diagnostics.all()) {
            CAPTURE(diagnostic.code, diagnostic.file, diagnostic.at.line, diagnostic.message);
            CHECK(diagnostic.severity == spec::Severity::info);
        }
        REQUIRE(loaded.usable());
        checkGolden("native/" + name + "/expected.txt", filesOf(loaded));
        ++cases;
    }
    CHECK(cases >= 6);
}

}  // namespace
}  // namespace vigie::tests
