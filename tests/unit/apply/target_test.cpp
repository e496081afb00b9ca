#include "apply/target.hpp"

#include "system/memory_files.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::apply {
namespace {

TEST_CASE("what one can go back to is the document and the files that it names", "[apply]") {
    auto loaded = source::loadDirectory(tests::sourcePath("examples/moments"));
    REQUIRE(loaded.sources.size() > 1);  // facts are read too, and are no part of it
    const system::MemoryFiles files;
    const auto target = makeTarget(loaded, {"vm", "", "/var/lib/vigie", true, {}}, files);
    std::vector<std::string> names;
    for (const auto& [name, text] : target.bundle) {
        names.push_back(name);
    }
    CHECK(names ==
          std::vector<std::string>{"rules/alerting-rules.yml", "rules/recording-rules.yml", "stack.yaml"});
}

}  // namespace
}  // namespace vigie::apply
