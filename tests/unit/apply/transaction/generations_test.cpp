// Tests apply/generations: which of the documents that were applied is meant.
#include "apply/transaction/generations.hpp"

#include "base/error.hpp"
#include "tests/support/catch.hpp"

namespace vigie::apply {
namespace {

const std::vector<state::Generation> kThree = {
    {3, 0, "164338e0c566", "", ""}, {2, 0, "c873a1fc8281", "", ""}, {1, 0, "", "", ""}};

std::int64_t chosen(const std::string& wanted) {
    return chooseGeneration(kThree, wanted).number;
}

TEST_CASE("a generation is meant by its number before a revision that begins with it", "[apply]") {
    CHECK(chosen("1") == 1);
    CHECK(chosen("3") == 3);
    CHECK(chosen("16") == 3);
    CHECK(chosen("c873") == 2);
}

TEST_CASE("without a name the generation before the newest is meant", "[apply]") {
    CHECK(chosen("") == 2);
    CHECK_THROWS_AS(chooseGeneration({kThree.front()}, ""), Error);
}

TEST_CASE("a generation that nobody knows is an error", "[apply]") {
    CHECK_THROWS_AS(chosen("4"), Error);
    CHECK_THROWS_AS(chosen("164338e0c5661"), Error);
}

}  // namespace
}  // namespace vigie::apply
