// Tests apply/facts_age.
#include "apply/probes/facts_age.hpp"

#include "system/memory_files.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::apply {
namespace {

TEST_CASE("a plan notes facts that were collected from another compose file than the host has", "[facts]") {
    const std::string path = "/compose.yaml";
    system::MemoryFiles files;
    files.write(path, "services: { a: { image: \"a:1\" } }\n", 0644, std::nullopt);
    facts::HostFacts facts;
    const auto notes = [&] { return outdatedFacts(facts, "vps", files); };
    CHECK(notes().empty());
    facts.projects.emplace().push_back({"moments", "/", {path}, {}, {}, {}});
    auto& digests = facts.projects->at(0).digests;
    digests[path] = facts::composeFileDigest(view(files.read(path, 1000)));
    CHECK(notes().empty());
    SECTION("the compose file has changed") {
        files.write(path, "services: { a: { image: \"a:2\" } }\n", 0644, std::nullopt);
        REQUIRE(notes().size() == 1);
        CHECK(tests::contains(notes()[0], "facts/vps.json was made of another /compose.yaml"));
    }
    SECTION("the compose file is missing, or its path is not absolute") {
        digests = {
            {"/gone.yaml", "x"}, {"compose.yaml", "x"}, {"/a/../compose.yaml", "x"}, {"/", "x"}, {"", "x"}};
        CHECK(notes().empty());
    }
}

}  // namespace
}  // namespace vigie::apply
