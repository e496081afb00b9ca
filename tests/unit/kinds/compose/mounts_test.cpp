// Tests apply/mounts: What the kernel says of the mounts of a process.
#include "kinds/compose/mounts.hpp"

#include "tests/support/catch.hpp"

namespace vigie::apply {
namespace {

TEST_CASE("a mount whose source was removed or replaced is found in mountinfo", "[apply]") {
    CHECK(deletedMounts(
              "1 0 0:50 / / rw,relatime - overlay overlay rw,lowerdir=/a:/b\n"
              "2 1 8:1 /opt/monitoring/prometheus//deleted /etc/prometheus ro,relatime - ext4 /dev/sda1 rw\n"
              "3 1 8:1 /opt/monitoring/prom-data /prometheus rw,relatime - ext4 /dev/sda1 rw\n"
              "4 1 8:1 /opt/two\\040words//deleted /etc/two\\040words rw - ext4 /dev/sda1 rw\n"
              "5 1 8:1 //deleted /whole rw - ext4 /dev/sda1 rw\n"
              "6 1\n") == std::set<std::string>{"/etc/prometheus", "/etc/two words"});
    CHECK(deletedMounts("").empty());
}

}  // namespace
}  // namespace vigie::apply
