// Tests controller/server/limits.

#include "controller/server/limits.hpp"

#include "tests/support/catch.hpp"

namespace vigie::controller {
namespace {

TEST_CASE("connection limits fit into half of the file descriptors, and are never below eight",
          "[controller][server]") {
    for (const std::size_t descriptors : {0U, 3U, 16U, 64U, 256U, 1024U, 4096U, 1048576U}) {
        const auto limits = fitDescriptors({}, descriptors);
        INFO(descriptors);
        CHECK(limits.connections <= std::max<std::size_t>(descriptors / 2, 8));
        CHECK(limits.connections <= Limits{}.connections);
        // There is room for both, always.
        CHECK(limits.connectionsForSocket >= 2);
        CHECK(limits.connectionsPerListener >= 6);
        CHECK(limits.connectionsPerListener + limits.connectionsForSocket <= limits.connections);
    }
    CHECK(fitDescriptors({}, 1048576).connections == 1024);
    CHECK(fitDescriptors({}, 1024).connections == 512);
}

}  // namespace
}  // namespace vigie::controller
