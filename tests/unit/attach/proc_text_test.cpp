// Tests attach/proc_text: reads the texts of /proc/PID.

#include "attach/proc_text.hpp"

#include "tests/support/catch.hpp"

namespace vigie::attach {
namespace {

const std::string kId(64, 'a');
const std::string kOther = std::string(63, 'a') + "b";

TEST_CASE("the start time is found behind a name that looks like the end of a name", "[attach]") {
    const auto stat = readStat(
        "4242 (a) S 1 (x) S 17 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 9 0 987654 1000 1 18446744073709551615 "
        "1");
    REQUIRE(stat);
    CHECK(stat->state == 'S');
    CHECK(stat->parent == 17);
    CHECK(stat->startTime == 987654);
}

TEST_CASE("a stat that is cut is none", "[attach]") {
    CHECK_FALSE(readStat(""));
    CHECK_FALSE(readStat("1 (sh) S 1 1"));
    CHECK_FALSE(readStat("1 (sh S 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 9 0 987654"));
    CHECK_FALSE(readStat("1 (sh) S x 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 9 0 987654 1"));
    CHECK_FALSE(readStat("1 (sh) S 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 9 0 -7 1"));
}

TEST_CASE("a process reads files as its file system ids", "[attach]") {
    const auto user = readStatus(
        "Name:\tprometheus\nUid:\t1000\t1001\t1002\t1003\nGid:\t5\t6\t7\t8\nGroups:\t10 20 \n"
        "CapInh:\t0000000000000000\nCapEff:\t00000000a80425fb\n");
    REQUIRE(user);
    CHECK(user->uid == 1003);
    CHECK(user->gid == 8);
    CHECK(user->groups == std::vector<std::uint32_t>{10, 20});
    CHECK(user->capabilities == 0xa80425fb);
}

TEST_CASE("a status without one of the ids is none", "[attach]") {
    CHECK_FALSE(readStatus("Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\t\n"));
    CHECK_FALSE(readStatus("Uid:\t0\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\t\nCapEff:\t0\n"));
    CHECK_FALSE(readStatus("Uid:\t0\t0\t0\t-1\nGid:\t0\t0\t0\t0\nGroups:\t\nCapEff:\t0\n"));
    CHECK_FALSE(readStatus("Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\tx\nCapEff:\t0\n"));
}

TEST_CASE("arguments keep blanks and empty words, and are cut at a limit", "[attach]") {
    using namespace std::string_literals;
    CHECK(readArguments("a\0--b=c d\0\0e\0"s, 10) == std::vector<std::string>{"a", "--b=c d", "", "e"});
    CHECK(readArguments("a\0b"s, 10) == std::vector<std::string>{"a", "b"});
    CHECK(readArguments("a\0b\0c\0"s, 2) == std::vector<std::string>{"a", "b"});
    CHECK(readArguments("", 10).empty());
}

TEST_CASE("the container of a control group is found in each way that engines name it", "[attach]") {
    CHECK(readGroup("0::/system.slice/docker-" + kId + ".scope\n") == kId);
    CHECK(readGroup("0::/docker/" + kId + "\n") == kId);
    CHECK(readGroup("0::/machine.slice/libpod-" + kId + ".scope/container\n") == kId);
    CHECK(readGroup("9:name=systemd:/docker/" + kId + "\n8:pids:/docker/" + kId +
                    "\n0::/system.slice/containerd.service\n") == kId);
    CHECK(readGroup("0::/../docker-" + kId + ".scope\n") == kId);
}

TEST_CASE("of containers inside of each other the innermost counts", "[attach]") {
    CHECK(readGroup("0::/docker/" + kId + "/docker/" + kOther + "\n") == kOther);
    CHECK(readGroup("0::/docker/" + kId + "/system.slice/cron.service\n") == kId);
    CHECK(readGroup("0::/system.slice/cron.service/docker/" + kId + "\n") == kId);
}

TEST_CASE("hierarchies that name different containers name none", "[attach]") {
    CHECK_FALSE(readGroup("9:pids:/docker/" + kId + "\n8:cpu:/docker/" + kOther + "\n"));
}

TEST_CASE("a unit is what systemd's hierarchy names", "[attach]") {
    CHECK(readGroup("0::/system.slice/prometheus.service\n") == "prometheus.service");
    CHECK(readGroup("0::/user.slice/user-0.slice/user@0.service/app.slice/p@1.service\n") == "p@1.service");
    CHECK(readGroup("5:cpu:/system.slice/other.service\n1:name=systemd:/system.slice/prometheus.service\n") ==
          "prometheus.service");
    CHECK_FALSE(readGroup("5:cpu:/system.slice/other.service\n"));
}

TEST_CASE("a control group that names neither is none", "[attach]") {
    CHECK_FALSE(readGroup(""));
    CHECK_FALSE(readGroup("0::/\n"));
    CHECK_FALSE(readGroup("0::/docker/" + kId.substr(1) + "\n"));
    CHECK_FALSE(readGroup("0::/docker/" + std::string(64, 'A') + "\n"));
    CHECK_FALSE(readGroup("0::/docker-" + kId + "\n"));
    CHECK_FALSE(readGroup("garbage"));
}

TEST_CASE("a mount point is read with its blanks, its file system and whether it was replaced", "[attach]") {
    const auto points = readMountinfo(
        "600 590 0:50 / / rw,relatime master:3 - overlay overlay rw\n"
        "601 600 8:1 /srv/my\\040stack/prometheus /etc/prometheus ro - ext4 /dev/sda1 rw\n"
        "602 600 8:1 /srv/p.yml//deleted /etc/p.yml rw - ext4 /dev/sda1 rw\n"
        "603 600 0:51 / /gen rw - tmpfs tmpfs rw\n"
        "not a line\n"
        "604 600 8:1 / /cut rw\n");
    REQUIRE(points.size() == 4);
    CHECK(points[0].type == "overlay");
    CHECK(points[1].id == 601);
    CHECK(points[1].root == "/srv/my stack/prometheus");
    CHECK(points[1].point == "/etc/prometheus");
    CHECK_FALSE(points[1].deleted);
    CHECK(points[2].deleted);
    CHECK(points[2].root == "/srv/p.yml");
    CHECK(points[3].type == "tmpfs");
}

TEST_CASE("who listens at an address is read from the kernel's table of sockets", "[attach]") {
    const std::string table =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        "   0: 0100007F:2382 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1125 1 0 "
        "100\n"
        "   1: 00000000:2382 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1126 1 0 "
        "100\n"
        "   2: 0100007F:2383 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1127 1 0 "
        "100\n"
        "   3: 0100007F:2382 0100007F:8000 01 00000000:00000000 00:00000000 00000000     0        0 1128 1 0 "
        "100\n"
        "   4: 0100007F:2382 00000000:0000 0A\n";
    CHECK(readListeners(table, {"0100007F:2382"}) == std::vector<std::uint64_t>{1125});
    CHECK(readListeners(table, {"0100007F:2382", "00000000:2382"}) == std::vector<std::uint64_t>{1125, 1126});
    CHECK(readListeners(table, {}).empty());
    CHECK(readListeners("", {"0100007F:2382"}).empty());
}

}  // namespace
}  // namespace vigie::attach
