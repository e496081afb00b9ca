// Tests controller/words.

#include "controller/words.hpp"

#include "tests/support/catch.hpp"

namespace vigie::controller {
namespace {

TEST_CASE("a revision is matched by at least twelve leading digits of its commit", "[controller]") {
    const std::string commit = "0123456789abcdef0123456789abcdef01234567";
    CHECK(isRevision(commit, commit));
    CHECK(isRevision(commit, commit.substr(0, 12)));
    for (const auto& name : {std::string(), commit.substr(0, 11), commit.substr(1, 12), commit + "8",
                             std::string("0123456789ABCDEF"), std::string("refs/heads/main")}) {
        INFO(name);
        CHECK_FALSE(isRevision(commit, name));
    }
    CHECK_FALSE(isRevision("", ""));
}

}  // namespace
}  // namespace vigie::controller
